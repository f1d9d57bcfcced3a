"""A search space: what may be sampled, and how.

`automl.space_file` reads one from YAML. The parameters are flat, with dotted names such as
``model.depth``; the file has them nested.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from automl.errors import SpaceError, UnknownNameError
from automl.settings import option

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
        """Whether the value lies in the domain."""
        return type(value) is int and self.low <= value <= self.high

    def corners(self) -> tuple[Scalar, ...]:
        """The values whose legality decides that of all others."""
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
        """Whether the value lies in the domain."""
        return type(value) in (int, float) and self.low <= value <= self.high  # type: ignore[operator]

    def corners(self) -> tuple[Scalar, ...]:
        """The values whose legality decides that of all others."""
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
        """Whether the value is one of the choices, type included."""
        return any(value == c and type(value) is type(c) for c in self.choices)

    def corners(self) -> tuple[Scalar, ...]:
        """The values whose legality decides that of all others."""
        return self.choices


Domain = IntDomain | FloatDomain | ChoiceDomain


@dataclass(frozen=True, slots=True)
class Budget:
    """How ``automl train`` runs a configuration: what the ``budget`` section of a file may name.

    A search has its own budget, and leaves this one alone.

    Attributes
    ----------
    epochs : int
        0 for what fits the number of rows.
    rows : {"train", "all"}
        Train on the training split, and keep the epoch that is best on the validation split; or
        on the rows of both, as textbooks do, and keep the last epoch.
    """

    epochs: int = option(0, low=0, high=100_000)
    rows: str = option("train", choices=("train", "all"))


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """What may be sampled.

    Attributes
    ----------
    source : str
        File or name it was read from, for messages.
    domains : dict of str to Domain
        Sampled parameters by dotted name, in the file's order.
    fixed : dict of str to scalar
        Parameters with one value.
    start : tuple of dict
        Configurations tried first; each gives values for sampled parameters.
    budget : Budget
        Of a configuration.
    """

    source: str
    domains: dict[str, Domain]
    fixed: Params
    start: tuple[Params, ...] = ()
    budget: Budget = Budget()

    @property
    def is_configuration(self) -> bool:
        """Whether every parameter has one value, so that there is nothing to search."""
        return not self.domains

    def sample(self, trial: Suggests) -> Params:
        """Draw one value for every parameter; the fixed ones are included."""
        drawn = {name: domain.suggest(trial, name) for name, domain in self.domains.items()}
        return {**self.fixed, **drawn}

    def fix(self, values: Mapping[str, Scalar]) -> SearchSpace:
        """A space in which these parameters have one value.

        Raises
        ------
        SpaceError
            When a name is not a parameter of this space.
        """
        for name in values:
            if name not in self.domains and name not in self.fixed:
                known = [*self.fixed, *self.domains]
                raise SpaceError(f"{self.source}: {UnknownNameError('parameter', name, known)}")
        domains = {n: d for n, d in self.domains.items() if n not in values}
        start = tuple({n: v for n, v in s.items() if n in domains} for s in self.start)
        distinct = tuple(s for i, s in enumerate(start) if s and s not in start[:i])
        fixed = {**self.fixed, **values}
        return replace(self, domains=domains, fixed=fixed, start=distinct)

    def fingerprint(self) -> str:
        """SHA-256 over everything that decides what is sampled, in hexadecimal."""
        plain = {
            "domains": {n: [type(d).__name__, repr(d)] for n, d in self.domains.items()},
            "fixed": self.fixed,
            "start": self.start,
        }
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
