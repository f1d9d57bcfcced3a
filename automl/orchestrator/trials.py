"""The trials of a search: ask for a candidate, train it, take in its result."""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from automl.executors import JobError, Message
from automl.job import Job
from automl.orchestrator.duplicates import SAME_AS, Duplicates, copied_result, identity
from automl.orchestrator.failures import MANY_FAILURES
from automl.orchestrator.observer import Observer
from automl.orchestrator.trial_jobs import TrialSettings
from automl.sampling.candidates import Asked, Candidates
from automl.scheduling.failures import raise_if_hopeless
from automl.scheduling.stream import Stream
from automl.space.space import FAMILY
from automl.study.kept_weights import KeptWeights
from automl.study.recovery import let_wait
from automl.study.run import Run
from automl.study.study import Study
from automl.study.trial_codec import STATES, intermediate_values, to_attrs
from automl.trial import (
    EpochResult,
    Glimpse,
    Stop,
    TrialRecord,
    TrialResult,
    TrialStatus,
)

MAX_COPIES = 100
"""Candidates in a row that only repeat earlier ones, after which a search without a number of
trials ends before its time: the space has nothing new."""


@dataclass(slots=True)
class _Running:
    asked: Asked
    trial_id: int
    started: float
    history: list[EpochResult]
    pruned: bool = False
    glimpse: float | None = None


class Trials(Stream):
    """Candidates on their way from Optuna through the workers into the study.

    Parameters
    ----------
    total : int or None
        How many trials the study holds at the end; None for as many as there is time for.
    settings : TrialSettings
    sampling : Candidates
    study : Study
    kept : KeptWeights
    observer : Observer
    over : callable
        Returns why the search should end now, or None.
    improved : callable
        Called with a record and its weights whenever a better trial completes.
    """

    def __init__(
        self,
        total: int | None,
        settings: TrialSettings,
        sampling: Candidates,
        study: Study,
        kept: KeptWeights,
        observer: Observer,
        over: Callable[[Trials], str | None],
        improved: Callable[[TrialRecord, str], None],
    ) -> None:
        self.total = total
        self.settings = settings
        self.limits = settings.limits
        self.records = study.records()
        self._before = len(self.records)
        self._left = study.store.waiting(study.study_id)
        self._sampling = sampling
        self._study = study
        self._kept = kept
        self._observer = observer
        self._asks_over = partial(over, self)
        self._over_because: str | None = None
        self._improved = improved
        self._running: dict[int, _Running] = {}
        self._copies = 0  # in a row
        self._fixed: dict[str, dict[str, Any]] = {}
        # A resumed search goes on where the clock of the earlier one stopped.
        self._clock_zero = time.monotonic() - max((r.finished for r in self.records), default=0.0)
        self._duplicates = Duplicates(self.records)

    @property
    def best(self) -> TrialRecord | None:
        """The best complete trial."""
        return self.settings.objective.best(self.records)

    def ranked(self) -> list[TrialRecord]:
        """Return the complete trials, best first; see `Objective`."""
        return self.settings.objective.ranked(self.records)

    def distinct(self) -> list[TrialRecord]:
        """Return `ranked` with only the first of equivalent candidates."""
        first: dict[bytes, TrialRecord] = {}
        for record in self.ranked():
            first.setdefault(identity(record.params), record)
        return list(first.values())

    def next_job(self) -> tuple[Job, Any] | None:
        while self._wants_more() and not self._over():
            asked = self._sampling.ask()
            trial_id = self._begin(asked)
            self._running[asked.number] = _Running(asked, trial_id, self._now(), [])
            original = self._original(asked)
            self._copies = 0 if original is None else self._copies + 1
            if original is None:
                self._observer.trial_started(asked.number, asked.params)
                run = Run(asked.number)
                folder, glimpse = self._study.folder, self.settings.glimpses
                job = self.settings.kept_job(run, asked.params, folder, glimpse=glimpse)
                return job, asked.number
            self._copy(asked, original)
        return None

    def _begin(self, asked: Asked) -> int:
        """Write the trial down; one that an earlier search left goes on under its own number."""
        store = self._study.store
        if asked.number in self._left:
            trial_id = self._left.pop(asked.number)
            store.begin_again(trial_id)
            return trial_id
        return store.begin_trial(
            self._study.study_id, asked.number, asked.drawn, asked.distributions
        )

    def _wants_more(self) -> bool:
        return not self._is_full() and self._sampling.ready and not self.all_failed

    def _is_full(self) -> bool:
        """Return whether there are enough trials, or nothing new comes any more."""
        if self.total is None:
            return self._copies >= MAX_COPIES
        return len(self.records) + len(self._running) >= self.total

    @property
    def all_failed(self) -> bool:
        """Whether all trials of this run have failed, and so many that no other would do better."""
        ours = self.records[self._before :]
        return len(ours) >= MANY_FAILURES and all(r.status is TrialStatus.FAILED for r in ours)

    def progress(self, key: Any, message: Message) -> Stop | None:
        running, payload = self._running[key], message.payload
        if running.pruned:
            return Stop.PRUNE  # it was told already, but the message is on its way, or was lost
        if isinstance(payload, Glimpse):
            if running.glimpse is not None:
                return None  # begun anew on another worker: the same once more
            running.glimpse = score = payload.score
            epoch = 0
        else:
            if payload.epoch <= len(running.history):
                return None
            running.history.append(payload)
            self._observer.epoch(message.worker, payload)
            epoch, score = payload.epoch, payload.valid_score
        if self._sampling.report(key, epoch, score):
            running.pruned = True
            return Stop.PRUNE
        return None

    def finished(self, key: Any, message: Message) -> None:
        running, payload = self._running[key], message.payload
        if isinstance(payload, JobError) and not running.pruned:
            raise_if_hopeless(payload)
            result = TrialResult(
                key,
                TrialStatus.FAILED,
                tuple(running.history),
                self._now() - running.started,
                error=payload.reason,
                glimpse=running.glimpse,
            )
        elif running.pruned:
            history = tuple(running.history)
            result = TrialResult(
                key,
                TrialStatus.PRUNED,
                history,
                getattr(payload, "seconds", self._now() - running.started),
                self._best_epoch(history),
                n_weights=getattr(payload, "n_weights", 0),
                glimpse=running.glimpse,
                device=getattr(payload, "device", ""),
            )
        elif payload.cut and not payload.history and let_wait(self._study.store, running.trial_id):
            del self._running[key]
            return
        else:
            result = payload
        if result.status is not TrialStatus.COMPLETE:
            # A fold may have saved its weights before the trial failed, or was found out; or the
            # word came too late, and the worker went on to its end. Nobody else would delete them.
            for path in self._study.folder.trial_weights(key):
                path.unlink(missing_ok=True)
        self._record(running, result, message)

    def should_stop_all(self) -> Stop | None:
        return Stop.FINISH if self._over() else None

    def _over(self) -> str | None:
        """Return why there are no more trials, or None; once there is a reason, it stays.

        The time that is kept for the finalists may shrink again.
        """
        self._over_because = self._over_because or self._asks_over()
        return self._over_because

    def _record(
        self,
        running: _Running,
        result: TrialResult,
        message: Message | None = None,
        note: str | None = None,
    ) -> None:
        """Take in a result; without a message, that of a trial that was not trained."""
        if result.status is TrialStatus.COMPLETE and note is None:
            full = self.settings.steps
            note = self._over() if len(result.history) < full else None
        told = self._sampling.tell(result.number, result)
        info = message.info if message else None
        record = TrialRecord(
            number=result.number,
            status=result.status,
            params=self._params(running.asked, told.params),
            valid_score=result.valid_score,
            history=result.history,
            best_epoch=result.best_epoch,
            seconds=result.seconds,
            started=running.started,
            finished=self._now(),
            worker=message.worker if message else 0,
            n_weights=result.n_weights,
            error=result.error,
            note=note,
            glimpse=result.glimpse,
            host=info.host if info else "",
            device=result.device or (info.device if info else ""),
            memory=info.memory if info else 0,
            drawn_by=running.asked.drawn_by,
        )
        traceback = getattr(message.payload, "traceback", "") if message else ""
        self._study.store.finish_trial(
            running.trial_id,
            STATES[record.status],
            value=record.valid_score if record.status is not TrialStatus.FAILED else None,
            intermediate=intermediate_values(record),
            user_attrs=to_attrs(record) | ({"traceback": traceback} if traceback else {}),
            system_attrs=told.notes,
        )
        del self._running[record.number]
        self.records.append(record)
        self._duplicates.add(record)
        self._keep_weights(record, result.weights)
        self._observer.trial_finished(record)

    def _params(self, asked: Asked, kept: dict[str, Any]) -> Mapping[str, Any]:
        """Join the parameters that Optuna keeps anyway, and the fixed ones of the family."""
        fixed = {n: v for n, v in asked.params.items() if n not in kept}
        return ChainMap(kept, self._fixed.setdefault(str(fixed.get(FAMILY)), fixed))

    def _keep_weights(self, record: TrialRecord, weights: str | None) -> None:
        """Keep the weights of the best few trials: those of all would fill the disk."""
        if weights is None:
            return
        if record is self.best:
            self._improved(record, weights)
            self._observer.new_best(record)
        self._kept.add(record.number, self.ranked)

    def _best_epoch(self, history: tuple[EpochResult, ...]) -> int | None:
        if not history:
            return None
        if self.settings.folds is not None:
            return len(history)  # the mean over all folds that there are
        return self.settings.objective.best_epoch(history).epoch

    def _original(self, asked: Asked) -> TrialRecord | None:
        """Return the equivalent trial whose result this one gets, if there is one."""
        found = self._duplicates.original(asked.params)
        return found if found is not None and self._sampling.settled(found.number) else None

    def _copy(self, asked: Asked, original: TrialRecord) -> None:
        """Give a candidate the result of an equivalent trial, in place of training it."""
        for step, score in intermediate_values(original).items():
            self._sampling.report(asked.number, step, score)
        result = copied_result(original, asked.number)
        self._record(self._running[asked.number], result, note=f"{SAME_AS}{original.number}")

    def _now(self) -> float:
        return time.monotonic() - self._clock_zero
