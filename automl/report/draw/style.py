"""What all figures share.

The page's script adds the colours that depend on light and dark: text, grid, and maps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import Any

import plotly.graph_objects as go

from automl.metrics import Metric

# Middle tones, with a contrast of 3:1 or more on white and on the dark page alike.
BLUE = "#3b82d0"
ORANGE = "#d9780b"
GREEN = "#259b67"
RED = "#d8485c"
GREY = "#868e99"
FADED = "rgba(134, 142, 153, 0.35)"

LONGEST_LABEL = 40


def label(text: object, most: int = LONGEST_LABEL) -> str:
    """Make a name from outside harmless: Plotly reads its texts as a kind of HTML."""
    plain = " ".join(str(text).split())
    short = plain if len(plain) <= most else plain[: most - 1] + "…"
    return escape(short, quote=False)


def short_name(parameter: str) -> str:
    """``optimizer.learning_rate`` as ``learning rate``, ``optimizer.name`` as ``optimizer``."""
    section, _, last = parameter.rpartition(".")
    return (section if last == "name" and section else last).replace("_", " ")


def figure(data: Any, height: int = 340, **layout: Any) -> go.Figure:
    """Make a figure without Plotly's own template, which would bring its colours."""
    settings = {
        "template": go.layout.Template(),
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hoverlabel": {"align": "left"},
        "dragmode": False,
        "bargap": 0.35,
    }
    made = go.Figure(data, layout={**settings, **layout})
    made.update_xaxes(automargin=True, zeroline=False)
    made.update_yaxes(automargin=True, zeroline=False)
    return made


def score_axis(metric: Metric, title: str, **more: Any) -> dict[str, Any]:
    """Make an axis of scores, in the words of the tables."""
    percent = metric.percent
    return {"title": {"text": title}, "tickformat": ".4~p" if percent else ".4~g", **more}


def score_format(metric: Metric) -> str:
    """Return the format of a score in a hover text."""
    return ".2%" if metric.percent else ".4g"


MAX_DECADES = 2
"""Up to so many powers of ten, 2 and 5 between them are labelled too."""


def log_axis(title: str, values: Iterable[float]) -> dict[str, Any]:
    """Make a logarithmic axis with labels of its own.

    Between powers of ten Plotly writes single digits, and a 2 after 100k is hard to read.
    """
    inside = list(values)
    first, last = math.log10(min(inside)), math.log10(max(inside))
    steps = (1, 2, 5) if last - first <= MAX_DECADES else (1,)
    ticks = [s * 10.0**e for e in range(math.floor(first) - 1, math.ceil(last) + 1) for s in steps]
    room = 0.06 * ((last - first) or 1.0)
    return {
        "type": "log",
        "title": {"text": title},
        "tickvals": ticks,
        "ticktext": [_thousands(tick) for tick in ticks],
        "range": [first - room, last + room],
    }


def _thousands(value: float) -> str:
    """``0.05``, ``500``, ``20k`` or ``5M``."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
