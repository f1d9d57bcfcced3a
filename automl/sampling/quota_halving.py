"""Successive halving with a quota: the pruner that a search uses by default.

Called by Optuna through `automl.sampling.sampler.Sampling.report`, after every epoch, and at
a glimpse.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass, field

from optuna import Study
from optuna.pruners import BasePruner
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

GLIMPSE_REDUCTION = 2
"""Less than at the rungs of whole epochs: a glimpse says less."""

SPARED = 0.1
SPARED_LATER = 0.2
FIRST_TRIALS = 100
"""Shares of trials that are spared the glimpse and the first rung, among the first so many and
after them. Half of those are spared the next rung too, and so on; see `benchmarks/README.md`."""

MOST_SPARED = 3
"""Rungs that a trial can be spared."""

HOPELESS = 2 / 3
ENOUGH = 5
"""A trial that is worse than this share of a rung after the first, with so many to compare with,
is spared no more."""

LATEST = 2 / 3
"""Share of a training after which it is not judged any more: an end after 9 of 12 epochs saves a
quarter, and leaves a trial that cannot be a member of an ensemble. In replays it costs nothing, and
seven trials come to their end where it was four, see ``benchmarks/README.md``."""

_GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, without their whole part, are spread evenly."""


@dataclass(slots=True)
class _Rung:
    """The costs (lower is better) of all trials that came this far, and how many went on."""

    reduction: int
    costs: list[float] = field(default_factory=list)
    promoted: int = 0


class QuotaHalvingPruner(BasePruner):
    """At each rung, the best of every `reduction` trials goes on, and hardly more.

    Li et al. 2020 (ASHA, arXiv 1810.05934) let a trial go on when it is in the top 1/reduction of
    its rung. Optuna decides this when the trial arrives, and does not take it back; but a sampler
    that learns proposes trials that are better than nearly all before them, so that nearly all go
    on: on MNIST, 42 of 100 came to the last rung, 551 epochs in all. Here a rung also has a
    quota, a promotion for every `reduction` arrivals, rounded up; with it, 11 came to the last
    rung, 246 epochs in all.

    A trial that is the best of its rung so far always goes on, or the best of all could be dropped
    for having come at a bad moment. That is rare: 3 of 100 at the first rung of that search.

    Rung 0 is the glimpse in the middle of the first epoch, where there is one: of those that come
    there the better half goes on.

    What is slow at first would never be seen at its end, and a sampler would learn of the end from
    the quick ones alone. So some trials are spared the first rungs, as in the brackets of Hyperband
    (Li et al. 2018, JMLR 18): their scores count there, but do not end them. One that is still
    among the worst after the first rung was not slow, but bad: a search on MNIST trained one to its
    end that had 0.18 after three epochs, where others had 0.99.

    Parameters
    ----------
    first : int
        Epochs of the first rung; each next one lies `reduction` times as far.
    reduction : int
    max_epochs : int
        The full budget; rungs lie within `LATEST` of it.

    Attributes
    ----------
    in_rounds : bool
        Whether trials are judged against those of earlier rounds only, whatever has come since;
        `end_round` takes in those of this one.
    """

    def __init__(self, first: int, reduction: int, max_epochs: int) -> None:
        self._rungs: dict[int, _Rung] = {0: _Rung(GLIMPSE_REDUCTION)}
        self._loaded = False
        self._max_epochs = max_epochs
        self.in_rounds = False
        self._arrived: list[tuple[int, int, float, bool]] = []
        self._epochs: list[int] = []
        epoch = first
        while epoch <= LATEST * max_epochs:
            self._rungs[epoch] = _Rung(reduction)
            self._epochs.append(epoch)
            epoch *= reduction

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Decide whether the trial ends at the epoch that it has just reported."""
        sign = -1.0 if study.direction is StudyDirection.MAXIMIZE else 1.0
        if not self._loaded:
            self._load(study, trial.number, sign)
        step = trial.last_step
        if step is None or step not in self._rungs:
            return False
        rung = self._rungs[step]
        cost = sign * trial.intermediate_values[step]
        if math.isnan(cost):
            return True
        quota = math.ceil((len(rung.costs) + 1) / rung.reduction)
        rank = bisect_left(rung.costs, cost)
        spared = step < self._judged_from(trial.number) and not self._is_hopeless(step, rank)
        goes_on = not spared and (rank == 0 or (rank < quota and rung.promoted < quota))
        self._arrived.append((trial.number, step, cost, goes_on))
        if not self.in_rounds:
            self.end_round()
        return not (goes_on or spared)

    def _judged_from(self, number: int) -> int:
        """Return the step of the first rung at which a trial is judged."""
        share = SPARED if number < FIRST_TRIALS else SPARED_LATER
        place = number * _GOLDEN % 1.0
        rungs = sum(place > 1.0 - share / 2**i for i in range(MOST_SPARED))
        if rungs == 0:
            return 0
        return self._epochs[rungs] if rungs < len(self._epochs) else self._max_epochs

    def _is_hopeless(self, step: int, rank: int) -> bool:
        arrived = len(self._rungs[step].costs)
        return step > self._epochs[0] and arrived >= ENOUGH and rank > HOPELESS * arrived

    def end_round(self) -> None:
        """Take in all that has come since the last round, in the order of the trials."""
        for _, step, cost, goes_on in sorted(self._arrived):
            rung = self._rungs[step]
            insort(rung.costs, cost)
            rung.promoted += goes_on
        self._arrived.clear()

    def _load(self, study: Study, number: int, sign: float) -> None:
        """Take in the trials of earlier runs."""
        self._loaded = True
        for trial in study.get_trials(deepcopy=False):
            values = trial.intermediate_values
            for epoch, rung in self._rungs.items():
                if trial.number != number and epoch in values and not math.isnan(values[epoch]):
                    insort(rung.costs, sign * values[epoch])
                    rung.promoted += max(values) > epoch >= self._judged_from(trial.number)
