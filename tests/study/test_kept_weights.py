"""The weights of trials keep to their quota of disk space."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from automl.config import SearchConfig
from automl.errors import ConfigError
from automl.result import SearchResult
from automl.study.folder import StudyFolder
from automl.study.kept_weights import KeptWeights
from automl.study.run import Run
from automl.study.view import read_study
from automl.trial import TrialRecord, TrialStatus
from automl.units import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("200MB", 200_000_000), ("1.5 GB", 1_500_000_000), ("10kb", 10_000), ("0", 0)],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert SearchConfig(dataset="iris", keep=text).keep == size


@pytest.mark.parametrize("text", ["5", "MB", "-1MB", "1e3MB", "1 TB", ""])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="keep"):
        SearchConfig(dataset="iris", keep=text)


class Study:
    """Trials whose weights are files; a trial's score is its place in the ranking."""

    def __init__(self, path: Path) -> None:
        self.folder = StudyFolder(path)
        self.folder.weights.mkdir()
        self.scores: dict[int, float] = {}

    def ranked(self) -> list[TrialRecord]:
        best_first = sorted(self.scores, key=lambda number: -self.scores[number])
        return [TrialRecord(n, TrialStatus.COMPLETE, {}, self.scores[n]) for n in best_first]

    def add(self, keep: KeptWeights, number: int, score: float, size: int = 100) -> None:
        self.scores[number] = score
        self.folder.run_weights(Run(number)).write_bytes(bytes(size))
        keep.add(number, self.ranked)

    def kept(self) -> set[int]:
        return {int(p.stem) for p in self.folder.weights.glob("[0-9]*.safetensors")}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def test_the_best_stay_and_the_worst_go(study: Study) -> None:
    keep = KeptWeights(study.folder, quota=300, always=1)
    for number, score in enumerate([0.5, 0.9, 0.1, 0.7, 0.2, 0.8]):
        study.add(keep, number, score)
    assert study.kept() == {1, 5, 3}


@pytest.mark.parametrize("always", [0, 1, 3])
def test_the_best_and_the_finalists_stay_whatever_the_quota(study: Study, always: int) -> None:
    keep = KeptWeights(study.folder, quota=0, always=always)
    for number in range(6):
        study.add(keep, number, score=number)
    assert study.kept() == set(range(6 - max(1, always), 6))


def test_a_resumed_study_keeps_to_its_quota(study: Study) -> None:
    keep = KeptWeights(study.folder, quota=200, always=1)
    study.add(keep, 0, 0.3)
    study.add(keep, 1, 0.5)
    (study.folder.weights / "finalist-0-1.safetensors").write_bytes(bytes(1000))
    study.add(KeptWeights(study.folder, quota=200, always=1), 2, 0.4)
    assert study.kept() == {1, 2}
    assert (study.folder.weights / "finalist-0-1.safetensors").exists()


def test_nothing_goes_while_there_is_room(study: Study) -> None:
    keep = KeptWeights(study.folder, quota=10_000, always=1)
    for number in range(9):
        study.add(keep, number, score=-number)
    assert study.kept() == set(range(9))


@pytest.mark.parametrize("always", [1, 6])
def test_files_are_counted_too(study: Study, monkeypatch: pytest.MonkeyPatch, always: int) -> None:
    monkeypatch.setattr("automl.study.kept_weights.MAX_FILES", 4)
    keep = KeptWeights(study.folder, quota=10_000, always=always)
    for number in range(9):
        study.add(keep, number, score=number)
        assert len(study.kept()) <= max(4, always)
    assert study.kept() == set(range(9 - max(4, always), 9))


def test_a_trial_that_is_stopped_too_late_leaves_no_weights(
    run_search: Callable[..., SearchResult], studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The word does not reach the worker in time: it trains to the end, and saves.
    monkeypatch.setattr("automl.executors.inline.InlineExecutor.stop", lambda *args, **more: None)
    run_search(trials=12, max_epochs=3)
    records = read_study("iris").records
    assert TrialStatus.PRUNED in {record.status for record in records}
    complete = {r.number for r in records if r.status is TrialStatus.COMPLETE}
    kept = {int(path.stem) for path in (studies / "iris" / "weights").glob("[0-9]*.safetensors")}
    assert kept <= complete
