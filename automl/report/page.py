"""From facts to one HTML file that needs nothing else: no network, no other file."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from automl.files import write_text
from automl.report.facts import Facts
from automl.report.parts import Chart, Part
from automl.report.sections import in_order


def write_report(path: Path, facts: Facts) -> None:
    """Write the page, so that a reader sees the old one or the new one, never a part."""
    write_text(path, render(facts))


def render(facts: Facts) -> str:
    """Render the page as text."""
    answers = [(name, section, section.parts(facts)) for name, section in in_order()]
    sections = [
        {"name": name, "question": section.question, "rows": in_rows(parts)}
        for name, section, parts in answers
        if parts
    ]
    charts = [p for _, _, parts in answers for p in parts if isinstance(p, Chart)]
    return (
        _environment()
        .get_template("page.html")
        .render(
            facts=facts,
            title=f"{facts.study}: what the search found",
            sections=sections,
            charts=embedded(charts),
            style=_own("page.css"),
            script=_own("page.js"),
            plotly=_plotly() if charts else "",
        )
    )


def in_rows(parts: list[Part]) -> list[list[Part]]:
    """Neighbouring charts that may share a row, two by two; anything else has its own."""
    rows: list[list[Part]] = []
    for part in parts:
        before = rows[-1] if rows else []
        if _half(part) and len(before) == 1 and _half(before[0]):
            before.append(part)
        else:
            rows.append([part])
    return rows


def _half(part: Part) -> bool:
    return isinstance(part, Chart) and part.half


def embedded(charts: list[Chart]) -> str:
    """Return the figures as JSON that can stand in a script element.

    Without "<" no text in it can end the element (``</script>``) or open a comment.
    """
    parts = (f'"{escape(chart.name)}":{chart.figure.to_json()}' for chart in charts)
    return ("{" + ",".join(parts) + "}").replace("<", "\\u003c").replace(">", "\\u003e")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("automl.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _own(name: str) -> str:
    """Read a file of the page's own."""
    return files("automl.report").joinpath("page", name).read_text(encoding="utf-8")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())
