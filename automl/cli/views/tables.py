"""Tables and scores for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def print_table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    *,
    tight: bool = False,
) -> None:
    """Print a table.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequence of str
    right : sequence of int
        Columns that are aligned to the right.
    tight : bool
        One space between columns instead of two, for a table of many.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    padding = (0, 0) if tight else (0, 1)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=padding)
    for i, head in enumerate(heads):
        table.add_column(head, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def short_params(params: Mapping[str, Any], names: Sequence[str] | None = None) -> str:
    """Return parameters in one line, without their sections: ``depth=2 width=412``.

    Parameters
    ----------
    params : mapping
    names : sequence of str, optional
        Names of the columns that are shown; by default all.
    """
    chosen = [name for name in (names or params) if name in params]
    return " ".join(f"{param_label(name)}={short_value(params[name])}" for name in chosen)


def param_label(name: str) -> str:
    """Return the name of a parameter without its section."""
    section, _, last = name.rpartition(".")
    return section if last == "name" else last  # `optimizer.name` says more as `optimizer`


def short_value(value: Any) -> str:
    """Return a number with three digits, and anything else as it is."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def seconds_text(seconds: float) -> str:
    """Return a time as ``0:42``, ``12:05`` or ``1:02:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def short_count(number: int) -> str:
    """Return ``812,242`` as it is, and ``1.28 M`` from a million on: a column stays narrow."""
    return f"{number / 1e6:.2f} M" if number >= 1_000_000 else f"{number:,}"
