"""What every section of the report must do."""

from __future__ import annotations

from collections.abc import Iterable

from automl.report.facts import Facts
from automl.report.parts import Chart, Part
from automl.report.sections import Section


def check_section(section: Section, studies: Iterable[Facts]) -> None:
    """Hold a section of the report to its contract.

    Parameters
    ----------
    section : Section
    studies : iterable of Facts
        Facts of studies at different stages: without a trial, without a result, with one.
        `automl.report.gather.gather` makes them of a study's view.

    Raises
    ------
    AssertionError
        With what is broken.
    """
    assert isinstance(section.order, int)
    assert section.question.endswith("?"), f"{section.question!r} is no question"
    for facts in studies:
        parts = section.parts(facts)
        assert isinstance(parts, list)
        for part in parts:
            assert isinstance(part, Part), f"{part!r} is no part of a page"
        names = [part.name for part in parts if isinstance(part, Chart)]
        assert len(set(names)) == len(names), f"two charts have one name: {names}"
        for chart in (part for part in parts if isinstance(part, Chart)):
            assert chart.title, f"the chart {chart.name!r} has no title"
            assert chart.alt, f"the chart {chart.name!r} says nothing to who cannot see it"
