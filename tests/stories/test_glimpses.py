"""Candidates that are dropped in the middle of their first epoch: known, and never a gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from commands import Ran

from automl.errors import StudyError
from automl.followup.replay import first_difference, rerun
from automl.followup.study_setup import StudySetup
from automl.followup.trial_bundle import trial_bundle
from automl.orchestrator import trial_jobs as trial_settings
from automl.result import SearchResult
from automl.study.view import StudyView
from automl.trial import TrialRecord, TrialStatus

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]

OPTIONS = {"trials": 16, "max_epochs": 4, "seed": 1, "family": ("mlp",)}
# Many steps an epoch; one of L-BFGS would be a single step.
FIXED = ("training.batch_size=16", "optimizer.name=adamw")


@pytest.fixture(autouse=True)
def _also_on_small_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_settings, "GLIMPSE_FROM", 100)


def dropped(view: StudyView) -> list[TrialRecord]:
    """Those that came no further than their glimpse."""
    return [r for r in view.records if not r.history]


@pytest.fixture
def view(run_search: Search, read: Read, studies: Path) -> StudyView:
    run_search("digits", *FIXED, **OPTIONS)
    return read("digits")


def test_about_half_of_the_trials_end_at_their_glimpse(view: StudyView) -> None:
    assert all(r.glimpse is not None for r in view.records)
    assert 6 <= len(dropped(view)) <= 10
    for record in dropped(view):
        assert record.status is TrialStatus.PRUNED
        assert record.valid_score == record.glimpse
        assert record.extent == "part of an epoch"


def test_show_says_what_was_seen(view: StudyView, cli: Callable[..., Ran]) -> None:
    record = dropped(view)[0]
    ran = cli("show", "digits", "--trial", str(record.number))
    said = "after a part of its first epoch, on a part of the validation rows: "
    (line,) = [line for line in ran.out.splitlines() if line.startswith(said)]
    assert line == f"{said}{100 * (record.glimpse or 0):.2f} %"
    assert "train loss" not in ran.out


def test_optuna_sees_the_glimpse_as_step_0(view: StudyView) -> None:
    study = optuna.load_study(study_name="digits", storage=f"sqlite:///{view.folder.database}")
    for trial, record in zip(study.trials, view.records, strict=True):
        assert trial.intermediate_values[0] == record.glimpse
        assert len(trial.intermediate_values) == 1 + len(record.history)


def test_a_resumed_search_knows_what_was_seen_before(
    view: StudyView, run_search: Search, read: Read
) -> None:
    """With nothing known, the first trial of the second run would always go on."""
    run_search("digits", *FIXED, **{**OPTIONS, "trials": 32})
    again = read("digits").records
    assert [r.glimpse for r in again[:16]] == [r.glimpse for r in view.records]
    assert sum(not r.history for r in again[16:]) >= 6


def test_what_was_dropped_can_be_replayed_and_not_exported(view: StudyView) -> None:
    record = dropped(view)[0]
    setup = StudySetup.load(view)
    result = rerun(setup, record.number)
    assert first_difference(record, result) is None
    with pytest.raises(StudyError, match="was dropped in its first epoch, so it has no model"):
        trial_bundle(setup, record.number, Path("model"), print)


def test_other_pruners_and_folds_go_without(run_search: Search, read: Read) -> None:
    run_search("digits", *FIXED, **{**OPTIONS, "trials": 2}, pruner="median", study="median")
    run_search("iris", trials=2, max_epochs=3, folds=3, study="folds")
    for name in ("median", "folds"):
        assert all(r.glimpse is None and r.history for r in read(name).records)


def test_deterministic_searches_judge_glimpses_by_earlier_rounds(
    run_search: Search, read: Read
) -> None:
    found = []
    for workers, executor in ((1, "inline"), (2, "process")):
        name = f"with-{workers}"
        run_search(
            "digits",
            *FIXED,
            **OPTIONS,
            deterministic=True,
            study=name,
            workers=workers,
            executor=executor,
        )
        found.append([(r.glimpse, len(r.history), r.valid_score) for r in read(name).records])
    assert found[0] == found[1]
