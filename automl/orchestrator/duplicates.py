"""Equivalent candidates, of which only one is trained."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from automl.training.recipe import Recipe
from automl.trial import TrialRecord, TrialResult, TrialStatus

SAME_AS = "same as trial "
"""How the note of a trial begins that has the result of an equivalent one."""


class Duplicates:
    """Finds the trial that a candidate would only repeat.

    Parameters
    ----------
    records : iterable of TrialRecord
        Trials of earlier runs.
    """

    def __init__(self, records: Iterable[TrialRecord]) -> None:
        self._first: dict[bytes, TrialRecord] = {}
        for record in records:
            self.add(record)

    def add(self, record: TrialRecord) -> None:
        """Take in a finished trial; one that failed is worth a retry.

        Of several, the first by number stands, not by time: which was faster decides nothing.
        """
        if record.status is TrialStatus.FAILED:
            return
        first = self._first.setdefault(identity(record.params), record)
        if record.number < first.number:
            self._first[identity(record.params)] = record

    def original(self, params: Mapping[str, Any]) -> TrialRecord | None:
        """Return the first trial with equivalent parameters, if there is one."""
        return self._first.get(identity(params))


def copied_result(original: TrialRecord, number: int) -> TrialResult:
    """Return the result of a trial that is not trained: the original's scores, without weights."""
    return TrialResult(
        number,
        original.status,
        original.history,
        0.0,
        original.best_epoch,
        n_weights=original.n_weights,
        glimpse=original.glimpse,
    )


def same_as(record: TrialRecord) -> int:
    """Return the number of the trial that was trained for this record, mostly its own."""
    note = record.note or ""
    return int(note.removeprefix(SAME_AS)) if note.startswith(SAME_AS) else record.number


def identity(params: Mapping[str, Any]) -> bytes:
    """Return a digest that equivalent candidates share; a long search keeps one of each."""
    recipe = Recipe.parse(params).canonical()
    return hashlib.blake2b(repr(recipe).encode(), digest_size=16).digest()
