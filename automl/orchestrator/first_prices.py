"""How long each family's first trial takes, as far as it can be told before it is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from automl.config import SearchConfig
from automl.models import FAMILIES
from automl.orchestrator.problem import Problem
from automl.space.space import FAMILY
from automl.training.jobs import variant_of
from automl.training.recipe import Recipe
from automl.trial import TrialRecord

OPERATIONS_A_SECOND = 5e10
"""Of one core. Trainings of `inception` on series of the UCR archive went at 3.6e10 to 7e10."""

BACKWARD = 3
"""A training step takes as many times the operations of a pass forward."""


def first_prices(config: SearchConfig, problem: Problem) -> dict[str, float] | None:
    """Return the seconds of each family's first start configuration, trained in full.

    Early stopping, and a machine with other work, are not known here: it may be half of it, or
    several times as much.

    Returns
    -------
    dict of str to float or None
        None where families shall have as many trials, and not as much time: without a time
        budget; and without folds, where a trial is one training and glimpses end the worst.
    """
    if config.time_budget is None or problem.folds is None:
        return None
    prices = {}
    for name in problem.space.families:
        space = problem.space.of_family(name)
        params = {**space.fixed, **(space.start[0] if space.start else {})}
        recipe, family = Recipe.parse(params), FAMILIES.get(name)
        inputs = problem.data.fitted(variant_of(params)).preprocessing.inputs
        cost = family.cost(recipe.model, inputs, problem.dataset.task.n_outputs)
        passes = 1 if family.trains_output_alone else BACKWARD * problem.max_epochs
        rows = problem.folds.total * len(problem.dataset.train)
        prices[name] = cost.operations * rows * passes / OPERATIONS_A_SECOND
    return prices


def not_begun(
    prices: Mapping[str, float], records: Sequence[TrialRecord], left: float
) -> Iterator[str]:
    """Yield a line about the families that had no trial, for it may take more than what is left.

    Parameters
    ----------
    prices : mapping of str to float
        What `first_prices` returned.
    records : sequence of TrialRecord
        All trials.
    left : float
        Seconds of the time budget.
    """
    begun = {record.params[FAMILY] for record in records}
    found = [f"{n} ({p:.0f} s)" for n, p in prices.items() if n not in begun and p > left]
    if found:
        yield f"not begun, for a first trial may take more than the time left: {', '.join(found)}"
