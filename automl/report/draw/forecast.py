"""Section 2: forecasts beside what came."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from automl.report.draw.style import BLUE, GREY, figure

BAND = "rgba(59, 130, 208, 0.22)"
"""`BLUE`, for the area between two quantiles."""


def forecast_lines(
    before: Sequence[float],
    true: Sequence[float],
    forecast: Sequence[float],
    band: tuple[Sequence[float], Sequence[float]] | None,
) -> go.Figure:
    """Draw a window, what came after it, and what was forecast, with its band.

    Parameters
    ----------
    before : sequence of float
        Steps of the window.
    true, forecast : sequence of float
        Steps behind it.
    band : pair of sequence of float, optional
        Lower and upper limits.
    """
    steps = list(range(1, len(true) + 1))
    lines = []
    if band is not None:
        low, high = band
        lines.append(
            go.Scatter(
                x=[*steps, *reversed(steps)],
                y=[*high, *reversed(low)],
                fill="toself",
                fillcolor=BAND,
                line={"width": 0},
                name="80 % band",
                hoverinfo="skip",
            )
        )
    past = list(range(1 - len(before), 1))
    lines += [
        go.Scatter(
            x=[*past, *steps],
            y=[*before, *true],
            mode="lines",
            name="what came",
            line={"color": GREY},
            hovertemplate="step %{x}: %{y:.4g}<extra></extra>",
        ),
        go.Scatter(
            x=steps,
            y=list(forecast),
            mode="lines+markers",
            name="forecast",
            line={"color": BLUE},
            marker={"size": 5},
            hovertemplate="step %{x}: %{y:.4g}<extra></extra>",
        ),
    ]
    return figure(lines, height=300, xaxis={"title": {"text": "steps ahead"}})
