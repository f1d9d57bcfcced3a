"""Ask Optuna: samplers by name, over a study in memory.

The study that people look at is in a database; this one is where candidates are drawn and bad
trials are judged, because there it costs a tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal

from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from automl.sampling.candidates import Asked, Candidates, Told
from automl.sampling.model_sampler import ModelSampler
from automl.sampling.pruners import PRUNERS
from automl.sampling.surrogates import Forest, Smooth
from automl.sampling.thinned_storage import ThinnedStorage
from automl.sampling.tpe_patch import speed_up
from automl.seeds import derive_seed
from automl.space.domains import Params
from automl.space.space import SearchSpace
from automl.study.memory_study import memory_study
from automl.trial import DrawnBy, TrialResult, TrialStatus
from automl.warning_filters import warnings_as


def _tpe(seed: int) -> BaseSampler:
    speed_up()
    return TPESampler(seed=seed)


SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    "forest": lambda seed: ModelSampler(seed, Forest),
    "tpe": _tpe,
    "gp": lambda seed: ModelSampler(seed, Smooth),
    "cmaes": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "random": lambda seed: RandomSampler(seed=seed),
    # Scrambled, or every seed and every resumed study would begin the same sequence.
    "qmc": lambda seed: QMCSampler(
        scramble=True,
        seed=seed,
        warn_independent_sampling=False,
        warn_asynchronous_seeding=False,
    ),
}

TRIES = 100
"""How often a candidate is drawn again that may not be tried, before it is tried all the same."""


class _Shared(dict[str, BaseDistribution]):
    """Distributions that all trials with the same ones share; `Study.tell` returns a deep copy."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Shared:
        return self


_NOTHING: dict[str, Any] = {}
"""Shared by all trials without notes; Optuna replaces such a dictionary, and does not change it."""


class Sampling(Candidates):
    """Draws candidates, judges epochs and learns from results.

    Parameters
    ----------
    space : SearchSpace
    direction : {"maximize", "minimize"}
    seed : int
        The study's seed.
    sampler, pruner : str
        Keys of `SAMPLERS` and `PRUNERS`.
    max_epochs : int
    past : iterable of FrozenTrial
        Trials of earlier runs, by number.
    whole : int
        Start configurations, the first of the space, that are trained in full whatever the pruner
        says.
    taken : collection of dict
        Those of the start configurations that come from earlier studies.
    allows : callable, optional
        Tells of parameters whether they may be tried; what is drawn and may not is drawn again.
    """

    def __init__(
        self,
        space: SearchSpace,
        direction: Literal["maximize", "minimize"],
        *,
        seed: int,
        sampler: str = "gp",
        pruner: str = "none",
        max_epochs: int = 1,
        past: Iterable[FrozenTrial] = (),
        whole: int = 1,
        taken: Collection[Params] = (),
        allows: Callable[[Params], bool] | None = None,
    ) -> None:
        past = list(past)
        self._allows = allows
        self.space, self._past, self._taken = space, len(past), taken
        self._whole = min(whole, len(space.start))
        with warnings_as("ignore", ExperimentalWarning):  # qmc, since Optuna 3.0
            # Past trials are part of the seed, or a resumed study would draw its first
            # candidates once more.
            drawing = SAMPLERS[sampler](derive_seed(seed, len(past)) % 2**32)
        if allows is not None and isinstance(drawing, ModelSampler):
            drawing.allows = lambda drawn: allows({**space.fixed, **drawn})
        self._study = memory_study(
            # Hyperband's brackets depend on the name; without one they would be random.
            study_name="sampling",
            storage=ThinnedStorage(direction),
            direction=direction,
            sampler=drawing,
            pruner=PRUNERS[pruner](max_epochs),
        )
        self._live: dict[int, Trial] = {}
        self._distributions: dict[tuple[str, ...], _Shared] = {}
        for trial in past:
            if trial.state.is_finished():
                self._study.add_trial(_known(trial))
            else:  # an earlier search left it unfinished: it comes first, under its own number
                self._study.enqueue_trial(trial.params)
        for start in space.start[len(past) :]:
            self._study.enqueue_trial(start)

    @property
    def ready(self) -> bool:
        return True

    def settled(self, number: int) -> bool:
        return True

    def ask(self) -> Asked:
        trial = self._study.ask()
        params = self.space.sample(trial)
        tries = 0
        while tries < TRIES and not self._may_try(trial, params):
            trial, tries = self._again(trial), tries + 1
            params = self.space.sample(trial)
        self._live[trial.number] = trial
        # Not from `trial`, which would copy them deeply, at a seventh of what a trial costs; the
        # storage replaces what it keeps, and does not change it.
        frozen = self._frozen(trial.number)
        self._share(frozen)
        drawn_by = self._drawn_by(trial.number)
        return Asked(trial.number, params, frozen.distributions, frozen.params, drawn_by)

    def _may_try(self, trial: Trial, params: Params) -> bool:
        if self._allows is None:
            return True
        is_given = "fixed_params" in self._study._storage.get_trial(trial._trial_id).system_attrs
        return is_given or self._allows(params)

    def _again(self, trial: Trial) -> Trial:
        """Return the trial without its parameters, so that the sampler draws it anew."""
        frozen = self._study._storage.get_trial(trial._trial_id)
        frozen.params, frozen.distributions = {}, {}
        return Trial(self._study, trial._trial_id)

    def _drawn_by(self, number: int) -> DrawnBy:
        """Return where the candidate came from that was just drawn."""
        if number < len(self.space.start):
            return "history" if self.space.start[number] in self._taken else "start"
        if number < self._past:  # drawn by an earlier run
            return ""
        if isinstance(self._study.sampler, ModelSampler):
            return "model" if self._study.sampler.proposed else "random"
        return "random" if isinstance(self._study.sampler, (RandomSampler, QMCSampler)) else ""

    def report(self, number: int, step: int, score: float) -> bool:
        self._live[number].report(score, step)
        return self._prunes(self._frozen(number))

    def _prunes(self, trial: FrozenTrial) -> bool:
        """Ask the pruner, but for the first start configurations, which are trained in full.

        The first was pruned where another worker was quicker to a rung with a start configuration
        that learns fast and ends lower: on MNIST, moved images against images as they are, 99.2
        or 98.6 % on test. (Optuna's `Trial.should_prune` asks the same, about a copy of the trial.)
        """
        # Asked in any case: the pruner judges later trials by all that reported before them.
        prunes = self._study.pruner.prune(self._study, trial)
        return prunes and trial.number >= self._whole

    def tell(self, number: int, result: TrialResult) -> Told:
        told = self._told(number)
        complete = result.status is TrialStatus.COMPLETE
        if result.status is TrialStatus.FAILED:
            self._forget_scores(number)
        self.tell_value(number, result.valid_score if complete else None)
        return told

    def _told(self, number: int) -> Told:
        frozen = self._frozen(number)
        return Told(frozen.params, _lasting(frozen.system_attrs))

    def tell_value(self, number: int, value: float | None) -> FrozenTrial:
        """Take in a complete trial's value, or None for any other ending.

        Returns
        -------
        FrozenTrial
            As Optuna keeps it from now on.
        """
        # A failure is told as the worst of the pruned: TPE ignores failed trials, and would
        # propose what diverges again and again.
        state = TrialState.PRUNED if value is None else None
        self._study.tell(self._live[number], value, state=state)
        frozen = self._frozen(number)
        del self._live[number]
        frozen.system_attrs = _lasting(frozen.system_attrs) or _NOTHING
        frozen.user_attrs = _NOTHING
        return frozen

    def _share(self, trial: FrozenTrial) -> None:
        """Keep distributions once: in a long search they would fill most of the parent's memory."""
        names = tuple(trial.distributions)
        shared = self._distributions.setdefault(names, _Shared(trial.distributions))
        if shared == trial.distributions:
            trial.distributions = shared

    def _forget_scores(self, number: int) -> None:
        """Forget the scores of a failed trial: good epochs would be learned from as nearly good."""
        self._frozen(number).intermediate_values.clear()

    def _frozen(self, number: int) -> FrozenTrial:
        """Return a running trial as the study in memory has it, and not a copy."""
        return self._study._storage.get_trial(self._live[number]._trial_id)


def _known(trial: FrozenTrial) -> FrozenTrial:
    if trial.state is not TrialState.FAIL:
        return trial
    return create_trial(
        state=TrialState.PRUNED, params=trial.params, distributions=trial.distributions
    )


def _lasting(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a resumed study needs of Optuna's notes: the rungs, but not TPE's scratch."""
    return {k: v for k, v in notes.items() if not k.startswith("tpe:")}
