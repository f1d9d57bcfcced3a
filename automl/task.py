"""What is predicted from what: `Task` and `Inputs`, known to every layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

TaskKind = Literal["binary", "multiclass", "regression", "forecast"]
InputKind = Literal["vector", "image", "sequence"]

Label = bool | int | float | str | bytes
"""A class as the user calls it; a model gives it back in the same type and spelling."""


def label_text(label: Label) -> str:
    """Return a class as a text file or a page shows it."""
    return label.decode("utf-8", "backslashreplace") if isinstance(label, bytes) else str(label)


Centre = Literal["last", "mean", "season"]
"""What a forecast is relative to: the window's last value, its mean, or its last season."""

CENTRES: tuple[Centre, ...] = ("last", "mean", "season")


@dataclass(frozen=True, slots=True)
class Window:
    """How a network reads the steps before a forecast, of which the first feature is the target.

    Attributes
    ----------
    centre : {"last", "mean", "season"}
        What is subtracted before the network, and added to its outputs again.
    season : int
        Steps of a season; 1 for none.
    steps : int
        How many of the last steps the network reads.
    """

    centre: Centre = "last"
    season: int = 1
    steps: int = 1


@dataclass(frozen=True, slots=True)
class Inputs:
    """The shape of one row as the network sees it.

    Attributes
    ----------
    kind : {"vector", "image", "sequence"}
    shape : tuple of int
        ``(features,)``, ``(channels, height, width)`` or ``(steps, features)``.
    categories : tuple of int
        Number of codes of each of the last ``len(categories)`` numbers of a vector, which are
        embedded; 0 is a code too, for a missing or unseen category.
    masked : bool
        Whether the last feature is a mask, for sequences that differ in length: 1 at a step that
        is there and 0 behind the end, where every other feature is 0 as well.
    window : Window or None
        How a network reads a row that is the window before a forecast; None for other rows.
    """

    kind: InputKind
    shape: tuple[int, ...]
    categories: tuple[int, ...] = ()
    masked: bool = False
    window: Window | None = None

    @property
    def n_features(self) -> int:
        """How many numbers one row has."""
        size = 1
        for side in self.shape:
            size *= side
        return size


@dataclass(frozen=True, slots=True)
class Task:
    """What is predicted.

    Attributes
    ----------
    kind : {"binary", "multiclass", "regression", "forecast"}
    classes : tuple of bool, int, float, str or bytes
        The labels that users see, sorted as their codes 0, 1, ...; empty for numbers.
    n_targets : int
        Columns of the target; 1 for classification, and the horizon of a forecast.
    season : int
        Steps of a season, of a forecast; 1 for none.
    """

    kind: TaskKind
    classes: tuple[Label, ...] = ()
    n_targets: int = 1
    season: int = 1

    @classmethod
    def classification(cls, classes: tuple[Label, ...]) -> Task:
        """Make the task of telling `classes` apart: binary for two, else multiclass."""
        return cls("binary" if len(classes) == 2 else "multiclass", classes)

    @property
    def is_classification(self) -> bool:
        """Whether the target is a class."""
        return self.kind in ("binary", "multiclass")

    @property
    def is_forecast(self) -> bool:
        """Whether the targets are the next steps of a series."""
        return self.kind == "forecast"

    @property
    def n_outputs(self) -> int:
        """Outputs of a network: one logit for binary, one a class, or one a target."""
        return {
            "binary": 1,
            "multiclass": len(self.classes),
            "regression": self.n_targets,
            "forecast": self.n_targets,
        }[self.kind]

    @property
    def default_metric(self) -> str:
        """The metric that a search uses when none is asked for."""
        return {"regression": "rmse", "forecast": "mase"}.get(self.kind, "accuracy")

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON, in which bytes are hexadecimal."""
        classes = [{"bytes": c.hex()} if isinstance(c, bytes) else c for c in self.classes]
        plain = {"kind": self.kind, "classes": classes, "n_targets": self.n_targets}
        return {**plain, "season": self.season} if self.is_forecast else plain

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Task:
        """Read what `to_json` wrote."""
        classes = (
            bytes.fromhex(c["bytes"]) if isinstance(c, dict) else c for c in values["classes"]
        )
        return cls(values["kind"], tuple(classes), values["n_targets"], values.get("season", 1))
