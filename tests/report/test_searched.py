"""What a real search leaves behind: the page, the note, the artifacts."""

from __future__ import annotations

import json
import sqlite3
import warnings
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore, get_all_artifact_meta
from optuna_dashboard._note import get_note

from automl.dashboard.notes import attach
from automl.report.gather import gather, write_study_report
from automl.result import SearchResult
from automl.space.space import SearchSpace
from automl.study.study import Study
from automl.study.view import read_study
from automl.study.writer import StudyStore

Columns = list[tuple[str, ...]]


@pytest.fixture
def result(searched: Path) -> SearchResult:
    return SearchResult.read(searched / "result.json")


@pytest.fixture
def optuna_study(searched: Path) -> optuna.Study:
    """As optuna-dashboard sees it."""
    return optuna.load_study(study_name="digits", storage=f"sqlite:///{searched / 'study.db'}")


def test_a_search_writes_its_report(searched: Path) -> None:
    page = (searched / "report.html").read_text(encoding="utf-8")
    assert "What was found?" in page
    assert '<img src="data:image/png' in page


def test_the_facts_hold_what_was_judged(searched: Path, result: SearchResult) -> None:
    judged = gather(read_study("digits")).judged
    assert judged is not None
    assert result.test is not None
    assert float(np.mean(judged.predicted == judged.y)) == pytest.approx(result.test.score)
    assert judged.rows is not None
    assert judged.rows.shape == (len(judged.y), 8, 8)


def test_the_report_does_not_open_the_test_split_again(
    searched: Path, optuna_study: optuna.Study
) -> None:
    before = optuna_study.user_attrs["automl:test_reads"]
    write_study_report("digits")
    again = optuna.load_study(study_name="digits", storage=f"sqlite:///{searched / 'study.db'}")
    assert again.user_attrs["automl:test_reads"] == before == 1


def test_a_damaged_file_of_predictions_costs_the_page_its_mistakes_only(
    searched: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "judged.npz"
    broken.write_bytes(b"not a zip")
    monkeypatch.setattr("automl.study.folder.StudyFolder.judged", broken)
    assert gather(read_study("digits")).judged is None


def test_the_domains_are_those_of_the_space(searched: Path) -> None:
    domains = read_study("digits").space.domains
    assert "mlp.model.width" not in domains  # it was fixed
    assert repr(domains["mlp.optimizer.learning_rate"]).startswith("FloatDomain")
    assert repr(domains["cnn.model.channels"]).startswith("IntDomain")


def test_the_study_note_holds_the_verdict(result: SearchResult, optuna_study: optuna.Study) -> None:
    text = get_note(optuna_study)
    assert result.verdict is not None
    assert result.verdict in text


def test_the_winner_has_its_bundle_as_artifacts(
    searched: Path, result: SearchResult, optuna_study: optuna.Study
) -> None:
    assert result.best is not None
    trial = optuna_study.trials[result.best.number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        metas = get_all_artifact_meta(trial, storage=optuna_study._storage)
        store = FileSystemArtifactStore(searched / "artifacts")
    weights = next(m for m in metas if m.filename == "model.safetensors")
    with store.open_reader(weights.artifact_id) as kept:
        assert kept.read() == (searched / "best" / "model.safetensors").read_bytes()


def test_the_study_has_the_report_as_artifact(searched: Path, optuna_study: optuna.Study) -> None:
    metas = get_all_artifact_meta(optuna_study)
    assert [(m.filename, m.mimetype) for m in metas] == [("report.html", "text/html")]


def test_attaching_again_replaces_and_does_not_add(
    searched: Path, result: SearchResult, optuna_study: optuna.Study
) -> None:
    view = read_study("digits")

    def rows() -> Columns:
        with sqlite3.connect(searched / "study.db") as connection:
            tables = ("study_system_attributes", "trial_system_attributes")
            return [
                row
                for table in tables
                for row in connection.execute(
                    f"SELECT key, value_json FROM {table} WHERE key LIKE 'artifacts:%'"
                    " OR key LIKE 'dashboard:note_str%' ORDER BY key"
                )
            ]

    before = rows()
    store = StudyStore(view.folder.url)
    study_id = store.find_study("digits")
    assert study_id is not None
    attach(Study(view.folder, store, study_id, SearchSpace("digits", {}, {})), result)
    store.close()
    assert rows() == before
    with sqlite3.connect(searched / "study.db") as connection:
        query = "SELECT value_json FROM study_system_attributes WHERE key = 'dashboard:note_ver'"
        assert json.loads(connection.execute(query).fetchone()[0]) > 1


def test_a_note_longer_than_a_cell_is_read_back_whole(
    searched: Path, result: SearchResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = read_study("digits")
    store = StudyStore(view.folder.url)
    study_id = store.find_study("digits")
    assert study_id is not None
    study = Study(view.folder, store, study_id, SearchSpace("digits", {}, {}))
    long = result.model_copy(update={"verdict": "A long verdict. " * 400})
    attach(study, long)
    url = f"sqlite:///{searched / 'study.db'}"
    assert str(long.verdict) in get_note(optuna.load_study(study_name="digits", storage=url))
    attach(study, result)  # the fixture is shared
    store.close()
