"""Section 4: what mattered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from automl.metrics import Metric
from automl.report.collect.matter import Architecture, Parallel, Surface, position
from automl.report.draw.style import (
    BLUE,
    FADED,
    GREEN,
    ORANGE,
    figure,
    label,
    score_axis,
    score_format,
    short_name,
)
from automl.report.facts import score_of
from automl.report.parts import Layer
from automl.space.domains import ChoiceDomain, Domain
from automl.trial import TrialRecord, TrialStatus

MANY_DECADES = 2
"""From so many powers of ten on, they alone are labelled."""


def importance_bars(importance: Mapping[str, float]) -> go.Figure:
    """Shares of the importance, the largest on top."""
    data = go.Bar(
        orientation="h",
        y=[label(short_name(name)) for name in importance],
        x=list(importance.values()),
        marker={"color": BLUE},
        text=[f"{share:.0%}" for share in importance.values()],
        textposition="auto",
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    return figure(
        data,
        height=90 + 26 * len(importance),
        xaxis={"title": {"text": "share of the importance"}, "tickformat": ".0%"},
        yaxis={"type": "category", "autorange": "reversed"},
    )


def parallel_lines(found: Parallel, domains: Mapping[str, Domain]) -> go.Figure:
    """Draw a line for each trial across its parameters, from lowest to highest values.

    Plotly's own parallel coordinates need WebGL, which a printed page and some browsers lack.
    """
    names = [label(short_name(name), 16) for name in found.names]
    data = []
    for title, rows, line in (
        ("the other trials", found.rest, {"color": FADED, "width": 1}),
        ("the best tenth", found.top, {"color": GREEN, "width": 2}),
    ):
        if rows:
            x = [n for _ in rows for n in [*range(len(names)), None]]
            y = [p for row in rows for p in [*row, None]]
            data.append(go.Scatter(x=x, y=y, mode="lines", name=title, line=line, hoverinfo="skip"))
    ends = [
        {"x": i, "y": y, "text": text, "showarrow": False, "yshift": shift, "font": {"size": 11}}
        for i, name in enumerate(found.names)
        for y, text, shift in zip((0, 1), _ends(domains[name]), (-10, 10), strict=True)
    ]
    return figure(
        data,
        height=420,
        xaxis={
            "tickvals": list(range(len(names))),
            "ticktext": [n.replace(" ", "<br>") for n in names],
            "range": [-0.45, len(names) - 0.55],
            "tickangle": 0,
            "tickfont": {"size": 11},
        },
        yaxis={"range": [-0.1, 1.1], "showticklabels": False, "showgrid": False},
        annotations=ends,
        legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom"},
    )


def _ends(domain: Domain) -> tuple[str, str]:
    if isinstance(domain, ChoiceDomain):
        return label(domain.choices[0], 10), label(domain.choices[-1], 10)
    return f"{domain.low:.3g}", f"{domain.high:.3g}"


def _axis(name: str, domain: Domain) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": label(short_name(name))}}
    if isinstance(domain, ChoiceDomain):
        return axis | {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [label(c) for c in domain.choices],
        }
    low, high = float(domain.low), float(domain.high)
    if not domain.log:
        room = 0.03 * (high - low)
        return axis | {"type": "linear", "range": [low - room, high + room]}
    ends = [math.log10(low), math.log10(high)]
    room = 0.03 * (ends[1] - ends[0])
    axis |= {"type": "log", "range": [ends[0] - room, ends[1] + room], "exponentformat": "power"}
    # Plotly would label 2 and 5 between the powers of ten; on a small screen they collide.
    return axis | ({"dtick": 1} if ends[1] - ends[0] >= MANY_DECADES else {})


def slice_dots(
    records: Sequence[TrialRecord],
    name: str,
    domain: Domain,
    metric: Metric,
    window: tuple[float, float],
) -> go.Figure:
    """Draw the score against one parameter."""
    data = []
    for status, title, colour, opacity in (
        (TrialStatus.PRUNED, "pruned", ORANGE, 0.45),
        (TrialStatus.COMPLETE, "complete", BLUE, 0.9),
    ):
        mine = [r for r in records if r.status is status and name in r.params]
        choice = isinstance(domain, ChoiceDomain)
        if mine:
            data.append(
                go.Scatter(
                    x=[label(r.params[name]) if choice else r.params[name] for r in mine],
                    y=[score_of(r) for r in mine],
                    mode="markers",
                    name=title,
                    marker={"color": colour, "size": 7, "opacity": opacity},
                    text=[str(r.number) for r in mine],
                    hovertemplate=f"trial %{{text}}: %{{y:{score_format(metric)}}}<extra></extra>",
                )
            )
    return figure(
        data,
        xaxis=_axis(name, domain),
        yaxis=score_axis(metric, f"validation {metric.label}", range=list(window)),
    )


def contour(
    found: Surface,
    pair: tuple[str, str],
    domains: Mapping[str, Domain],
    records: Sequence[TrialRecord],
) -> go.Figure:
    """Draw the smoothed rank over two parameters, with the trials as dots."""
    levels = go.Contour(
        x=found.x,
        y=found.y,
        z=found.z,
        zmin=0,
        zmax=1,
        contours={"start": 0.1, "end": 0.9, "size": 0.1},
        line={"width": 0.5},
        colorbar={"title": {"text": "rank"}, "thickness": 12, "tickformat": ".0%"},
        hovertemplate="mean rank %{z:.0%}<extra></extra>",
    )
    dots = go.Scatter(
        x=[position(domains[pair[0]], r.params[pair[0]]) for r in records],
        y=[position(domains[pair[1]], r.params[pair[1]]) for r in records],
        mode="markers",
        marker={"color": ORANGE, "size": 5, "opacity": 0.8},
        text=[
            f"trial {r.number}: {label(r.params[pair[0]])}, {label(r.params[pair[1]])}"
            for r in records
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    return figure(
        [levels, dots],
        height=420,
        xaxis=_positions(pair[0], domains[pair[0]]),
        yaxis=_positions(pair[1], domains[pair[1]]),
    )


def _positions(name: str, domain: Domain) -> dict[str, Any]:
    """Make an axis of positions, labelled with the values that lie there."""
    if isinstance(domain, ChoiceDomain):
        values: list[Any] = list(domain.choices)
        texts = [label(v, 12) for v in values]
    else:
        values = _round_values(float(domain.low), float(domain.high), log=domain.log)
        texts = [f"{v:.3g}" if abs(v) < 1000 else f"{v:,.0f}" for v in values]
    return {
        "title": {"text": label(short_name(name))},
        "tickvals": [position(domain, v) for v in values],
        "ticktext": texts,
        "range": [-0.04, 1.04],
        "showgrid": False,
    }


def _round_values(low: float, high: float, *, log: bool) -> list[float]:
    """Return a few values that are easy to read: powers of ten, or fifths of the range."""
    if not log:
        return [low + i / 5 * (high - low) for i in range(6)]
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first >= MANY_DECADES:
        return [10.0**e for e in range(first, last + 1)]
    return [low * (high / low) ** (i / 4) for i in range(5)]


def network_layers(architecture: Architecture, widest: int) -> list[Layer]:
    """Bars of a small drawing 100 units high: one a hidden layer, as high as it is wide."""
    layers = []
    for i, width in enumerate(architecture.widths):
        # The square root, or a layer of 30 units beside one of 1,000 could not be seen.
        height = max(3.0, 76 * (width / widest) ** 0.5)
        layers.append(Layer(14 + i * 34, 40 - height / 2, height, f"{width:,}"))
    return layers
