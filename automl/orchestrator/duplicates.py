"""Equivalent candidates, of which only one is trained."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from automl.training.recipe import Recipe
from automl.trial import TrialRecord, TrialResult, TrialStatus

SAME_AS = "same as trial "
"""How the note of a trial begins that was not trained, because its twin was."""


class Twins:
    """Finds the trial that a candidate would only repeat.

    Parameters
    ----------
    records : iterable of TrialRecord
        Of earlier runs.
    """

    def __init__(self, records: Iterable[TrialRecord]) -> None:
        self._first: dict[bytes, TrialRecord] = {}
        for record in records:
            self.add(record)

    def add(self, record: TrialRecord) -> None:
        """Take in a finished trial; one that failed is worth a retry.

        Of twins the first by number stands, not by time: which of them was faster decides nothing.
        """
        if record.status is TrialStatus.FAILED:
            return
        first = self._first.setdefault(identity(record.params), record)
        if record.number < first.number:
            self._first[identity(record.params)] = record

    def of(self, params: Mapping[str, Any]) -> TrialRecord | None:
        """The first trial with equivalent parameters."""
        return self._first.get(identity(params))


def twins_result(twin: TrialRecord, number: int) -> TrialResult:
    """What a trial gets that is not trained: its twin's scores, in no time and without weights."""
    return TrialResult(
        number,
        twin.status,
        twin.history,
        0.0,
        twin.best_epoch,
        n_weights=twin.n_weights,
        glimpse=twin.glimpse,
    )


def identity(params: Mapping[str, Any]) -> bytes:
    """The same for candidates that are equivalent; a digest, which a long search keeps of each."""
    recipe = Recipe.parse(params).canonical()
    return hashlib.blake2b(repr(recipe).encode(), digest_size=16).digest()
