"""Judge on the test split: the winner beside the baselines, in numbers and in words.

Called with labels that the caller has unlocked, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl import result as r
from automl.arrays import Array
from automl.baselines._outputs import KEPT_AS
from automl.data import Dataset
from automl.evaluation import (
    Comparison,
    Entry,
    Interval,
    Verdict,
    compare,
    confusion_matrix,
    per_class,
    score_with_interval,
)
from automl.metrics import METRICS, Metric
from automl.orchestrator.baseline_stream import BaselineOutcome
from automl.task import Task, label_text


@dataclass(frozen=True, slots=True)
class Rival:
    """A model that the winner is compared with, and its place in the result."""

    entry: Entry
    comparison: Comparison


def to_score(interval: Interval) -> r.Score:
    """Return the score with its 95 % interval, for the result."""
    return r.Score(score=interval.score, low=interval.low, high=interval.high)


def judge_baselines(
    baselines: Mapping[str, BaselineOutcome],
    metric: Metric,
    y: Array,
    output: Array,
    blocks: Array | None = None,
) -> tuple[dict[str, Rival], dict[str, r.Baseline]]:
    """Compare every baseline with the winner.

    Parameters
    ----------
    baselines : mapping of str to BaselineOutcome
        With predictions of the same test rows; one that failed has none, and is no rival.
    metric : Metric
    y : array of shape (rows,) or (rows, targets)
        Test labels.
    output : array
        Output of the winner, in the form that the metric takes.
    blocks : int64 array of shape (rows,), optional
        As in `compare`.
    """
    rivals, parts = {}, {}
    for name, outcome in baselines.items():
        part = r.Baseline(
            description=outcome.description,
            valid_score=outcome.valid_score,
            seconds=r.Seconds(**outcome.seconds),
            size_bytes=outcome.size_bytes,
            params=outcome.params,
            error=outcome.error,
        )
        if outcome.predictions is not None:
            with np.load(outcome.predictions) as kept:
                theirs = kept[KEPT_AS[metric.uses]]
            # Its validation score comes from a part of the rows: no gap can be told.
            entry = Entry(
                name,
                score_with_interval(metric, y, theirs, blocks),
                None,
                outcome.seconds,
                outcome.size_bytes,
                outcome.description,
                is_kept=outcome.layers is not None,
            )
            rivals[name] = Rival(entry, compare(metric, y, output, theirs, blocks=blocks))
            part = part.model_copy(
                update={
                    "test": to_score(entry.test),
                    "comparison": r.Comparison(**rivals[name].comparison.to_json()),
                }
            )
        parts[name] = part
    return rivals, parts


def make_verdict(
    metric: Metric,
    winner: Entry,
    rivals: Mapping[str, Rival],
    n_test: int,
    reads: int,
    why: str = "",
    blocks: Array | None = None,
) -> Verdict:
    """Return the verdict over all rivals; `why` is that of `Verdict`, and `blocks` of `compare`."""
    return Verdict(
        winner,
        tuple(rival.entry for rival in rivals.values()),
        {name: rival.comparison for name, rival in rivals.items()},
        metric.name,
        metric.direction,
        n_test,
        test_reads=reads,
        why=why,
        blocks=None if blocks is None else len(np.unique(blocks)),
    )


def judge_forecast(
    dataset: Dataset,
    y: Array,
    output: Array,
    baselines: Mapping[str, BaselineOutcome],
    quantiles: r.Quantiles | None,
) -> dict[str, r.Forecast]:
    """Return every metric of forecasts for every model, as a field of the result.

    Parameters
    ----------
    dataset : Dataset
    y : array of shape (rows,) or (rows, horizon)
        Test targets, divided by their series' scale.
    output : array
        Forecasts of the winner.
    baselines : mapping of str to BaselineOutcome
    quantiles : automl.result.Quantiles or None
        What its quantiles are worth.
    """
    windows = dataset.windows
    if windows is None:
        return {}
    scales = windows.scales if y.ndim == 1 else windows.scales[:, None]
    scores = {
        name: {
            **{m.name: m.score(y, output) for m in METRICS.values() if m.forecast},
            "rmse": float(np.sqrt(np.mean(np.square((y - output) * scales)))),
        }
        for name, output in {"model": output, **_predicted(baselines)}.items()
    }
    return {
        "forecast": r.Forecast(
            horizon=windows.form.horizon,
            season=windows.form.season,
            blocks=len(np.unique(windows.blocks)),
            scores=scores,
            quantiles=quantiles,
        )
    }


def judge_classes(task: Task, y: Array, output: Array) -> dict[str, Any]:
    """Return the scores of every class and the confusion matrix, as fields of the result.

    Parameters
    ----------
    task : Task
    y : array of shape (rows,)
        Test labels.
    output : array of shape (rows, classes)
        Probabilities.
    """
    if not task.is_classification:
        return {}
    matrix = confusion_matrix(y, output.argmax(axis=1), len(task.classes))
    scores = [
        r.ClassScore(
            label=label_text(c.label),
            precision=c.precision,
            recall=c.recall,
            f1=c.f1,
            rows=c.support,
        )
        for c in per_class(matrix, task.classes)
    ]
    return {"classes": scores, "confusion": matrix.tolist()}


def _predicted(baselines: Mapping[str, BaselineOutcome]) -> dict[str, Array]:
    """Return what each baseline predicts for the test rows."""
    found = {}
    for name, outcome in baselines.items():
        if outcome.predictions is not None:
            with np.load(outcome.predictions) as kept:
                found[name] = kept["pred"]
    return found
