"""The contract of a section: one file here answers one question.

`automl.report.page` asks every section for its parts, in the order of `Section.order`; an empty
answer leaves the section out. A section of an installed package comes after the six of automl.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from automl.registry import Registry
from automl.report.facts import Facts
from automl.report.parts import Part


class Section(ABC):
    """One question. A file assigns an instance to ``SECTION``.

    Attributes
    ----------
    order : int
        Its place on the page; automl's own have 1 to 6.
    question : str
        The heading.
    """

    order: ClassVar[int]
    question: ClassVar[str]

    @abstractmethod
    def parts(self, facts: Facts) -> list[Part]:
        """Answer the question, in reading order.

        Must cope with a study that has no result yet, no complete trial, or a single one.
        """


SECTIONS: Registry[Section] = Registry("automl.report.sections", "SECTION", "section")


def in_order() -> list[tuple[str, Section]]:
    """Return every section with its name, in the order of the page."""
    found = [(name, SECTIONS.get(name)) for name in SECTIONS.names()]
    return sorted(found, key=lambda pair: (pair[1].order, pair[0]))
