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
_COMMENTS = ("#", "%", "//")
_SAID = re.compile(r""""?sep=(.)"?""", re.IGNORECASE)
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+")
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
    skipped : int
        Lines of the file above the table.
    notes : list of str
        What was assumed.
    """

    encoding: str
    delimiter: str
    names: list[str]
    has_header: bool
    decimal: str
    skipped: int
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
    numbered = _first_lines(path, encoding)
    said_delimiter = _SAID.fullmatch(numbered[0][1].strip())
    if said_delimiter and len(numbered) > 1:  # as Excel writes it
        numbered = numbered[1:]
    else:
        said_delimiter = None
    lines = [line for _, line in numbered]
    delimiter = options.delimiter or (said_delimiter and said_delimiter[1])
    delimiter = delimiter or _find_delimiter(path, lines)
    rows = _fields(path, lines, delimiter)
    above, names_rows = find_table(rows, header=options.header)
    if above:
        notes.append(_said_above(path, lines[:above]))
    first, *rest = rows[above:]
    first = [name.strip() for name in first]
    if names_rows:
        first = ["", *first]
        notes.append(
            f"{path.name} names one column less than its rows have: the first one is called"
            " unnamed_0, and may be the names of the rows"
        )
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
    skipped = numbered[above][0] if above or said_delimiter else 0
    return Dialect(encoding, delimiter, names, has_header, decimal, skipped, notes)


def _said_above(path: Path, lines: list[str]) -> str:
    one = len(lines) == 1
    said = "line of" if one else f"{len(lines)} lines of"
    example = lines[0].strip().rstrip("".join(DELIMITERS))
    return (
        f"the first {said} {path.name} ({example!r:.60}) stand{'s' * one} above the table, and"
        f" {'is' if one else 'are'} left out"
    )


def is_undecided(path: Path) -> bool:
    """Return whether a file does not tell its encoding."""
    try:
        return find_encoding(path) == "cp1252"
    except DataError:
        return True


def begins_with(path: Path, delimiter: str, encoding: str | None) -> bool:
    """Return whether a delimiter that was named splits the first line of a file."""
    _, line = _first_lines(path, encoding or find_encoding(path))[0]
    others = set(DELIMITERS) - {delimiter} if delimiter == " " else set()
    return delimiter in line.strip() and not others & set(line)


def _first_lines(path: Path, encoding: str) -> list[tuple[int, str]]:
    """Return the lines of a file's beginning that are whole and not blank, with their places."""
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
    lines = enumerate(io.StringIO(whole, newline=None))
    found = list(itertools.islice((line for line in lines if line[1].strip()), _SAMPLE_LINES))
    if not found:
        raise DataError(f"{path}: must hold a header and rows, but is empty")
    return found


def _fields(path: Path, lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:  # such as a field of more than 128 KiB
        raise DataError(f"{path}: must be a table, but: {one_line(error)}") from None


def _find_delimiter(path: Path, lines: list[str]) -> str:
    """Find the delimiter that gives most lines as many fields as the header.

    Lines above the header have fewer fields. Spaces stand between columns of numbers only.
    """

    def fit(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in _fields(path, lines, delimiter)]
        usual, times = Counter(counts).most_common(1)[0]
        alike = counts.count(counts[0]) if counts[0] > 1 else 0
        behind = times / 2 if usual > 1 else 0.0
        return (max(alike, behind) / len(counts), counts[0])

    found = max(DELIMITERS, key=fit)
    if fit(found)[0]:
        return found
    rows = [line.split() for line in lines]
    widths = {len(row) for row in rows[1:]}
    is_spaced = len(rows) > 1 and len(widths) == 1 and len(rows[1]) > 1
    columns = zip(*rows[1:], strict=True) if is_spaced else ()
    return " " if any(map(_are_numbers, columns)) else found


def find_table(rows: list[list[str]], header: bool | None = None) -> tuple[int, bool]:
    """Find where a table begins: behind titles and comments, which have fewer fields than its rows.

    Parameters
    ----------
    rows : list of list of str
        Fields of the first lines.
    header : bool, optional
        Whether it has names, if that was said.

    Returns
    -------
    above : int
        Lines above the table.
    names_rows : bool
        Whether the rows begin with a name of their own, as those of R do: the header has one field
        less than each of them.
    """
    widths = [_width(row) for row in rows]
    usual, times = Counter(widths).most_common(1)[0]
    if usual < 2 or times < max(2, len(rows) / 2) or widths[0] >= usual:
        return 0, False
    begin = next(i for i, width in enumerate(widths) if width == usual)
    above, table = rows[:begin], rows[begin:]
    if all(row[0].startswith(_COMMENTS) for row in above):
        return begin, False
    if header is False:
        return 0, False
    if widths[begin - 1] == usual - 1 > 1 and set(widths[begin:]) == {usual}:
        return begin - 1, True
    return (begin if _is_header(table[0], table[1:]) else 0), False


def _width(row: list[str]) -> int:
    """Return how many fields a line has, without the empty ones at its end."""
    filled = [i for i, field in enumerate(row, start=1) if field.strip()]
    return filled[-1] if filled else 0


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
    """Return whether numbers are written as 3,14, and none as 3.14; 1.234 may be a thousand."""
    if delimiter == ",":
        return False
    fields = [field.strip() for row in rows for field in row]
    commas = any(_DECIMAL_COMMA.fullmatch(field) for field in fields)
    points = (field for field in fields if _DECIMAL_POINT.fullmatch(field))
    return commas and all(map(_THOUSANDS.fullmatch, points))
