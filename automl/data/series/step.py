"""`Step`: how far the times of a series are apart, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.errors import DataError

DAY = 86_400

_SECONDS = {1: "second", 60: "minute", 3_600: "hour", DAY: "day", 7 * DAY: "week"}
_MONTHS = {1: "month", 3: "quarter", 12: "year"}
_SEASONS = {"month": 12, "quarter": 4, "week": 52, "day": 7, "hour": 24}
"""Steps of a season, by the name of a step."""


@dataclass(frozen=True, slots=True)
class Step:
    """The time from one step to the next.

    Attributes
    ----------
    unit : {"month", "second", "number"}
        What `size` counts: months of the calendar, seconds, or the numbers of the column.
    size : float
    at_end : bool
        Whether steps of months are at their last day, whatever its number.
    """

    unit: Literal["month", "second", "number"]
    size: float
    at_end: bool = False

    def __str__(self) -> str:
        """Name it: ``month``, ``30 minutes``, or ``2`` for numbers."""
        if self.unit == "number":
            return f"{self.size:g}"
        names = _MONTHS if self.unit == "month" else _SECONDS
        if self.size in names:
            return names[int(self.size)]
        base = max(known for known in names if self.size % known == 0 or known == 1)
        return f"{self.size / base:g} {names[base]}s"

    @property
    def season(self) -> int:
        """Steps of the season that is usual for such steps; 1 where there is none."""
        if str(self) in _SEASONS:
            return _SEASONS[str(self)]
        parts = DAY / self.size if self.unit == "second" and self.size < DAY else 1
        return int(parts) if parts == int(parts) else 1

    def places(self, times: Array) -> NDArray[np.int64]:
        """Return the number of each step since a moment that is the same for all series.

        Parameters
        ----------
        times : float64 array of shape (steps,)
            Ascending: seconds since 1970, or numbers.

        Raises
        ------
        DataError
            When they do not lie that far apart, or at multiples of it.
        """
        counted = _months(times).astype(np.float64) if self.unit == "month" else times
        apart = (counted - counted[0]) / self.size
        whole = np.rint(apart)
        wrong = np.abs(apart - whole) > 1e-3
        if wrong.any():
            at = int(np.argmax(wrong))
            raise DataError(
                f"times must be whole steps apart, and most are one {self} apart, but"
                f" {self.text(times[at])} is not"
            )
        return np.asarray(whole + counted[0] // self.size, np.int64)

    def after(self, time: float, count: int) -> list[float]:
        """Return the times of the next steps."""
        if self.unit != "month":
            return [time + self.size * i for i in range(1, count + 1)]
        day = int(time // DAY) * DAY
        month = np.array([day], "datetime64[s]").astype("datetime64[M]")[0]
        of_month = _day_of_month(np.array([float(day)]))[0]
        found = []
        for i in range(1, count + 1):
            begin = month + np.timedelta64(int(self.size) * i, "M")
            length = int(_days(begin + np.timedelta64(1, "M")) - _days(begin))
            at = length if self.at_end else min(of_month, length)
            found.append(float((_days(begin) + at - 1) * DAY + time - day))
        return found

    def text(self, time: float) -> str:
        """Return a time as ISO 8601, or the number."""
        if self.unit == "number":
            return f"{time:.15g}"
        moment = str(np.datetime64(round(time), "s")).replace("T", " ")
        return moment.removesuffix(" 00:00:00")

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Step:
        """Read what `to_json` wrote."""
        return cls(values["unit"], float(values["size"]), values["at_end"] is True)


def find_step(series: Sequence[Array], *, are_dates: bool) -> Step:
    """Find how far apart most times are.

    Parameters
    ----------
    series : sequence of float64 array
        Times of each series, ascending.
    are_dates : bool
        Whether they are seconds since 1970, and not numbers.

    Raises
    ------
    DataError
        When no series has two times.
    """
    longer = [times for times in series if len(times) > 1]
    if not longer:
        raise DataError("a series must have two times or more, but none has")
    if are_dates:
        same_day = all(len(set(_day_of_month(times).tolist())) == 1 for times in longer)
        at_end = all(_is_month_end(times) for times in longer)
        if same_day or at_end:
            months = _usual([np.diff(_months(times)) for times in longer])
            if months >= 1:
                return Step("month", months, at_end and not same_day)
    return Step("second" if are_dates else "number", _usual([np.diff(t) for t in longer]))


def _usual(gaps: Sequence[Array]) -> float:
    """Return the most frequent one, to a millionth."""
    rounded = np.concatenate([np.round(gap.astype(np.float64), 6) for gap in gaps])
    values, counts = np.unique(rounded, return_counts=True)
    return float(values[np.argmax(counts)])


def _moments(times: Array) -> NDArray[np.datetime64]:
    return np.floor(times).astype(np.int64).astype("datetime64[s]")


def _months(times: Array) -> NDArray[np.int64]:
    return _moments(times).astype("datetime64[M]").astype(np.int64)


def _day_of_month(times: Array) -> NDArray[np.int64]:
    moments = _moments(times)
    begin = moments.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray((moments.astype("datetime64[D]") - begin).astype(np.int64) + 1)


def _is_month_end(times: Array) -> bool:
    return bool((_day_of_month(times + DAY) == 1).all())


def _days(month: np.datetime64) -> int:
    return int(month.astype("datetime64[D]").astype(np.int64))
