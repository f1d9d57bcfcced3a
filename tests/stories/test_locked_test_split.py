"""The labels of the test split cannot reach training or selection."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.data import Dataset, LockedSplit
from automl.data import load as real_load
from automl.result import SearchResult
from automl.study.view import StudyView

Search = Callable[..., SearchResult]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_poisoned_test_labels_choose_the_same_model(
    run_search: Search,
    read: Callable[[str], StudyView],
    studies: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def poisoned(name: str, **options: Any) -> Dataset:
        clean = real_load(name, **options)
        wrong = (clean.test.unlock() + 1) % len(clean.task.classes)
        return Dataset(
            clean.name,
            clean.task,
            clean.kind,
            clean.train,
            clean.valid,
            LockedSplit(clean.test.X, wrong),
            clean.fingerprint,
        )

    options: dict[str, Any] = {
        "trials": 6,
        "finalists": 2,
        "baselines": ("svm", "dummy"),
        "max_epochs": 6,
    }
    clean = run_search("wine", study="clean", **options)
    monkeypatch.setattr("automl.orchestrator.problem.load", poisoned)
    other = run_search("wine", study="poisoned", **options)
    assert clean.best is not None
    assert other.best is not None
    assert (clean.best.number, clean.best.params) == (other.best.number, other.best.params)
    assert clean.best.valid_score == other.best.valid_score
    assert [f.valid_scores for f in clean.finalists] == [f.valid_scores for f in other.finalists]
    assert clean.baselines["svm"].params == other.baselines["svm"].params
    if clean.ensemble is not None and other.ensemble is not None:
        assert clean.ensemble.members == other.ensemble.members
    scores = [[r.valid_score for r in read(name).records] for name in ("clean", "poisoned")]
    assert scores[0] == scores[1]
    weights = [
        {p.name: _hash(p) for p in (studies / name / "weights").glob("*.safetensors")}
        for name in ("clean", "poisoned")
    ]
    assert weights[0]
    assert weights[0] == weights[1]
    assert clean.handed_over == other.handed_over
    best = [
        {p.name: _hash(p) for p in (studies / name / "best").glob("*.safetensors")}
        for name in ("clean", "poisoned")
    ]
    assert best[0]
    assert best[0] == best[1]
    assert clean.calibration == other.calibration
    # The poison did arrive where the labels may be read: at the very end.
    assert clean.test is not None
    assert other.test is not None
    assert clean.test.score > 0.7 > 0.3 > other.test.score


def test_the_labels_are_read_once_and_after_everything_is_chosen(
    run_search: Search, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen_before: list[bool] = []
    unlock = LockedSplit.unlock

    def watched(self: LockedSplit) -> Any:
        names = {p.name for p in (studies / "iris" / "predictions").iterdir()}
        chosen_before.append({"svm.npz", "trial-0-0.npz"} <= names)
        return unlock(self)

    monkeypatch.setattr(LockedSplit, "unlock", watched)
    result = run_search(trials=1, baselines=("svm",))
    assert chosen_before == [True]
    assert result.test_reads == 1


def test_predictions_of_workers_hold_no_labels(run_search: Search, studies: Path) -> None:
    run_search(trials=1)
    for path in (studies / "iris" / "predictions").glob("trial-*.npz"):
        assert set(np.load(path).files) == {"valid", "test"}
