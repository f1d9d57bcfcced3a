"""What a search has spent on curves, epochs or seconds, and recommends at each mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from lcbench import EPOCHS, Task
from numpy.typing import NDArray

Rule = Literal["complete", "deepest", "last"]
"""Which configuration is recommended: the best of those trained in full (and while there is none,
the best latest score), the best of those that came furthest, or the best latest score."""


class Spent(Exception):
    """The last mark is reached."""


@dataclass(slots=True)
class _Entry:
    curve: NDArray[np.float64]
    price: float
    trained: int = 0


class Ledger:
    """Trains configurations by looking up their curves, and counts the epochs or the seconds.

    A configuration that is taken up again goes on where it was: only epochs that it has not had
    are counted. That is kind to the rivals that would begin anew.

    Parameters
    ----------
    task : Task
    marks : sequence of int
        In full trainings, ascending.
    rule : {"complete", "deepest", "last"}
    by_seconds : bool
        A full training's worth is the mean of random configurations, in seconds.
    """

    def __init__(
        self, task: Task, marks: Sequence[int], rule: Rule, *, by_seconds: bool = False
    ) -> None:
        self._task = task
        self._rule = rule
        self._unit = task.usual_seconds() if by_seconds else None
        self._entries: dict[tuple[Any, ...], _Entry] = {}
        self._marks = [mark * EPOCHS for mark in marks]
        self.spent = 0.0
        self.accuracies: list[float] = []
        """What the recommended configuration reaches in full, at each mark so far."""
        self.trials: list[int] = []
        """How many configurations were tried by then."""
        self.complete: list[int] = []
        """How many of them were trained in full."""

    def price(self, params: Mapping[str, Any]) -> float:
        """Return what an epoch of a configuration costs, in epochs or in usual epochs' seconds."""
        return 1.0 if self._unit is None else self._task.seconds(params) / self._unit

    def train(self, params: Mapping[str, Any], until: int) -> float:
        """Train a configuration up to an epoch; return its accuracy there, in per cent.

        Raises
        ------
        Spent
            When the last mark is reached.
        """
        key = tuple(sorted(params.items()))
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry(self._task.curve(params), self.price(params))
        for _ in range(entry.trained, until):
            self.spent += entry.price
            while self.spent > self._marks[len(self.accuracies)]:
                self._note()
                if len(self.accuracies) == len(self._marks):
                    raise Spent
            entry.trained += 1
        return float(entry.curve[until - 1])

    def _note(self) -> None:
        entries = [entry for entry in self._entries.values() if entry.trained]
        self.trials.append(len(entries))
        self.complete.append(sum(e.trained == EPOCHS for e in entries))
        deepest = max(e.trained for e in entries)
        if self._rule == "deepest" or (self._rule == "complete" and deepest == EPOCHS):
            entries = [e for e in entries if e.trained == deepest]
        best = max(entries, key=lambda e: e.curve[e.trained - 1])
        self.accuracies.append(float(best.curve[-1]))
