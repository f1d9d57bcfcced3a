"""`ForecastForm` and `Windows`: what a table of series is, and which windows were cut of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.data.schema import Column
from automl.data.series.step import Step


@dataclass(frozen=True, slots=True)
class ForecastForm:
    """Series as lines of a table, a line a step, and the windows that a forecast reads.

    Attributes
    ----------
    time : Column
        Dates or numbers.
    series : str or None
        The column that names the series of each line; None where there is but one.
    target : Column
        What is forecast.
    past : tuple of Column
        Numbers and booleans that are known up to a forecast.
    known : tuple of Column
        Those that are known ahead as well.
    step : Step
    horizon : int
        Steps of a forecast.
    season : int
        Steps of a season; 1 for none.
    lookback : int
        Steps of a window, which end before the forecast.
    """

    time: Column
    series: str | None
    target: Column
    past: tuple[Column, ...]
    known: tuple[Column, ...]
    step: Step
    horizon: int
    season: int
    lookback: int

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a series' values: the target first."""
        return (self.target, *self.past, *self.known)

    @property
    def n_features(self) -> int:
        """Numbers of a step of a window: what is known ahead comes twice."""
        return len(self.columns) + len(self.known)

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {
            "time": self.time.to_json(),
            "series": self.series,
            "target": self.target.to_json(),
            "past": [column.to_json() for column in self.past],
            "known": [column.to_json() for column in self.known],
            "step": self.step.to_json(),
            "horizon": self.horizon,
            "season": self.season,
            "lookback": self.lookback,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ForecastForm:
        """Read what `to_json` wrote."""
        past, known = (
            tuple(Column.from_json(column) for column in values[name]) for name in ("past", "known")
        )
        named = values["series"]
        return cls(
            Column.from_json(values["time"]),
            None if named is None else str(named),
            Column.from_json(values["target"]),
            past,
            known,
            Step.from_json(values["step"]),
            int(values["horizon"]),
            int(values["season"]),
            int(values["lookback"]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Where the rows of a forecast's data set come from.

    Attributes
    ----------
    form : ForecastForm
    series, first : int64 array of shape (rows,)
        Number of the series, and place in time of the first step that is forecast, of each
        training row and behind them of each validation row.
    blocks : int64 array of shape (test rows,)
        Test rows of one block depend on each other: forecasts of the same steps of a series, or,
        of many series, all of one series.
    scales : float64 array of shape (test rows,)
        What the numbers of the row were divided by.
    past : float64 array
        Values of the series before the test rows, one series after the other, divided by its scale.
    spans : int64 array of shape (test rows, 2)
        Which of them come before each test row.
    about : str
        The series and the windows, in a line.
    """

    form: ForecastForm
    series: NDArray[np.int64]
    first: NDArray[np.int64]
    blocks: NDArray[np.int64]
    scales: Array
    past: Array
    spans: NDArray[np.int64]
    about: str = ""
