"""Trials as the study remembers them: to and from the attributes of Optuna's trials."""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from optuna.distributions import CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState

from automl.space.space import FAMILY, of_family
from automl.trial import DrawnBy, EpochResult, FoldResult, TrialRecord, TrialStatus

STATES = {
    TrialStatus.COMPLETE: TrialState.COMPLETE,
    TrialStatus.PRUNED: TrialState.PRUNED,
    TrialStatus.FAILED: TrialState.FAIL,
}

_DRAWN_BY: dict[Any, DrawnBy] = {
    "start": "start",
    "history": "history",
    "random": "random",
    "model": "model",
}


def to_attrs(record: TrialRecord) -> dict[str, Any]:
    """Return the user attributes that, with Optuna's own columns, hold the whole record."""
    attrs = {
        "epochs": len(record.history),
        "best_epoch": record.best_epoch,
        "seconds": round(record.seconds, 4),
        "started": round(record.started, 4),
        "finished": round(record.finished, 4),
        "worker": record.worker,
        "weights": record.n_weights,
        "error": record.error,
        "note": record.note,
        "drawn_by": record.drawn_by or None,
        "ran_on": [record.host, record.device, record.memory] if record.host else None,
        # One row an epoch, or a fold; the score is Optuna's intermediate value.
        "history": [
            [e.train_loss, e.valid_loss, e.seconds, e.samples_per_second]
            + ([e.fold.score, e.fold.best_epoch] if e.fold else [])
            for e in record.history
        ],
    }
    return {name: value for name, value in attrs.items() if value is not None}


def intermediate_values(record: TrialRecord) -> dict[int, float]:
    """Return what Optuna knows of a record's course: the score after each epoch, or fold.

    Step 0 is the glimpse in the middle of the first epoch, where there was one.
    """
    glimpse = {} if record.glimpse is None else {0: record.glimpse}
    return glimpse | {e.epoch: e.valid_score for e in record.history}


def from_frozen(trial: FrozenTrial, fixed: dict[str, Any]) -> TrialRecord:
    """Read a record from Optuna's trial; one of another origin has gaps, not errors.

    Parameters
    ----------
    trial : FrozenTrial
        Finished.
    fixed : dict
        The space's fixed parameters, which Optuna does not know.

    Returns
    -------
    TrialRecord
        With the parameters under plain names, also where several families are searched.
    """
    attrs = trial.user_attrs
    host, device, memory = attrs.get("ran_on", ["", "", 0])
    status = {state: status for status, state in STATES.items()}[trial.state]
    steps = dict(trial.intermediate_values)
    # Trials of another origin may count their steps from 0.
    glimpse = steps.pop(0, None) if "epochs" in attrs else None
    history = tuple(_epochs(trial.number, steps, attrs.get("history", [])))
    best = attrs.get("best_epoch")
    score = history[best - 1].valid_score if best and best <= len(history) else trial.value
    return TrialRecord(
        number=trial.number,
        status=status,
        params=_plain(trial, fixed),
        valid_score=score if status is not TrialStatus.FAILED else None,
        history=history,
        best_epoch=best,
        seconds=attrs.get("seconds", 0.0),
        started=attrs.get("started", 0.0),
        finished=attrs.get("finished", 0.0),
        worker=attrs.get("worker", 0),
        n_weights=attrs.get("weights", 0),
        error=attrs.get("error"),
        note=attrs.get("note"),
        glimpse=glimpse,
        host=host,
        device=device,
        memory=memory,
        drawn_by=_DRAWN_BY.get(attrs.get("drawn_by"), ""),
    )


def _plain(trial: FrozenTrial, fixed: dict[str, Any]) -> Mapping[str, Any]:
    params = ChainMap(trial.params, fixed)
    families = trial.distributions.get(FAMILY)
    if not isinstance(families, CategoricalDistribution):
        return params
    return of_family(params, str(params[FAMILY]), [str(f) for f in families.choices])


def _epochs(number: int, steps: Mapping[int, float], rows: list[list[float]]) -> list[EpochResult]:
    nothing = [math.nan, math.nan, 0.0, 0.0]
    return [
        EpochResult(number, step, row[0], row[1], score, row[2], row[3], _fold(row))
        for (step, score), row in zip(
            sorted(steps.items()), rows + [nothing] * (len(steps) - len(rows)), strict=False
        )
    ]


def _fold(row: list[float]) -> FoldResult | None:
    return FoldResult(row[4], int(row[5])) if len(row) > 4 else None
