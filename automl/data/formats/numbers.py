"""Numbers as people write them in tables: 1,200.50 and 1.200,50, $12, 18 %, (300), and - for a gap.

How the numbers of a column are written is its format: the decimal sign, then the sign between
thousands if there is one. ``"."`` is how Python writes them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

GAPS = frozenset(
    {
        *("-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "?", "*"),
        *("na", "n/a", "#n/a", "n.a.", "nan", "none", "null", "nil"),
        *("missing", "unknown", "not available"),
    }
)
"""What stands in a column of numbers where one is missing, in small letters."""

FORMATS = (".", ".,", ",", ",.", ". ", ", ", ".'", ",'")
"""Decimal sign and sign between thousands, in the order in which they are tried."""

LARGEST_WHOLE = 2**53
"""float64 has every whole number up to this."""

CURRENCIES = (
    *("$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₪", "₫", "₴", "฿", "kr", "zł", "Kč"),
    *("USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK"),
    *("PLN", "CZK", "HUF", "BRL", "MXN", "ZAR", "SGD", "HKD", "KRW", "TRY", "RUB"),
)
"""Signs before or after an amount: Unicode's most used, and codes of ISO 4217."""

_MONEY = "|".join(re.escape(sign) for sign in CURRENCIES)
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>{_MONEY})?\s*(?P<sign2>[-+])?"
    rf"(?P<number>[\d.,' ]*\d[.,]?(?:[eE][-+]?\d+)?)\s*(?P<after>%|{_MONEY})?\s*(?P<close>\))?"
)
_WITH_UNIT = re.compile(r"[-+]?\d[\d.,]*\s?(?P<unit>[^\d\s.,:/-][^\d\s]{0,9})")
_ALIKE = str.maketrans(
    dict.fromkeys("\u00a0\u202f\u2007\u2009", " ") | {"\u2212": "-", "\u2019": "'"}
)
"""Spaces that do not break, the minus sign, and the typographic apostrophe."""


def is_gap(text: str) -> bool:
    """Return whether a text in a column of numbers says that there is none."""
    return text.strip().casefold() in GAPS


def find_format(texts: Iterable[str], formats: Iterable[str] = FORMATS) -> str | None:
    """Find how numbers are written.

    Parameters
    ----------
    texts : iterable of str
        All of them must be numbers, with one currency at most, or all with a percent sign.
    formats : iterable of str
        Those that may be found, the likeliest first.

    Returns
    -------
    str or None
        A format of `FORMATS`; None when there is none that reads all of them, or a text is a code
        with a leading zero.
    """
    left = tuple(formats)
    units: set[str] = set()
    for text in texts:
        unit, found = _read(text, left)
        units.add(unit)
        left = tuple(found)
        if not left:
            return None
    is_mixed = len(units - {""}) > 1 or ("%" in units and len(units) > 1)
    return None if is_mixed or not units else left[0]


def find_unit(texts: Collection[str]) -> str | None:
    """Return the text that stands behind every number, as kg does in 10 kg; None without one.

    Numbers with a unit are not read as such: those of 2WD and 4WD are names.
    """
    found = [_WITH_UNIT.fullmatch(text) for text in texts]
    units = {None if match is None else match["unit"] for match in found}
    return units.pop() if len(units) == 1 and len(found) > 2 else None


def describe_rounding(what: str, exact: int, kept: int) -> str:
    """Say that of so many whole numbers float64 tells fewer apart."""
    return (
        f"{what} has {exact:,} whole numbers beyond 2^53, of which {kept:,} can be told apart; if"
        " they are names, make them texts"
    )


def example_of(code: str) -> str:
    """Return a number that is written in a format: 1,200.5."""
    return f"1{code[1:]}200{code[0]}5"


def parse_numbers(texts: NDArray[np.object_], code: str) -> NDArray[np.float64]:
    """Read numbers that are written in one format.

    Parameters
    ----------
    texts : object array of shape (rows,)
        Texts, and None where one is missing.
    code : str
        A format of `FORMATS`.

    Returns
    -------
    float64 array of shape (rows,)
        NaN for None, and for what is no such number.
    """
    distinct = set(texts.tolist()) - {None}
    values = {text: _read(text, (code,))[1].get(code, np.nan) for text in distinct}
    return np.array([values.get(text, np.nan) for text in texts.tolist()], dtype=np.float64)


def _read(text: str, formats: tuple[str, ...]) -> tuple[str, dict[str, float]]:
    """Return the unit of an amount, and the number that it is in each of the formats that fit."""
    match = _AMOUNT.fullmatch(text.strip().translate(_ALIKE))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return "", {}
    if (match["sign"] and match["sign2"]) or (match["before"] and match["after"]):
        return "", {}
    is_negative = "-" in (match["sign"], match["sign2"]) or match["open"]
    number = match["number"]
    if re.match(r"0\d", number):
        return "", {}  # a code such as 00120
    found = {}
    for code in formats:
        if _pattern(code).fullmatch(number):
            plain = number.replace(code[1:], "") if len(code) > 1 else number
            value = float(plain.replace(code[0], "."))
            found[code] = -value if is_negative else value
    return match["before"] or match["after"] or "", found


@cache
def _pattern(code: str) -> re.Pattern[str]:
    decimal, between = re.escape(code[0]), re.escape(code[1:])
    whole = rf"\d{{1,3}}(?:{between}\d{{3}})*|\d+" if between else r"\d+"
    return re.compile(rf"(?:(?:{whole})(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][-+]?\d+)?")
