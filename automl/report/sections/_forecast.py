"""What section 2 says of a forecast: every metric of every model, and the forecasts' errors."""

from __future__ import annotations

import numpy as np

from automl.arrays import Array
from automl.evaluation.formatting import format_score, metric_label
from automl.metrics import METRICS
from automl.report.draw.forecast import forecast_lines
from automl.report.facts import Judged
from automl.report.parts import Chart, Part, Table
from automl.result import Quantiles, SearchResult

MOST = 24
"""Steps that are listed."""


def forecast_parts(judged: Judged, result: SearchResult) -> list[Part]:
    """Return the tables and pictures of a forecast, of which `result` must have the scores."""
    assert result.forecast is not None
    found = result.forecast.quantiles
    more = [] if found is None else [_bands(found, result.forecast.blocks)]
    return [_scores(result), *more, *_pictures(judged), _by_step(judged, result)]


def _bands(found: Quantiles, blocks: int) -> Table:
    """Return what the bands cover, beside what they ought to."""
    rows = [
        [f"{band.low:g} to {band.high:g}", f"{band.high - band.low:.0%}", f"{band.coverage:.1%}"]
        for band in found.bands
    ]
    ours, theirs = (
        format_score("mase", found.scores[name]) if name in found.scores else "not known"
        for name in ("model", "seasonal-naive")
    )
    flat = f" {found.unknown:,} test windows never change, and have no band." * (found.unknown > 0)
    return Table(
        "How sure it is",
        ["between the quantiles", "should lie", "lay there on test"],
        rows,
        (1, 2),
        f"The quantiles are those of the errors on {found.windows:,} windows that validated, step"
        " by step; they hold for the future as far as it is like these, which the test split"
        f" ({blocks:,} blocks) gives an idea of. The weighted interval score over {found.levels}"
        f" quantiles is {ours}, in units of MASE; that of the seasonal naive forecast with the"
        f" quantiles of its own errors is {theirs}. Lower is better.{flat}",
    )


def _pictures(judged: Judged) -> list[Chart]:
    drawn = judged.drawn
    if drawn is None:
        return []
    several = len(drawn.true) > 1
    said = "The last forecast of the test split"
    return [
        Chart(
            f"forecast-{i + 1}",
            f"A forecast and what came{f', series {i + 1}' if several else ''}",
            forecast_lines(before, true, forecast, _limits(drawn.bands, i)),
            f"{said}: the steps before it, what was forecast, and what came.",
            f"{said}{', of one of the series' if several else ''}, in the target's own units.",
            half=several,
        )
        for i, (before, true, forecast) in enumerate(
            zip(drawn.before.tolist(), drawn.true.tolist(), drawn.forecast.tolist(), strict=True)
        )
    ]


def _limits(bands: Array | None, picture: int) -> tuple[list[float], list[float]] | None:
    """Return the lower and the upper limits; None where there are none."""
    if bands is None or not np.isfinite(bands[picture]).all():
        return None
    low, high = bands[picture].T.tolist()
    return low, high


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
