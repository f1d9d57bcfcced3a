"""How dates are written as text: as ISO 8601 says, with numbers, or with the name of a month."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from automl.data.read.table.cells import parse_dates

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?\s?(Z|UTC|[+-]\d\d(:?\d\d)?)?)?"
)
_TIME = r"(?: (?P<hour>\d{1,2}:\d\d)(?P<second>:\d\d)?(?P<half> ?[AP]M)?)?"
_NUMBERS = re.compile(rf"(\d{{1,4}})([/.-])(\d{{1,2}})\2(\d{{1,4}}){_TIME}", re.IGNORECASE)
_MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_NAMED = re.compile(
    rf"(?:\d{{1,2}}([ -]){_MONTHS}\1(?:\d{{4}}|\d\d)|{_MONTHS} \d{{1,2}}, \d{{4}}){_TIME}",
    re.IGNORECASE,
)
_WITH_NAMES = (
    *("%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%B-%Y"),
    *("%d-%b-%y", "%d %b %y"),
)
_LIKELY = re.compile(
    r"\d{1,4}([/.-])\d{1,2}\1\d{1,4}([ T].*)?|\d{1,2}:\d\d(:\d\d)?( ?[AP]M)?"
    rf"|\d{{1,2}}[ -]{_MONTHS}([ -]\d{{2,4}}.*)?|{_MONTHS}[ -]\d{{2,4}}"
    rf"|{_MONTHS} \d{{1,2}}, \d{{4}}.*",
    re.IGNORECASE,
)


def date_formats(texts: Collection[str], named: str | None) -> list[str]:
    """Find how dates are written.

    Parameters
    ----------
    texts : collection of str
        All of them must be dates, written alike.
    named : str, optional
        Format that counts if it fits.

    Returns
    -------
    list of str
        Formats that fit, in the codes of `strptime`; an empty text for ISO 8601. Several where day
        and month could change places; none where these are no dates.
    """
    if named is not None and is_written(texts, named):
        return [named]
    if all(map(_ISO.fullmatch, texts)):
        return [""] if is_written(texts, "ISO8601") else []
    if matches := _matches(_NUMBERS, texts):
        shapes = {(m[2], len(m[1]) == 4) for m in matches}
        if len(shapes) > 1 or not all(4 in (len(m[1]), len(m[4])) for m in matches):
            return []  # not all written alike, or a year of two digits
        ((separator, year_first),) = shapes
        orders = ["Ymd"] if year_first else ["dmY"] if separator == "." else ["dmY", "mdY"]
        days = [separator.join(f"%{part}" for part in order) for order in orders]
        return [day + _time(matches) for day in days if is_written(texts, day + _time(matches))]
    if matches := _matches(_NAMED, texts):
        days = [day + _time(matches) for day in _WITH_NAMES]
        return [day for day in days if is_written(texts, day)][:1]  # May is long and short
    return []


def are_likely_dates(texts: Collection[str]) -> bool:
    """Return whether a person would take texts for dates or times, however they are written."""
    return bool(texts) and all(map(_LIKELY.fullmatch, texts))


def _matches(pattern: re.Pattern[str], texts: Iterable[str]) -> list[re.Match[str]]:
    """Return the match of every text, or nothing."""
    found = []
    for text in texts:
        match = pattern.fullmatch(text)
        if match is None:
            return []
        found.append(match)
    return found


def _time(matches: list[re.Match[str]]) -> str:
    """Return how the time is written behind the first date; the others are held to it."""
    match = matches[0]
    if match["hour"] is None:
        return ""
    hour, half = "%H", match["half"] or ""
    if half:
        hour, half = "%I", f"{half[: -len('AM')]}%p"
    return f" {hour}:%M{':%S' if match['second'] else ''}{half}"


def is_written(texts: Collection[str], format_: str) -> bool:
    """Return whether all texts are dates of a format, in the codes of `strptime`."""
    import pandas as pd

    return not parse_dates(pd.Series(list(texts), dtype=object), format_).isna().any()
