"""What one parameter of a search space may be: a range of numbers, or one of a few values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

Scalar = str | int | float | bool
Params = dict[str, Scalar]


class Suggests(Protocol):
    """The part of `optuna.Trial` that sampling needs; a test passes its own."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int: ...
    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...
    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class IntDomain:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int
    log: bool = False

    def suggest(self, trial: Suggests, name: str) -> Scalar:
        """Sample one value."""
        return trial.suggest_int(name, self.low, self.high, log=self.log)

    def holds(self, value: Scalar) -> bool:
        """Return whether the value lies in the domain."""
        return type(value) is int and self.low <= value <= self.high

    def corners(self) -> tuple[Scalar, ...]:
        """Return the values whose legality decides that of all others."""
        return (self.low, self.high)


@dataclass(frozen=True, slots=True)
class FloatDomain:
    """Real numbers from `low` to `high`, both included."""

    low: float
    high: float
    log: bool = False

    def suggest(self, trial: Suggests, name: str) -> Scalar:
        """Sample one value."""
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    def holds(self, value: Scalar) -> bool:
        """Return whether the value lies in the domain."""
        return type(value) in (int, float) and self.low <= value <= self.high  # type: ignore[operator]

    def corners(self) -> tuple[Scalar, ...]:
        """Return the values whose legality decides that of all others."""
        return (self.low, self.high)


@dataclass(frozen=True, slots=True)
class ChoiceDomain:
    """One of a few scalars."""

    choices: tuple[Scalar, ...]

    def suggest(self, trial: Suggests, name: str) -> Scalar:
        """Sample one value."""
        chosen: Scalar = trial.suggest_categorical(name, self.choices)
        return chosen

    def holds(self, value: Scalar) -> bool:
        """Return whether the value is one of the choices, type included."""
        return any(value == c and type(value) is type(c) for c in self.choices)

    def corners(self) -> tuple[Scalar, ...]:
        """Return the values whose legality decides that of all others."""
        return self.choices


Domain = IntDomain | FloatDomain | ChoiceDomain
