"""`DataOptions`: what the user says of data of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from automl.data.formats.numbers import FORMATS
from automl.errors import ConfigError, UnknownNameError
from automl.metrics import METRICS
from automl.task import InputKind, TaskKind


@dataclass(frozen=True, slots=True)
class DataOptions:
    """How data is to be read and split; see `automl.config.SearchConfig` for each field."""

    target: tuple[str, ...] = ()
    task: TaskKind | None = None
    test_data: str | None = None
    group: str | None = None
    time: str | None = None
    drop: tuple[str, ...] = ()
    kind: Literal["image", "sequence"] | None = None
    sequence: str | None = None
    order: str | None = None
    horizon: int | None = None
    season: int | None = None
    known: tuple[str, ...] = ()
    header: bool | None = None
    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[str, ...] = ()
    date_format: str | None = None
    metric: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> DataOptions:
        """Take those fields from a configuration that are here.

        Parameters
        ----------
        config : mapping, or iterable of (name, value)
            A `automl.config.DataConfig` is such an iterable. This module does without it, because
            a saved model is loaded where pydantic is not installed. A mapping is what a study
            keeps of its configuration; fields may be missing in it.
        """
        options = config if isinstance(config, Mapping) else dict(config)
        found = {f.name: options[f.name] for f in fields(cls) if options.get(f.name) is not None}
        for name in ("target", "drop", "known", "missing"):
            if name in found:
                found[name] = tuple(found[name])
        return cls(**found)

    def given(self) -> list[str]:
        """Return the names of the options that were given; the metric is one of the search."""
        named = (field for field in fields(self) if field.name != "metric")
        return [field.name for field in named if getattr(self, field.name) != field.default]

    @property
    def number_formats(self) -> tuple[str, ...]:
        """The formats that numbers may be written in, the likeliest first."""
        decimal, between = self.decimal, self.thousands
        if decimal is None and between is None:
            return FORMATS
        if between is not None:
            return tuple(f"{sign}{between}" for sign in (decimal or ".,") if sign != between)
        return tuple(code for code in FORMATS if code[0] == decimal)

    @property
    def predicts(self) -> Literal["classes", "numbers"] | None:
        """What the metric that was asked for is made for."""
        metric = None if self.metric is None else METRICS.get(self.metric)
        if metric is None:
            return None
        return "classes" if metric.classification else "numbers"

    def refuse(self, names: Sequence[str], reason: str) -> None:
        """Raise ConfigError with the reason when one of these options was given."""
        if given := [name for name in self.given() if name in names]:
            name = "no-header" if given[0] == "header" and not self.header else given[0]
            raise ConfigError(f"--{name.replace('_', '-')}: {reason}")

    def refuse_forecast(self) -> None:
        """Raise ConfigError when a forecast is asked for, of what can have none."""
        if self.task == "forecast":
            raise ConfigError("task: a forecast needs a table of your own with a column of time")
        self.refuse(FORECAST, "is for forecasts; ask for one with --task forecast")

    def refuse_other_kind(self, kind: InputKind, what: str) -> None:
        """Raise ConfigError when the rows are said to be of another kind than `what`, which are."""
        if self.kind not in (None, kind):
            raise ConfigError(f"--kind: {what}, but got {self.kind}")


TABLE = ("group", "time", "drop", "missing", "date_format")
"""Options of tables, with named columns."""

LONG = ("sequence", "order")
"""Options of tables that hold sequences."""

FORECAST = ("horizon", "season", "known")
"""Options of forecasts."""

TEXT = ("header", "delimiter", "encoding", "decimal", "thousands")
"""Options of text files."""

NO_OPTIONS = DataOptions()
"""Nothing was said."""


def find_columns(wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the columns that an option names: each a name, or several with commas between.

    Raises
    ------
    UnknownNameError
        When there is no such column.
    """
    found: list[str] = []
    for text in wanted:
        parts = [text] if text in names else [part.strip() for part in text.split(",")]
        for part in parts:
            if part not in names:
                raise UnknownNameError("column", part, names)
            if part not in found:
                found.append(part)
    return found
