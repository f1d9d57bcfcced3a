"""Section 3: how the search went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from automl.evaluation.rungs import Rung
from automl.metrics import Metric
from automl.report.collect.progress import Line, Span, Spent, Step
from automl.report.draw.style import (
    BLUE,
    FADED,
    GREEN,
    GREY,
    ORANGE,
    RED,
    figure,
    label,
    score_axis,
    score_format,
)
from automl.report.facts import score_of
from automl.trial import TrialRecord, TrialStatus

By = Literal["trials", "seconds"]

_STATUS = {
    TrialStatus.COMPLETE: ("complete", BLUE),
    TrialStatus.PRUNED: ("pruned", GREY),
    TrialStatus.FAILED: ("failed", RED),
}
LONGEST_ROW = 80
"""Characters of a worker's name: those of one host differ at their ends, and so do many hosts'."""

_DASHES = ("dash", "dot", "dashdot", "longdash")


def best_so_far(
    steps: Sequence[Step],
    dots: Sequence[TrialRecord],
    lines: Sequence[Line],
    metric: Metric,
    window: tuple[float, float],
    by: By,
) -> go.Figure:
    """Draw the best score so far as stairs, trials as dots, and lines to compare with."""
    seconds = by == "seconds"
    across = [r.finished if seconds else r.number for r in dots]
    end = max([*across, *(s.seconds if seconds else s.trial for s in steps)], default=0)
    data: list[Any] = [_dots_of(status, dots, metric, seconds=seconds) for status in _STATUS]
    for i, (line, dash) in enumerate(zip(lines, _DASHES * len(lines), strict=False)):
        data.append(
            go.Scatter(
                x=[0, end],
                y=[line.score, line.score],
                mode="lines",
                name=label(line.name),
                line={"color": ORANGE if i else GREY, "dash": dash, "width": 1.5},
                hovertemplate=f"{label(line.name)}: %{{y:{score_format(metric)}}}<extra></extra>",
            )
        )
    xs = [s.seconds if seconds else s.trial for s in steps]
    data.append(
        go.Scatter(
            x=[*xs, end],
            y=[*(s.score for s in steps), *(s.score for s in steps[-1:])],
            mode="lines",
            name="best so far",
            line={"color": GREEN, "width": 3, "shape": "hv"},
            hovertemplate=f"best so far: %{{y:{score_format(metric)}}}<extra></extra>",
        )
    )
    return figure(
        [trace for trace in data if trace is not None],
        height=400,
        xaxis={"title": {"text": "seconds" if seconds else "trial"}, "rangemode": "tozero"},
        yaxis=score_axis(metric, f"validation {metric.label}", range=list(window)),
    )


def _dots_of(
    status: TrialStatus, dots: Sequence[TrialRecord], metric: Metric, *, seconds: bool
) -> go.Scatter | None:
    name, colour = _STATUS[status]
    mine = [r for r in dots if r.status is status]
    if not mine:
        return None
    return go.Scatter(
        x=[r.finished if seconds else r.number for r in mine],
        y=[score_of(r) for r in mine],
        mode="markers",
        name=name,
        marker={"color": colour, "size": 6, "opacity": 0.55 if name == "pruned" else 0.9},
        text=[str(r.number) for r in mine],
        hovertemplate=f"trial %{{text}}: %{{y:{score_format(metric)}}}<extra></extra>",
    )


def learning_curves(
    drawn: Sequence[TrialRecord],
    best: int | None,
    metric: Metric,
    window: tuple[float, float],
    unit: str,
) -> go.Figure:
    """Draw validation scores against epochs, or folds; a group of trials is a line with gaps."""
    groups = [
        ("pruned", {"color": FADED, "width": 1}, TrialStatus.PRUNED),
        ("complete", {"color": BLUE, "width": 1.5}, TrialStatus.COMPLETE),
    ]
    data = [
        _curve(
            name, line, [r for r in drawn if r.status is status and r.number != best], metric, unit
        )
        for name, line, status in groups
    ]
    winner = [r for r in drawn if r.number == best]
    data.append(
        _curve(f"trial {best}, the winner", {"color": GREEN, "width": 3}, winner, metric, unit)
    )
    return figure(
        [trace for trace in data if trace is not None],
        height=400,
        xaxis={"title": {"text": unit}, "rangemode": "tozero"},
        yaxis=score_axis(metric, f"validation {metric.label}", range=list(window)),
    )


def _curve(
    name: str, line: dict[str, Any], group: Sequence[TrialRecord], metric: Metric, unit: str
) -> go.Scatter | None:
    if not group:
        return None
    x: list[int | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for record in group:
        x += [*(e.epoch for e in record.history), None]
        y += [*(e.valid_score for e in record.history), None]
        text += [str(record.number)] * (len(record.history) + 1)
    single = all(len(record.history) == 1 for record in group)
    return go.Scatter(
        x=x,
        y=y,
        text=text,
        mode="markers" if single else "lines",
        name=name,
        line=line,
        marker={"color": line["color"]},
        hovertemplate=f"trial %{{text}}, {unit} %{{x}}: "
        f"%{{y:{score_format(metric)}}}<extra></extra>",
    )


def rung_bars(rungs: Sequence[Rung], unit: str) -> go.Figure:
    """At each rung, how many trials went on and how many were dropped."""
    names = [r.where(unit) for r in rungs]
    went_on = go.Bar(
        x=names,
        y=[r.reached - r.dropped for r in rungs],
        name="went on",
        marker={"color": BLUE},
        hovertemplate="%{y} went on<extra></extra>",
    )
    dropped = go.Bar(
        x=names,
        y=[r.dropped for r in rungs],
        name="dropped",
        marker={"color": FADED},
        hovertemplate="%{y} dropped<extra></extra>",
    )
    return figure(
        [went_on, dropped],
        barmode="stack",
        xaxis={"type": "category"},
        yaxis={"title": {"text": "trials"}, "rangemode": "tozero"},
    )


def time_line(spans: Sequence[Span]) -> go.Figure:
    """Draw a row for each worker, in the order of the spans, and a bar for each trial."""
    rows = list(dict.fromkeys(label(s.row, LONGEST_ROW) for s in spans))
    data = []
    for status, (name, colour) in _STATUS.items():
        mine = [s for s in spans if s.status is status]
        if mine:
            data.append(
                go.Bar(
                    orientation="h",
                    y=[label(s.row, LONGEST_ROW) for s in mine],
                    base=[s.started for s in mine],
                    x=[s.seconds for s in mine],
                    name=name,
                    marker={"color": colour, "line": {"width": 0.5, "color": "rgba(0,0,0,0.35)"}},
                    text=[str(s.trial) for s in mine],
                    textposition="none",
                    hovertemplate="trial %{text}: %{x:.2f} s<extra></extra>",
                )
            )
    return figure(
        data,
        height=120 + 34 * len(rows),
        barmode="overlay",
        xaxis={"title": {"text": "seconds since the first trial began"}, "rangemode": "tozero"},
        yaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": rows[::-1],
        },
    )


def spent_bars(spent: Sequence[Spent], title: str) -> go.Figure:
    """Draw where the seconds went."""
    data = go.Bar(
        orientation="h",
        y=[label(s.name) for s in spent],
        x=[s.seconds for s in spent],
        marker={"color": BLUE},
        text=[f"{s.seconds:,.1f}" for s in spent],
        textposition="auto",
        hovertemplate="%{y}: %{x:.2f} s<extra></extra>",
    )
    return figure(
        data,
        height=90 + 34 * len(spent),
        xaxis={"title": {"text": title}},
        yaxis={"type": "category", "autorange": "reversed"},
    )
