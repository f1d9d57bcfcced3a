"""How large networks may be: prices in units of a family's first start configuration."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from automl.models import FAMILIES
from automl.orchestrator.problem import Problem
from automl.space.domains import Params
from automl.space.space import FAMILY, SearchSpace
from automl.training.jobs import variant_of

FIXED_SHARE = 0.3
"""Share of an epoch that does not grow with a network's operations. Of 44 networks of `cnn` on
MNIST, with 0.25 to 3 times the operations of the start configuration, the seconds of an epoch grew
with the operations to the power of 0.63 (correlation of the logarithms 0.93)."""

LIMITED = ("cnn",)
"""Families whose spaces have networks that differ by far more than the time for them."""

USUAL = 1.5
"""Price up to which networks are drawn from ``cnn.yaml`` without a time budget."""

SHARE = 10
"""With one, the dearest network takes this part of it to be trained in full."""

Allows = Callable[[Params], bool]


def dearest_within(full_trainings: float) -> float:
    """Return the price of the dearest network where so many of price 1 can be trained in full."""
    return max(1.0, full_trainings / SHARE)


def make_limit(problem: Problem) -> Allows | None:
    """Return what tells whether a candidate's network is not too dear.

    Returns
    -------
    callable or None
        Takes parameters; None where nothing is too dear.
    """
    if math.isinf(problem.dearest):
        return None
    first = {}
    for name in set(problem.space.all_families) & set(LIMITED):
        space = problem.space.of_family(name) if problem.space.families else problem.space
        if space.start:
            first[name] = {**space.fixed, **space.start[0]}
    inputs = {
        name: problem.data.fitted(variant_of(params)).preprocessing.inputs
        for name, params in first.items()
    }
    outputs = problem.dataset.task.n_outputs

    def operations(family: str, params: Params) -> int:
        kind = FAMILIES.get(family)
        model = {n.removeprefix("model."): v for n, v in params.items() if n.startswith("model.")}
        return kind.cost(kind.Settings(**model), inputs[family], outputs).operations

    units = {name: operations(name, params) for name, params in first.items()}

    def allows(params: Params) -> bool:
        family = str(params[FAMILY])
        if not units.get(family):
            return True
        price = FIXED_SHARE + (1 - FIXED_SHARE) * operations(family, params) / units[family]
        return price <= problem.dearest

    return allows


def without_dear_starts(space: SearchSpace, allows: Allows | None) -> SearchSpace:
    """Return the space without start configurations that are too dear; the first always stays."""
    if allows is None:
        return space

    def change(one: SearchSpace) -> SearchSpace:
        kept = [s for s in one.start[1:] if allows({**one.fixed, **s})]
        return replace(one, start=(*one.start[:1], *kept))

    return space.each_family(change)
