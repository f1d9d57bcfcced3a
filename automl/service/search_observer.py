"""`EventObserver`: a search as events of a file."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from automl import EpochResult, Observer, Overview, TrialRecord
from automl.service.events import EventLog

EPOCH_SECONDS = 0.5
"""Epochs are written this often, together: more could not be seen, and would only cost."""

MOST_EPOCHS = 200
"""Epochs of one event; where there are more, the first and the last of these are kept."""


class EventObserver(Observer):
    """Writes what it hears of.

    Parameters
    ----------
    log : EventLog
    told : set of int
        Numbers of trials that are in the file already. A process can be killed after a trial is
        in the study, and before it is told.
    """

    def __init__(self, log: EventLog, told: set[int]) -> None:
        self._log = log
        self._told = told
        self._epochs: list[dict[str, Any]] = []
        self._written = 0.0

    def search_started(self, overview: Overview) -> None:
        self._log.write(
            "plan",
            dataset=overview.dataset,
            rows=overview.rows,
            trials=overview.trials,
            time_budget=overview.time_budget,
            before=len(overview.before),
            workers=overview.workers,
            max_epochs=overview.max_epochs,
            unit="fold" if overview.folds else "epoch",
            metric=overview.metric.name,
            direction=overview.metric.direction,
            described=list(overview.described),
        )
        for record in overview.before:
            if record.number not in self._told:
                self.trial_finished(record)

    def phase(self, name: str) -> None:
        self._write_epochs()
        self._log.write("phase", name=name)

    def epoch(self, worker: int, result: EpochResult) -> None:
        self._take(result, None)

    def finalist_epoch(self, run: tuple[int, int], worker: int, result: EpochResult) -> None:
        self._take(result, run)

    def _take(self, result: EpochResult, run: tuple[int, int] | None) -> None:
        epoch = {
            "trial": result.number if run is None else run[0],
            "epoch": result.epoch,
            "train_loss": finite(result.train_loss),
            "valid_loss": finite(result.valid_loss),
            "score": finite(result.valid_score),
        }
        self._epochs.append(epoch if run is None else epoch | {"run": run[1]})
        if len(self._epochs) > MOST_EPOCHS:
            del self._epochs[MOST_EPOCHS // 2]

    def trial_finished(self, record: TrialRecord) -> None:
        self._log.write(
            "trial",
            number=record.number,
            status=record.status.value,
            score=finite(record.valid_score),
            seconds=round(record.seconds, 3),
            epochs=len(record.history),
            n_weights=record.n_weights,
            family=record.params.get("family"),
            params=plain(record.params),
            error=record.error,
            note=record.note,
        )

    def new_best(self, record: TrialRecord) -> None:
        score = finite(record.valid_score)
        self._log.write("best", number=record.number, score=score, params=plain(record.params))

    def baseline_finished(self, name: str, valid_score: float | None, error: str | None) -> None:
        self._log.write("baseline", name=name, score=finite(valid_score), error=error)

    def note(self, text: str) -> None:
        self._log.write("note", text=text)

    def tick(self) -> None:
        if self._epochs and time.monotonic() - self._written >= EPOCH_SECONDS:
            self._write_epochs()

    def close(self) -> None:
        self._write_epochs()

    def _write_epochs(self) -> None:
        if self._epochs:
            self._log.write("epochs", epochs=self._epochs)
            self._epochs = []
            self._written = time.monotonic()


def finite(value: float | None) -> float | None:
    """Return a number that JSON has: None for NaN and infinity."""
    return value if value is not None and math.isfinite(value) else None


def plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as JSON has them."""
    return {
        name: finite(value) if isinstance(value, float) else value for name, value in params.items()
    }
