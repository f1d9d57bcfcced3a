"""How a text file is written: encoding, delimiter, header, and the signs within numbers."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from automl.data.formats.numbers import find_format, is_gap
from automl.data.formats.sniff import find_encoding, unpacked
from automl.data.options import DataOptions
from automl.errors import DataError, one_line

DELIMITERS = (",", ";", "\t", "|")

_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 2**20
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_DECIMAL_POINT = re.compile(r"[-+]?\d*\.\d+")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written.

    Attributes
    ----------
    encoding, delimiter : str
    names : list of str
        Names of the columns; x0, x1, ... where the file has none.
    has_header : bool
        Whether the first line names the columns.
    decimal : str
        Decimal sign of the numbers that need no further reading.
    notes : list of str
        What was assumed.
    """

    encoding: str
    delimiter: str
    names: list[str]
    has_header: bool
    decimal: str
    notes: list[str]


def find_dialect(path: Path, options: DataOptions) -> Dialect:
    """Find how a text file is written; what the options say is so.

    Raises
    ------
    DataError
        When it is empty or no text, two columns have one name, or a row has more fields than the
        header.
    """
    encoding = options.encoding or find_encoding(path)
    notes = [] if encoding != "cp1252" else [f"{path.name} is not UTF-8: read as Windows-1252"]
    lines = _first_lines(path, encoding)
    delimiter = options.delimiter or _find_delimiter(path, lines)
    first, *rest = _fields(path, lines, delimiter)
    first = [name.strip() for name in first]
    has_header = options.header if options.header is not None else _is_header(first, rest)
    said = f"the first line of {path.name} ({', '.join(first):.60})"
    if has_header:
        _check_names(path, first)
        names = [name or f"unnamed_{i}" for i, name in enumerate(first)]  # of an index, likely
        if options.header is None and any(map(_is_number, first)):
            notes.append(f"{said} is read as the names of the columns; if it is a row: --no-header")
    else:
        names, rest = [f"x{i}" for i in range(len(first))], [first, *rest]
        if options.header is None:
            notes.append(
                f"{said} is read as a row, so the columns are called {names[0]} to {names[-1]}; if"
                " it names them: --header"
            )
    _check_widths(path, names, rest)
    decimal = options.decimal or ("," if _has_decimal_comma(rest, delimiter) else ".")
    return Dialect(encoding, delimiter, names, has_header, decimal, notes)


def _first_lines(path: Path, encoding: str) -> list[str]:
    """Return the lines of a file's beginning that are whole and not blank."""
    with unpacked(path) as stream:
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        start = text.read(_SAMPLE_CHARACTERS)
        text.detach()
    whole = start
    if len(start) == _SAMPLE_CHARACTERS:  # the last line is likely cut off
        whole = start[: max(start.rfind("\n"), start.rfind("\r")) + 1]
        if not whole:
            raise DataError(
                f"{path}: the first line must end within {_SAMPLE_CHARACTERS:,} characters, but"
                " does not; a table has a header of names, then one line a row"
            )
    lines = io.StringIO(whole, newline=None)
    found = list(itertools.islice((line for line in lines if line.strip()), _SAMPLE_LINES))
    if not found:
        raise DataError(f"{path}: must hold a header and rows, but is empty")
    return found


def _fields(path: Path, lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:  # such as a field of more than 128 KiB
        raise DataError(f"{path}: must be a table, but: {one_line(error)}") from None


def _find_delimiter(path: Path, lines: list[str]) -> str:
    """Find the delimiter that gives most lines as many fields as the header."""

    def fit(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in _fields(path, lines, delimiter)]
        alike = sum(count == counts[0] for count in counts) / len(counts)
        return (alike if counts[0] > 1 else 0.0, counts[0])

    return max(DELIMITERS, key=fit)


def _is_header(first: list[str], rest: list[list[str]]) -> bool:
    """Return whether the first line names the columns, and is no row itself.

    It is a row when it has a number wherever the others have, unless these numbers count up as
    years and places do; or when the texts that are in it are those of other rows.
    """
    columns = list(itertools.zip_longest(*rest, fillvalue=""))[: len(first)]
    above = [name for name, cells in zip(first, columns, strict=False) if _are_numbers(cells)]
    if above:
        numbers = [name for name in above if _is_number(name)]
        is_row = numbers and all(name in numbers or is_gap(name) for name in above)
        return not is_row or _counts_up(above)
    pairs = zip(first, columns, strict=False)
    return not columns or not all(name in cells for name, cells in pairs)


def _are_numbers(cells: Iterable[str]) -> bool:
    present = [cell for cell in cells if cell and not is_gap(cell)]
    return bool(present) and all(map(_is_number, present))


def _counts_up(texts: list[str]) -> bool:
    """Return whether numbers could be names: years in order, or 0, 1, 2 as pandas writes them."""
    if not all(text.isdecimal() and str(int(text)) == text for text in texts):
        return False
    numbers = [int(text) for text in texts]
    are_years = all(1900 <= number <= 2100 for number in numbers)
    is_rising = all(a < b for a, b in itertools.pairwise(numbers))
    return (are_years and is_rising) or (len(numbers) > 2 and numbers == list(range(len(numbers))))


def _check_names(path: Path, names: list[str]) -> None:
    counts = Counter(names)
    if twice := sorted(name for name, count in counts.items() if name and count > 1):
        listed = ", ".join(map(repr, twice))
        raise DataError(f"{path}: column names must differ, but {listed} comes more than once")


def _check_widths(path: Path, names: list[str], rows: list[list[str]]) -> None:
    for number, row in enumerate(rows, start=1):
        # A delimiter at the end of every line makes an empty field, which is passed over.
        if len(row) > len(names) and any(field.strip() for field in row[len(names) :]):
            raise DataError(
                f"{path}: every row must have as many fields as the first line ({len(names)}), but"
                f" row {number} has {len(row)}"
            )


def _is_number(text: str) -> bool:
    return find_format([text]) is not None


def _has_decimal_comma(rows: list[list[str]], delimiter: str) -> bool:
    """Return whether numbers are written as 3,14."""
    if delimiter == ",":
        return False
    fields = [field.strip() for row in rows for field in row]
    commas = any(_DECIMAL_COMMA.fullmatch(field) for field in fields)
    return commas and not any(_DECIMAL_POINT.fullmatch(field) for field in fields)
