"""Scores of pruned trials made comparable with those of complete ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from automl.trial import TrialRecord, TrialStatus


def correct_pruned_scores(records: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Correct the scores of trials that were pruned between folds, so that all compare.

    The mean over the first folds alone is higher or lower than that over all of them by how easy
    those folds are: on small data by more than trials differ. What the complete trials gained or
    lost from there to their end, on average, is added.

    Parameters
    ----------
    records : sequence of TrialRecord
        Outside of cross-validation, or without a complete trial, nothing is changed.
    """
    complete = [
        r for r in records if r.status is TrialStatus.COMPLETE and r.history and r.unit == "fold"
    ]

    def corrected(record: TrialRecord) -> TrialRecord:
        folds = len(record.history)
        later = [r.history for r in complete if len(r.history) > folds]
        if record.status is not TrialStatus.PRUNED or record.valid_score is None or not later:
            return record
        gain = fmean(h[-1].valid_score - h[folds - 1].valid_score for h in later)
        return replace(record, valid_score=record.valid_score + gain)

    return [corrected(record) for record in records]
