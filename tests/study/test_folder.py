"""Every run of a trial has files and a seed of its own."""

from __future__ import annotations

from pathlib import Path

from automl.study.folder import StudyFolder
from automl.study.run import FINALIST_RUNS, Run

RUNS = [
    Run(3),
    *Run.of_finalist(3),
    Run.on_all_rows(3, 1),
    Run(31),
    *Run.of_finalist(31),
    Run.on_all_rows(31, 1),
]


def test_no_run_overwrites_another(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    for place in (folder.run_weights, folder.run_predictions, lambda run: run.seed(0), str):
        assert len({place(run) for run in RUNS}) == len(RUNS)
    for name in ("dummy", "one-epoch"):
        assert folder.baseline_predictions(name) not in map(folder.run_predictions, RUNS)


def test_the_weights_of_trials_are_told_from_those_of_their_later_runs(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.weights.mkdir()
    for run in RUNS:
        folder.run_weights(run).touch()
    folder.winner_onnx.touch()
    (folder.weights / "007.safetensors").touch()  # not ours
    assert folder.kept_trials() == {n: folder.run_weights(Run(n)) for n in (3, 31)}


def test_the_attempts_to_train_on_all_rows_have_seeds_of_their_own() -> None:
    runs = [Run.on_all_rows(3, attempt) for attempt in (1, 2, 3)]
    assert all(run.is_refit and run.number > FINALIST_RUNS for run in runs)
    assert len({run.seed(0) for run in runs}) == 3
