"""What section 2 says of a forecast: every metric of every model, and the forecasts' errors."""

from __future__ import annotations

import numpy as np

from automl.evaluation.formatting import format_score, metric_label
from automl.metrics import METRICS
from automl.report.facts import Judged
from automl.report.parts import Part, Table
from automl.result import SearchResult

MOST = 24
"""Steps that are listed."""


def forecast_parts(judged: Judged, result: SearchResult) -> list[Part]:
    """Return the tables of a forecast, of which `result` must have the scores."""
    return [_scores(result), _by_step(judged, result)]


def _scores(result: SearchResult) -> Table:
    found = result.forecast
    assert found is not None
    names = [m.name for m in METRICS.values() if m.forecast]
    rows = [
        [
            "what is handed over" if model == "model" else model,
            *(format_score(name, scores[name]) for name in names),
            format_score("rmse", scores["rmse"]),
        ]
        for model, scores in found.scores.items()
    ]
    return Table(
        "The forecast and its rivals",
        ["model", *map(metric_label, names), "RMSE"],
        rows,
        tuple(range(1, len(names) + 2)),
        f"Forecasts of {found.horizon:,} steps in {found.blocks:,} blocks of the test split, which"
        " intervals and tests take for one observation each. MASE and RMSSE are in units of the"
        " seasonal naive error before the test split, sMAPE is in percent, and RMSE is in units of"
        " the target. All of them are better when they are lower.",
    )


def _by_step(judged: Judged, result: SearchResult) -> Table:
    y, output = (values.reshape(len(judged.y), -1) for values in (judged.y, judged.output))
    errors = np.abs(output - y).mean(axis=0)
    shown = np.unique(np.linspace(0, len(errors) - 1, min(MOST, len(errors))).astype(int))
    rows = [[str(step + 1), format_score("mase", float(errors[step]))] for step in shown.tolist()]
    return Table(
        "How far ahead",
        ["step", "MASE"],
        rows,
        (0, 1),
        f"The mean error of each step over {len(y):,} forecasts.",
    )
