"""Section 2: where the winner errs."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from automl.number_text import format_apart
from automl.report.collect.trust import Confusion, Reliability
from automl.report.draw.style import BLUE, GREY, ORANGE, figure, label


def confusion_map(confusion: Confusion) -> go.Figure:
    """Draw true classes down, predicted ones across; the diagonal is not coloured."""
    names = [label(text, 14) for text in confusion.labels]
    size = len(names)
    mistakes = [
        [0 if i == j else count for j, count in enumerate(row)]
        for i, row in enumerate(confusion.counts)
    ]
    # Without thousands separators: on a phone a cell has room for four digits.
    texts = [
        [str(count) if i == j else str(count or "") for j, count in enumerate(row)]
        for i, row in enumerate(confusion.counts)
    ]
    data = go.Heatmap(
        x=names,
        y=names,
        z=mistakes,
        zmin=0,
        zmax=max(1, *map(max, mistakes)),
        showscale=False,
        xgap=2,
        ygap=2,
        text=texts,
        texttemplate="%{text}",
        # Left to itself, Plotly takes one size that fits the longest text on the smallest screen.
        textfont={"size": 11},
        hovertemplate="true %{y}, predicted %{x}: %{text}<extra></extra>",
    )
    return figure(
        data,
        height=max(260, 130 + 30 * size),
        xaxis={"title": {"text": "predicted"}, "type": "category", "showgrid": False},
        yaxis={
            "title": {"text": "true"},
            "type": "category",
            "autorange": "reversed",
            "showgrid": False,
        },
    )


def reliability_diagram(found: Reliability, before: Reliability | None = None) -> go.Figure:
    """Draw accuracy against confidence, with the diagonal on which both agree.

    Parameters
    ----------
    found : Reliability
    before : Reliability, optional
        Reliability without the temperature, as a thin line.
    """
    most = max(b.rows for b in found.bins)
    agree = go.Scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="as confident as right",
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    bins = go.Scatter(
        x=[b.confidence for b in found.bins],
        y=[b.accuracy for b in found.bins],
        mode="lines+markers",
        name="this model",
        line={"color": BLUE},
        marker={"size": [8 + 16 * (b.rows / most) ** 0.5 for b in found.bins], "opacity": 0.85},
        text=[f"{b.rows:,} rows" for b in found.bins],
        hovertemplate="confidence %{x:.1%}, right %{y:.1%}, %{text}<extra></extra>",
    )
    plain = [] if before is None else [_plain(before)]
    return figure(
        [agree, *plain, bins],
        height=380,
        xaxis={"title": {"text": "confidence"}, "tickformat": ".0%", "range": [-0.02, 1.05]},
        yaxis={
            "title": {"text": "share that is right"},
            "tickformat": ".0%",
            "range": [-0.02, 1.05],
        },
    )


def _plain(before: Reliability) -> go.Scatter:
    return go.Scatter(
        x=[b.confidence for b in before.bins],
        y=[b.accuracy for b in before.bins],
        mode="lines",
        name="without the temperature",
        line={"color": ORANGE, "width": 1},
        hovertemplate="confidence %{x:.1%}, right %{y:.1%}<extra></extra>",
    )


def predicted_against_true(true: Sequence[float], predicted: Sequence[float]) -> go.Figure:
    """Draw a dot for each row, with the diagonal on which both agree."""
    both = [*true, *predicted]
    low, high = min(both), max(both)
    texts = format_apart(both, 4)
    pairs = zip(texts[: len(true)], texts[len(true) :], strict=True)
    agree = go.Scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        name="exactly right",
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    rows = go.Scatter(
        x=list(true),
        y=list(predicted),
        mode="markers",
        name="test rows",
        marker={"color": BLUE, "size": 7, "opacity": 0.6},
        text=[f"true {a}, predicted {b}" for a, b in pairs],
        hovertemplate="%{text}<extra></extra>",
    )
    return figure(
        [agree, rows],
        height=380,
        xaxis={"title": {"text": "true"}},
        yaxis={"title": {"text": "predicted"}},
    )
