"""`Column`: what one column of a table holds, and how it is written as numbers.

A table becomes one float64 array before anything else sees it, so splitting, sharing and
fingerprints know nothing of tables. NaN is a missing value in every kind of column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ColumnKind = Literal["number", "category", "boolean", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
    kind : {"number", "category", "boolean", "date"}
        Type of its values. In the array a number is itself; a category is its place in
        `categories`, or ``len(categories)`` when it is none of them; a boolean is 0 or 1; a date is
        seconds since 1970-01-01 in UTC.
    categories : tuple of str
        Sorted; empty for the other kinds.
    format : str
        How a date is written as text, in the codes of `strptime`, empty for ISO 8601; or how a
        number is, as `automl.data.formats.numbers` says, empty for the way that Python writes it.
        Empty for the other kinds.
    """

    name: str
    kind: ColumnKind
    categories: tuple[str, ...] = ()
    format: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        plain = {"name": self.name, "kind": self.kind, "categories": list(self.categories)}
        return {**plain, "format": self.format} if self.format else plain

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Column:
        """Read what `to_json` wrote."""
        categories = tuple(values["categories"])
        return cls(values["name"], values["kind"], categories, values.get("format", ""))


@dataclass(frozen=True, slots=True)
class LongForm:
    """Sequences as lines of a table: each line is one step.

    Attributes
    ----------
    sequence : str
        The column that tells which lines are one sequence.
    order : str or None
        The column that tells their order: dates or numbers. Without one they are in order.
    columns : tuple of Column
        The features: numbers and booleans.
    order_format : str
        How the order is written as text, as `format` of a `Column`.
    """

    sequence: str
    order: str | None
    columns: tuple[Column, ...]
    order_format: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        columns = [column.to_json() for column in self.columns]
        plain = {"sequence": self.sequence, "order": self.order, "columns": columns}
        return {**plain, "order_format": self.order_format} if self.order_format else plain

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> LongForm:
        """Read what `to_json` wrote."""
        order = values["order"]
        columns = tuple(Column.from_json(column) for column in values["columns"])
        named = None if order is None else str(order)
        return cls(str(values["sequence"]), named, columns, str(values.get("order_format", "")))


@dataclass(frozen=True, slots=True)
class TableForm:
    """What files of a table's rows do not tell, and the user or the training file did.

    Attributes
    ----------
    missing : tuple of str
        Texts that stand for a missing value, in place of the usual ones.
    has_header : bool
        Whether the first line of a text file names the columns.
    encoding : str
        How a file that is no UTF-8 and no UTF-16 is encoded; empty for Windows-1252.
    delimiter : str
        What stands between the fields when none of the usual signs does; empty if nothing.
    """

    missing: tuple[str, ...] = ()
    has_header: bool = True
    encoding: str = ""
    delimiter: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        plain = {"missing": list(self.missing), "has_header": self.has_header}
        said = {"encoding": self.encoding, "delimiter": self.delimiter}
        return {**plain, **{name: text for name, text in said.items() if text}}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TableForm:
        """Read what `to_json` wrote."""
        said = (str(values.get(name, "")) for name in ("encoding", "delimiter"))
        return cls(tuple(map(str, values["missing"])), values["has_header"] is True, *said)


USUAL_FORM = TableForm()


def number_columns(count: int) -> tuple[Column, ...]:
    """Return the columns of a plain array, named by their places."""
    return tuple(Column(f"x{i}", "number") for i in range(count))
