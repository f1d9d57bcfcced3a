"""A long history thinned for a sampler, whose cost grows with every trial it looks at."""

from __future__ import annotations

from collections.abc import Container

from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

KEPT = 500
"""Trials that a sampler gets to see of a longer history, and up to half as many again on top."""

BEST = 100
"""Of them, the best. TPE models the 25 best of any history as good (`default_gamma` in Optuna),
so thinning changes only its picture of the others."""


class ThinnedStorage(InMemoryStorage):
    """Keeps every trial, and shows a sampler the best of them and an even sample of the rest.

    What it costs in quality, and what it saves, stands in ``benchmarks/README.md``.

    Parameters
    ----------
    direction : {"maximize", "minimize"}
    """

    def __init__(self, direction: str) -> None:
        super().__init__()
        self._sign = -1.0 if direction == "maximize" else 1.0
        self._chosen: list[int] = []
        self._next = 0  # all trials before this number have been chosen or left out

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Return the trials, thinned when complete and pruned ones are asked for together."""
        if deepcopy or not states or self.get_n_trials(study_id) <= KEPT:
            return super().get_all_trials(study_id, deepcopy, states)
        if TrialState.COMPLETE not in states or TrialState.PRUNED not in states:
            return super().get_all_trials(study_id, deepcopy, states)
        thinned = self._thinned(super().get_all_trials(study_id, deepcopy=False))
        return [t for t in thinned if t.state in states]

    def _thinned(self, trials: list[FrozenTrial]) -> list[FrozenTrial]:
        if len(self._chosen) + len(trials) - self._next > KEPT * 3 // 2:
            self._choose(trials)
        return [trials[i] for i in self._chosen] + trials[self._next :]

    def _choose(self, trials: list[FrozenTrial]) -> None:
        running = [t.number for t in trials if not t.state.is_finished()]
        finished = sorted((t for t in trials if t.state.is_finished()), key=self._rank)
        rest = sorted(t.number for t in finished[BEST:])
        places = KEPT - BEST
        sample = [rest[i * len(rest) // places] for i in range(places)]
        self._chosen = sorted({*(t.number for t in finished[:BEST]), *sample, *running})
        self._next = len(trials)

    def _rank(self, trial: FrozenTrial) -> tuple[int, int, float]:
        """Return a key in TPE's order: complete trials, then pruned ones by how far they came."""
        if trial.value is not None and trial.state is TrialState.COMPLETE:
            return 0, 0, self._sign * trial.value
        step = trial.last_step
        if step is None:
            return 2, 0, 0.0
        return 1, -step, self._sign * trial.intermediate_values[step]
