"""Sampling over several families: a study for each, and the trials go to those that are ahead.

The other way is a single study whose TPE draws the family as one parameter among others, and a
single pruner. ``benchmarks/families.py`` measures both over the same spaces. In 40 trials on three
seeds each, this way was ahead on diabetes (3 of 3) and digits (1, twice even), and behind on
friedman1 (2 of 3, by 0.04 of a root mean square of 1.2). On MNIST (one seed) it came to 99.43 %
with `cnn` in 104 s; the other came to 99.09 % with `mlp` in 47 s, because whoever is slow at first
is dropped beside a quick starter.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from optuna.distributions import CategoricalDistribution
from optuna.trial import FrozenTrial

from automl.sampling.candidates import Asked, Candidates, Told
from automl.sampling.rounds import ROUND
from automl.sampling.sampler import Sampling
from automl.seeds import derive_seed
from automl.space.domains import Params
from automl.space.space import FAMILY, SearchSpace, in_family, of_family
from automl.trial import TrialResult

FIRST = ROUND
"""Trials that every family gets before the first is dropped, the space's start configurations
among them. With the size of a round, families are dropped between rounds."""


@dataclass(slots=True)
class _Family:
    """One family's part of the search."""

    name: str
    sampling: Sampling
    asked: int = 0
    finished: int = 0
    best: float = -math.inf
    spent: float = 0.0
    price: float = 0.0

    def pay(self, seconds: float) -> None:
        """Take in what a finished trial took; the next one is expected to take the mean."""
        self.spent += seconds
        self.price = self.spent / self.finished


class FamilySampling(Candidates):
    """Successive halving over families (Jamieson and Talwalkar 2016, arXiv 1502.07943).

    All families get `FIRST` trials in turn; then the better half of them, rounded up, goes on with
    as many again as they had, and so on, until one is left that gets all that remain. Families
    are ranked by the best validation score that any epoch of theirs had. Each has a sampler and a
    pruner of its own, so that no model is blurred by parameters of another family, and a slow
    starter is judged beside its like.

    Parameters
    ----------
    kind : type
        `Sampling`, or `automl.sampling.rounds.RoundSampling`.
    space : SearchSpace
        Space of several families.
    direction, seed, past, taken, options
        As in `Sampling`.
    in_rounds : bool
        Whether nothing may depend on which worker was faster: a family is only dropped when all
        that was asked for before is finished.
    prices : mapping of str to float, optional
        Seconds that each family's first trial is expected to take. With it families get equal
        time, and not as many trials: one begins when the others have spent what its trial costs,
        and only where that much time is left. So a minute is not over before the first trial of
        a slow family is.
    left : callable
        Returns the seconds that are left.
    """

    def __init__(
        self,
        kind: type[Sampling],
        space: SearchSpace,
        direction: Literal["maximize", "minimize"],
        *,
        seed: int,
        past: Iterable[FrozenTrial] = (),
        in_rounds: bool = False,
        taken: Collection[Params] = (),
        prices: Mapping[str, float] | None = None,
        left: Callable[[], float] = lambda: math.inf,
        **options: Any,
    ) -> None:
        past = list(past)
        self._sign = 1.0 if direction == "maximize" else -1.0
        self._choices = CategoricalDistribution(space.families)
        self._in_rounds = in_rounds
        self._by_time = prices is not None
        self._left_seconds = left
        self._families: dict[str, _Family] = {}
        for i, name in enumerate(space.families):
            own = [_own(t, name, space.families) for t in past if t.params[FAMILY] == name]
            sampling = kind(
                space.of_family(name),
                direction,
                seed=derive_seed(seed, i),
                past=own,
                taken=[_without(of_family(t, name, space.families)) for t in taken],
                **options,
            )
            price = prices[name] if prices else 0.0
            self._families[name] = _Family(name, sampling, price=price)
        self._racing = list(self._families.values())
        self._quota = FIRST
        self._by_number: dict[int, tuple[_Family, int]] = {}
        self._next = len(past)
        self._left = [t for t in past if not t.state.is_finished()]
        for trial in past:
            family = self._families[trial.params[FAMILY]]
            family.asked += 1
            if trial.state.is_finished():
                for step, score in trial.intermediate_values.items():
                    self._see(family, step, score)
                self._finish(family, _seconds(trial))

    @property
    def ready(self) -> bool:
        if self._left:
            return self._families[self._left[0].params[FAMILY]].sampling.ready
        due = len(self._racing) > 1 and all(f.asked >= self._quota for f in self._begun())
        if self._in_rounds and due:
            return False
        return self._turn().sampling.ready

    def settled(self, number: int) -> bool:
        found = self._by_number.get(number)  # an earlier run's is not there
        return found is None or found[0].sampling.settled(found[1])

    def ask(self) -> Asked:
        if self._left:  # an earlier search left it unfinished: it comes first, under its number
            trial = self._left.pop(0)
            number, family = trial.number, self._families[trial.params[FAMILY]]
        else:
            number, family = self._next, self._turn()
            family.asked += 1
            self._next += 1
        asked = family.sampling.ask()
        self._by_number[number] = family, asked.number
        return Asked(
            number,
            asked.params,
            {FAMILY: self._choices, **in_family(asked.distributions, family.name)},
            {FAMILY: family.name, **in_family(asked.drawn, family.name)},
            asked.drawn_by,
        )

    def report(self, number: int, step: int, score: float) -> bool:
        family, own = self._by_number[number]
        self._see(family, step, score)
        return family.sampling.report(own, step, score)

    def tell(self, number: int, result: TrialResult) -> Told:
        family, own = self._by_number[number]
        told = family.sampling.tell(own, result)
        self._finish(family, result.seconds)
        return told

    def _turn(self) -> _Family:
        if not self._by_time:
            return min(self._racing, key=lambda family: family.asked)
        left = self._left_seconds()
        fitting = [f for f in self._racing if f.price <= left]
        if not fitting:
            return min(self._racing, key=lambda family: family.price)
        return min(fitting, key=lambda f: f.spent + (f.asked - f.finished + 1) * f.price)

    def _begun(self) -> list[_Family]:
        """Return the families that had a trial; of those without one, none is told to be worse."""
        return [f for f in self._racing if f.asked or not self._by_time]

    def _see(self, family: _Family, step: int, score: float) -> None:
        if step > 0 and not math.isnan(score):  # not a glimpse, which sees few rows
            family.best = max(family.best, self._sign * score)

    def _finish(self, family: _Family, seconds: float) -> None:
        """Count a finished trial, and drop who is behind when all have had their share."""
        family.finished += 1
        family.pay(seconds)
        while len(begun := self._begun()) > 1 and all(f.finished >= self._quota for f in begun):
            ranked = sorted(begun, key=lambda f: -f.best)
            behind = ranked[math.ceil(len(ranked) / 2) :]
            self._racing = [f for f in self._racing if f not in behind]
            self._quota *= 2


def _own(trial: FrozenTrial, family: str, families: tuple[str, ...]) -> FrozenTrial:
    """Return a trial as the study of its family alone would have it."""
    plain = copy.copy(trial)
    plain.params = _without(of_family(trial.params, family, families))
    plain.distributions = _without(of_family(trial.distributions, family, families))
    return plain


def _seconds(trial: FrozenTrial) -> float:
    return trial.duration.total_seconds() if trial.duration else 0.0


def _without(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != FAMILY}
