"""`Run`: one training of a trial, by which its seed and its files are told from the others'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from automl.seeds import derive_seed

FINALIST_RUNS = 2
"""Fresh seeds a finalist: their mean has half the variance of one run, and three finalists still
cost little more than six full trainings."""


class Run(NamedTuple):
    """One training of a trial.

    Attributes
    ----------
    trial : int
        The trial's number.
    number : int
        0 is the training in the search itself, 1 to `FINALIST_RUNS` are those of a finalist, and
        greater ones are attempts to train the winner on all rows.
    """

    trial: int
    number: int = 0

    @classmethod
    def of_finalist(cls, trial: int, runs: int = FINALIST_RUNS) -> Iterator[Run]:
        """Yield the runs of a finalist, the first so many."""
        return (cls(trial, number) for number in range(1, runs + 1))

    @classmethod
    def on_all_rows(cls, trial: int, attempt: int) -> Run:
        """Return an attempt, counted from 1, to train the winner on all rows."""
        return cls(trial, FINALIST_RUNS + attempt)

    @property
    def is_finalists(self) -> bool:
        """Whether it is a fresh run of a finalist."""
        return 1 <= self.number <= FINALIST_RUNS

    @property
    def is_refit(self) -> bool:
        """Whether it trains on all rows."""
        return self.number > FINALIST_RUNS

    def seed(self, study_seed: int) -> int:
        """Return the seed of this training, different from that of every other."""
        if self.number == 0:
            return derive_seed(study_seed, self.trial)
        return derive_seed(study_seed, self.trial, self.number)

    def __str__(self) -> str:
        return f"trial {self.trial}, run {self.number}" if self.number else f"trial {self.trial}"
