"""Section 1: the winner and the others."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from automl.evaluation.formatting import format_score
from automl.metrics import Metric
from automl.report.collect.scores import Bar
from automl.report.draw.style import BLUE, GREY, ORANGE, figure, label, score_axis

_COLOURS = {"winner": BLUE, "sibling": ORANGE, "baseline": GREY}


def score_bars(bars: Sequence[Bar], metric: Metric) -> go.Figure:
    """Draw a bar for each model, from zero, with its interval and its score in figures."""
    data = go.Bar(
        orientation="h",
        y=_names(bars, metric),
        x=[b.score for b in bars],
        marker={"color": [_COLOURS[b.role] for b in bars]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [b.high - b.score for b in bars],
            "arrayminus": [b.score - b.low for b in bars],
            "thickness": 2,
        },
        hovertemplate="%{y}<extra></extra>",
    )
    return figure(
        data,
        height=90 + 42 * len(bars),
        xaxis=score_axis(metric, f"test {metric.label}"),
        yaxis={"autorange": "reversed", "type": "category"},
    )


def score_intervals(bars: Sequence[Bar], metric: Metric) -> go.Figure:
    """Draw points and intervals without the zero, for models that lie close together."""
    data = go.Scatter(
        mode="markers",
        y=_names(bars, metric),
        x=[b.score for b in bars],
        marker={"color": [_COLOURS[b.role] for b in bars], "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [b.high - b.score for b in bars],
            "arrayminus": [b.score - b.low for b in bars],
            "thickness": 2,
        },
        text=[
            f"{format_score(metric.name, b.score)}"
            f" ({format_score(metric.name, b.low)} to {format_score(metric.name, b.high)})"
            for b in bars
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    return figure(
        data,
        height=90 + 42 * len(bars),
        xaxis=score_axis(metric, f"test {metric.label}"),
        yaxis={"autorange": "reversed", "type": "category"},
    )


def _names(bars: Sequence[Bar], metric: Metric) -> list[str]:
    """Each model's name with its score, for a short bar has no room for it."""
    return [f"{label(b.name, 16)}<br>{format_score(metric.name, b.score)}" for b in bars]
