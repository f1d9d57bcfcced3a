"""A trial that was pruned after an easy fold does not look better than it is."""

from __future__ import annotations

import pytest

from automl.report.collect.fold_correction import correct_pruned_scores
from automl.trial import EpochResult, FoldResult, TrialRecord, TrialStatus


def _record(number: int, means: list[float], *, pruned: bool = False) -> TrialRecord:
    history = tuple(
        EpochResult(number, i + 1, 1.0, 1.0, mean, 0.1, 100.0, FoldResult(mean, 3))
        for i, mean in enumerate(means)
    )
    status = TrialStatus.PRUNED if pruned else TrialStatus.COMPLETE
    return TrialRecord(number, status, {}, means[-1], history, len(history))


def test_what_complete_trials_lost_after_those_folds_is_taken_off() -> None:
    records = [
        _record(0, [0.95, 0.90, 0.80]),
        _record(1, [0.99, 0.92, 0.86]),
        _record(2, [0.93], pruned=True),
        _record(3, [0.94, 0.90], pruned=True),
    ]
    found = [r.valid_score for r in correct_pruned_scores(records)]
    assert found == pytest.approx([0.80, 0.86, 0.93 - 0.14, 0.90 - 0.08])


def test_epochs_are_left_as_they_are() -> None:
    epochs = (
        EpochResult(0, 1, 1.0, 1.0, 0.5, 0.1, 100.0),
        EpochResult(0, 2, 1.0, 1.0, 0.9, 0.1, 9.0),
    )
    records = [
        TrialRecord(0, TrialStatus.COMPLETE, {}, 0.9, epochs, 2),
        TrialRecord(1, TrialStatus.PRUNED, {}, 0.5, epochs[:1], 1),
    ]
    assert correct_pruned_scores(records) == records
    assert correct_pruned_scores(records[1:]) == records[1:]
