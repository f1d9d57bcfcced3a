"""Options that several commands read."""

from __future__ import annotations

from typing import Annotated

import typer

from automl.errors import ConfigError
from automl.units import parse_duration, parse_size

TARGET = Annotated[
    list[str] | None,
    typer.Option(help="Column to predict, in a table; several with commas or repeated."),
]
TASK = Annotated[
    str | None, typer.Option(help="binary, multiclass or regression; by default, as it looks.")
]
TEST_DATA = Annotated[
    str | None, typer.Option(help="File with the test split; by default, a fifth of the rows.")
]
GROUP = Annotated[
    str | None, typer.Option(help="Column whose equal values stay on one side of the split.")
]
TIME = Annotated[
    str | None, typer.Option(help="Column of time: the latest rows are the test split.")
]
METRIC = Annotated[
    str | None,
    typer.Option(
        help="accuracy, balanced_accuracy, f1_macro, roc_auc, log_loss; rmse, mae, r2. By"
        " default accuracy, or rmse for numbers."
    ),
]
DROP = Annotated[
    list[str] | None, typer.Option(help="Column to leave out; several with commas or repeated.")
]

KIND = Annotated[
    str | None,
    typer.Option(help="image or sequence: rows of an array (rows, a, b); by default, as it looks."),
]
SEQUENCE = Annotated[
    str | None,
    typer.Option(help="Column whose equal values are one sequence, in a table of a line a step."),
]
ORDER = Annotated[
    str | None,
    typer.Option(help="Column with the order of a sequence's lines; by default, as they come."),
]


def _add_families(paths: list[str] | None) -> list[str] | None:
    if paths:
        from automl.models._from_file import add_families

        add_families(paths)
    return paths


PLUGIN = Annotated[
    list[str] | None,
    typer.Option(
        callback=_add_families,
        help="Python file with a family of your own, called as the file is; may be repeated.",
    ),
]


def parse_baselines(text: str) -> tuple[str, ...]:
    """``svm,logistic`` or ``none``."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ConfigError(
            f"baselines: must be names separated by commas, or none, but got {text!r}"
        )
    return () if names == ("none",) else names


def parse_memory(text: str | None) -> int | None:
    """``500MB`` or ``2GB`` in bytes."""
    size = parse_size(text)
    if size is not None and (not isinstance(size, int) or size <= 0):
        raise ConfigError(f"trial-memory: must be a size such as 500MB or 2GB, but got {text!r}")
    return size


def parse_time(text: str | None, option: str = "time-budget") -> float | None:
    """``90``, ``90s``, ``5m`` or ``1.5h`` in seconds."""
    seconds = parse_duration(text)
    if seconds is not None and (not isinstance(seconds, float) or seconds <= 0):
        raise ConfigError(f"{option}: must be a time such as 90s, 5m or 1h, but got {text!r}")
    return seconds
