"""Draw the rooms of the package, and list them, from the code itself.

    python docs/draw_architecture.py

It writes docs/architecture.svg and the table of rooms in docs/architecture.md. A test runs it and
compares, so neither can be out of date.
"""

from __future__ import annotations

import ast
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "automl"
PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "architecture.svg"
BEGIN, END = "<!-- rooms: begin -->", "<!-- rooms: end -->"

LOWEST = "space"
"""The last layer that is drawn with arrows."""

WIDTH, MARGIN, ROW, BOX, GAP, FRAME = 1000, 20, 84, 40, 14, 28

STYLE = (
    "rect{fill:#eaf1fb;stroke:#3a6fb0}.module rect{fill:#f6f6f6;stroke:#999}"
    "text{font:15px sans-serif;text-anchor:middle;fill:#222}.note{font-size:13px;fill:#777}"
    "line{stroke:#8a97a8;stroke-width:1.2;marker-end:url(#arrow)}"
)
MARKER = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path d="M0 0 8 4 0 8z" fill="#8a97a8"/></marker>'
)


def layers() -> list[list[str]]:
    """Read the layers, highest first, from the test that holds them."""
    text = (ROOT / "tests" / "test_imports.py").read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LAYERS":
            found: list[set[str]] = ast.literal_eval(node.value)
            return [sorted(layer) for layer in found]
    raise SystemExit("tests/test_imports.py has no LAYERS")


def modules(room: str) -> list[Path]:
    """Return the files of a room, which is a package or one module."""
    folder = PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def describe(room: str) -> str:
    """Return the first line of a room's docstring."""
    folder = PACKAGE / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ")


def imported(room: str) -> set[str]:
    """Return the other rooms that a room imports, also inside of functions."""
    found = set()
    for path in modules(room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("automl."):
                found.add(str(node.module).split(".")[1])
            elif isinstance(node, ast.Import) and any(a.name == "automl" for a in node.names):
                found.add("api")  # the package's own names come from there
    return found - {room}


def without_shortcuts(edges: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out every arrow whose end can be reached over other arrows, too."""

    def reach(room: str) -> set[str]:
        return edges[room].union(*(reach(target) for target in edges[room]))

    return {
        room: {t for t in targets if not any(t in reach(o) for o in targets - {t})}
        for room, targets in edges.items()
    }


def picture() -> str:
    """Return the rooms as boxes, a layer a row, with the arrows that no other arrows imply.

    What lies below `LOWEST` stands at the bottom without arrows: every room may import it.
    """
    rows = layers()
    last = next(i for i, row in enumerate(rows) if LOWEST in row)
    below = [name for row in rows[last + 1 :] for name in row]
    half = (len(below) + 1) // 2
    rows, foundation = rows[: last + 1], [below[:half], below[half:]]
    place: dict[str, tuple[float, float, float]] = {}
    for i, row in enumerate([*rows, *foundation]):
        top = MARGIN + i * ROW + (FRAME if i > last else 0)
        place |= _in_a_row(row, top)
    drawn = {name for row in rows for name in row}
    edges = without_shortcuts({room: imported(room) & drawn for room in drawn})
    lines = [
        _arrow(place[room], place[target])
        for room in sorted(edges)
        for target in sorted(edges[room])
    ]
    boxes = [_box(room, *at) for room, at in place.items()]
    height = 2 * MARGIN + (len(rows) + 1) * ROW + BOX + 2 * FRAME
    top = MARGIN + len(rows) * ROW - 4
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            ' role="img" aria-label="The rooms of automl and what they import">',
            f"<style>{STYLE}</style><defs>{MARKER}</defs>",
            f'<rect width="{WIDTH}" height="{height}" style="fill:#fff;stroke:none"/>',
            f'<rect x="{MARGIN}" y="{top}" width="{WIDTH - 2 * MARGIN}"'
            f' height="{height - top - 8}" rx="8" style="fill:#fafafa;stroke:#ccc"/>',
            f'<text class="note" x="{WIDTH / 2}" y="{top + 18}">what every room may import</text>',
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def _in_a_row(row: list[str], top: float) -> dict[str, tuple[float, float, float]]:
    """Return left end, top and width of each box of a row, centred."""
    widths = [9 * len(name) + 26 for name in row]
    left = (WIDTH - sum(widths) - GAP * (len(row) - 1)) / 2
    place = {}
    for name, width in zip(row, widths, strict=True):
        place[name] = (left, top, float(width))
        left += width + GAP
    return place


def _arrow(start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
    (x, y, w), (to_x, to_y, to_w) = start, end
    if y == to_y:
        ends = (x + w, to_x) if x < to_x else (x, to_x + to_w)
        points = (ends[0], y + BOX / 2, ends[1], to_y + BOX / 2)
    else:
        points = (x + w / 2, y + BOX, to_x + to_w / 2, to_y)
    return '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>'.format(*points)


def _box(room: str, x: float, y: float, w: float) -> str:
    kind = "package" if (PACKAGE / room).is_dir() else "module"
    return (
        f'<g class="{kind}"><title>{escape(describe(room))}</title>'
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{w}" height="{BOX}" rx="6"/>'
        f'<text x="{x + w / 2:.1f}" y="{y + BOX / 2 + 5:.1f}">{escape(room)}</text></g>'
    )


def table() -> str:
    """Return the rooms with what each is for, highest first, as a table in Markdown."""
    rooms = [room for row in layers() for room in row]
    return "\n".join(
        [
            "| room | modules | what it is for |",
            "| --- | --- | --- |",
            *(f"| `{room}` | {len(modules(room))} | {describe(room)} |" for room in rooms),
        ]
    )


def page(text: str) -> str:
    """Return the page with its table of rooms anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> None:
    """Write the picture and the table."""
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
