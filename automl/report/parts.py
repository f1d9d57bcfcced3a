"""What a section is made of; ``page/parts.html`` has a macro for each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words. `tone` is ``plain``, ``lead`` or ``note``."""

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure worth a glance."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """A few figures beside each other."""

    kind: ClassVar[str] = "tiles"
    items: list[Tile]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; `right` names the columns that are aligned to the right."""

    kind: ClassVar[str] = "table"
    title: str
    heads: list[str]
    rows: list[list[str]]
    right: tuple[int, ...] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A Plotly figure.

    Attributes
    ----------
    name : str
        Its id on the page.
    title : str
        What it shows, or better what it says.
    figure : plotly.graph_objects.Figure
    alt : str
        What a person who cannot see it should know.
    caption : str
        How to read it, and what was left out.
    half : bool
        Whether it may share a row with the next one on a wide screen.
    """

    kind: ClassVar[str] = "chart"
    name: str
    title: str
    figure: Any
    alt: str
    caption: str = ""
    half: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A row of image data and what the model made of it; `source` is a data URI."""

    source: str
    true: str
    predicted: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Rows of image data beside each other."""

    kind: ClassVar[str] = "pictures"
    title: str
    items: list[Picture]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One bar of a drawn network, in the drawing's own units."""

    x: float
    y: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Network:
    """A small drawing of one architecture."""

    title: str
    details: list[str]
    alt: str
    layers: list[Layer]


@dataclass(frozen=True, slots=True)
class Networks:
    """Architectures beside each other."""

    kind: ClassVar[str] = "networks"
    title: str
    items: list[Network]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Something to type."""

    kind: ClassVar[str] = "code"
    title: str
    text: str


Part = Paragraph | Tiles | Table | Chart | Pictures | Networks | Code
