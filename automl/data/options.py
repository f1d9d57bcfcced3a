"""`DataOptions`: what the user says of data of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from automl.errors import ConfigError, UnknownNameError
from automl.task import TaskKind


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
        for name in ("target", "drop"):
            if name in found:
                found[name] = tuple(found[name])
        return cls(**found)

    def given(self) -> list[str]:
        """Return the options that were given, as on the command line."""
        return [
            f"--{field.name.replace('_', '-')}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]

    def refuse_sequences(self, reason: str) -> None:
        """Raise ConfigError with the reason when anything was said of sequences."""
        self.refuse(("kind", "sequence", "order"), reason)

    def refuse(self, names: Sequence[str], reason: str) -> None:
        """Raise ConfigError with the reason when one of these options was given."""
        flags = {f"--{name.replace('_', '-')}" for name in names}
        if given := [flag for flag in self.given() if flag in flags]:
            raise ConfigError(f"{given[0]}: {reason}")

    def refuse_all(self, reason: str) -> None:
        """Raise ConfigError with the reason when any option was given."""
        self.refuse([field.name for field in fields(self)], reason)


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
