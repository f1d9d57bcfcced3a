"""Section 5: what a better score costs."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from automl.metrics import Metric
from automl.report.collect.cost import Cost, Growth
from automl.report.draw.style import (
    BLUE,
    GREEN,
    ORANGE,
    figure,
    label,
    log_axis,
    score_axis,
    score_format,
)


def cost_front(
    drawn: Sequence[Cost], front: Sequence[Cost], best: int | None, metric: Metric, title: str
) -> go.Figure:
    """Score against a cost on a log axis, with the front that nothing beats."""
    hover = f"trial %{{text}}: %{{y:{score_format(metric)}}}, %{{x:,.4~g}}<extra></extra>"
    trials = go.Scatter(
        x=[c.cost for c in drawn],
        y=[c.score for c in drawn],
        text=[str(c.trial) for c in drawn],
        mode="markers",
        name="complete trials",
        marker={"color": BLUE, "size": 7, "opacity": 0.7},
        hovertemplate=hover,
    )
    line = go.Scatter(
        x=[c.cost for c in front],
        y=[c.score for c in front],
        text=[str(c.trial) for c in front],
        mode="lines+markers",
        name="Pareto front",
        line={"color": GREEN, "width": 2, "shape": "hv"},
        marker={"size": 9},
        hovertemplate=hover,
    )
    mine = [c for c in drawn if c.trial == best]
    winner = go.Scatter(
        x=[c.cost for c in mine],
        y=[c.score for c in mine],
        text=[str(c.trial) for c in mine],
        mode="markers",
        name="the winner",
        marker={"color": ORANGE, "size": 15, "symbol": "circle-open", "line": {"width": 3}},
        hovertemplate=hover,
    )
    return figure(
        [trials, line, *([winner] if mine else [])],
        height=380,
        xaxis=log_axis(title, [c.cost for c in drawn]),
        yaxis=score_axis(metric, f"validation {metric.label}"),
    )


def growth_lines(found: Sequence[Growth], metric: Metric) -> go.Figure:
    """Seconds to fit against rows, both on log axes: a power law is a straight line."""
    data = [
        go.Scatter(
            x=g.rows,
            y=g.seconds,
            mode="lines+markers",
            name=label(g.model),
            line={"color": colour, "width": 2},
            marker={"size": 8},
            customdata=g.scores,
            hovertemplate="%{x:,} rows: %{y:.3g} s, "
            f"%{{customdata:{score_format(metric)}}}<extra></extra>",
        )
        for g, colour in zip(found, (BLUE, ORANGE, GREEN), strict=False)
    ]
    return figure(
        data,
        height=380,
        xaxis=log_axis("training rows", [rows for g in found for rows in g.rows]),
        yaxis=log_axis("seconds to fit", [seconds for g in found for seconds in g.seconds]),
    )
