"""``automl best``, ``predict``, ``export`` and ``replay`` on the study of a real search."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import automl
from automl.bundle.format import read_info, sha256
from automl.bundle.onnx import available as extra
from automl.data import load
from automl.study.view import read_study
from automl.trial import TrialStatus

Cli = Callable[..., Any]
SEARCH = (
    *("search", "--dataset", "digits", "--trials", "6", "--max-epochs", "3", "--keep", "0"),
    *(
        "--set",
        "model.width=24",
        "--finalists",
        "1",
        "--baselines",
        "dummy",
        "--executor",
        "inline",
    ),
)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder of studies with a finished search, and what the search printed."""
    from automl.cli import main

    folder, out, err = tmp_path_factory.mktemp("finished"), io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_STUDIES", str(folder / "studies"))
        patch.setattr(sys, "argv", ["automl", *SEARCH])
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
            main()
    assert not end.value.code, err.getvalue()
    assert err.getvalue() == ""
    return folder / "studies", out.getvalue()


@pytest.fixture
def study(finished: tuple[Path, str], studies: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished study that a test may change; ``digits`` in its own machine."""
    shutil.copytree(finished[0], studies, symlinks=True)
    monkeypatch.chdir(studies.parent)
    return studies / "digits"


@pytest.fixture
def rows(study: Path) -> np.ndarray:
    X = load("digits").test.X[:20]
    np.save("X.npy", X)
    return X


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def lost(study: Path) -> int:
    """A trial that was trained and has no weights any more."""
    for record in read_study("digits").records:
        weights = study / "weights" / f"{record.number}.safetensors"
        if record.note is None and len(record.history) > 1 and not weights.exists():
            return record.number
    raise AssertionError("every trial has its weights")


def test_a_search_exports_its_winner_and_prints_the_difference(
    finished: tuple[Path, str],
) -> None:
    pytest.importorskip("onnxruntime")
    best = finished[0] / "digits" / "best"
    facts = read_info(best)["onnx"]
    assert facts["largest_difference"] <= facts["tolerance"]
    assert f"differ by {facts['largest_difference']:.2g} at most" in finished[1]
    assert (best / "model.onnx").is_file()


def test_the_bundle_reaches_the_test_score_that_the_search_reported(study: Path) -> None:
    model = automl.load_model("digits")
    test = load("digits").test
    reported = json.loads((study / "result.json").read_text())["test"]["score"]
    assert model.score(test.X, test.unlock()) == reported == model.info["scores"]["test"]["score"]


def test_only_the_best_trials_weights_are_kept_without_a_quota(study: Path) -> None:
    assert len(list((study / "weights").glob("[0-9]*.safetensors"))) == 1


def test_best_prints_the_head_of_the_card(cli: Cli, study: Path) -> None:
    ran = cli("best", "digits")
    assert ran.code == 0
    assert "# digits" in ran.out
    assert "95 % interval" in ran.out
    assert "how it was chosen" not in ran.out.lower()
    assert 'automl.load_model("digits")' in ran.out


@pytest.mark.parametrize("to", ["copy", "copy.zip"])
def test_best_copies_the_bundle(cli: Cli, study: Path, rows: np.ndarray, to: str) -> None:
    assert cli("best", "digits", "--to", to).code == 0
    expected = automl.load_model("digits").predict_proba(rows)
    np.testing.assert_array_equal(automl.load_model(to).predict_proba(rows), expected)


def test_predict_prints_a_label_a_row(cli: Cli, study: Path, rows: np.ndarray) -> None:
    ran = cli("predict", "digits", "X.npy", "-o", "-")
    assert ran.code == 0
    assert not Path("-").exists()
    labels = [int(row["prediction"]) for row in read_csv(ran.out)]
    assert labels == automl.load_model("digits").predict(rows).tolist()


def test_predict_writes_probabilities_by_class(cli: Cli, study: Path, rows: np.ndarray) -> None:
    assert cli("best", "digits", "--to", "copy.zip").code == 0
    ran = cli("predict", "copy.zip", "X.npy", "--proba", "-o", "out.csv")
    assert (ran.code, ran.out) == (0, "")
    found = read_csv(Path("out.csv").read_text())
    model = automl.load_model("digits")
    proba = np.array([[row[str(c)] for c in model.classes_] for row in found], dtype=np.float32)
    np.testing.assert_array_equal(proba, model.predict_proba(rows))


def test_predict_reads_a_folder_of_images(cli: Cli, study: Path, rows: np.ndarray) -> None:
    Path("images").mkdir()
    for i, pixels in enumerate(rows):
        Image.fromarray(np.rint(pixels * (255 / 16)).astype(np.uint8)).save(f"images/{i:02}.png")
    found = read_csv(cli("predict", "digits", "images").out)
    assert [row["file"] for row in found] == [f"{i:02}.png" for i in range(len(rows))]
    labels = [int(row["prediction"]) for row in found]
    assert labels == automl.load_model("digits").predict(rows).tolist()


def test_export_of_a_lost_trial_trains_it_again_and_says_so(
    cli: Cli, study: Path, rows: np.ndarray
) -> None:
    number = lost(study)
    ran = cli("export", "digits", "--trial", str(number), "--format", "zip", "--to", "t.zip")
    assert ran.code == 0
    assert "trained again from its seed" in ran.out
    model = automl.load_model("t.zip")
    record = read_study("digits").records[number]
    valid = load("digits").valid
    assert model.score(valid.X, valid.y) == record.valid_score == model.info["scores"]["valid"]
    assert model.info["training"]["trial"] == number
    assert model.info["scores"]["test"] is None


def test_export_of_a_kept_trial_takes_its_weights(cli: Cli, study: Path) -> None:
    weights = next((study / "weights").glob("[0-9]*.safetensors"))
    ran = cli("export", "digits", "--trial", weights.stem, "--format", "torch", "--to", "kept")
    assert ran.code == 0
    assert "trained again" not in ran.out
    assert sha256(Path("kept") / "model.safetensors") == sha256(weights)
    automl.load_model("kept")


def test_export_packs_the_best_model(cli: Cli, study: Path) -> None:
    assert cli("export", "digits", "--format", "zip").code == 0
    names = set(zipfile.ZipFile("digits-model.zip").namelist())
    assert names == {p.name for p in (study / "best").iterdir()}


def test_export_to_onnx_adds_it_to_the_bundle_or_writes_a_file(
    cli: Cli, study: Path, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    search = ("search", "--dataset", "digits", "--study", "plain", "--no-onnx", "--quiet")
    small = ("--trials", "1", "--max-epochs", "1", "--finalists", "0", "--baselines", "none")
    assert cli(*search, *small, "--executor", "inline").code == 0
    assert "to add it: automl export plain --format onnx" in cli("best", "plain").out
    bundle = study.parent / "plain" / "best"
    assert cli("export", "plain", "--format", "onnx", "--to", "plain.onnx").code == 0
    assert not (bundle / "model.onnx").exists()
    ran = cli("export", "plain", "--format", "onnx")
    assert ran.code == 0
    assert "onnxruntime and torch differ by" in ran.out
    assert "model.onnx" not in cli("best", "plain").out
    expected = automl.load_model("plain").predict_proba(rows)
    for path in (bundle / "model.onnx", Path("plain.onnx")):
        session = onnxruntime.InferenceSession(str(path))
        out = session.run(None, {"rows": rows.astype(np.float32)})[0]
        np.testing.assert_allclose(out, expected, atol=1e-5)


def test_without_the_extra_search_and_best_say_how_to_add_it(
    cli: Cli, study: Path, small_search: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    search = ("search", "--dataset", "iris", "--trials", "1", "--max-epochs", "1")
    rest = ("--executor", "inline", "--finalists", "0", "--baselines", "none")
    assert "pip install 'automl[onnx]'" in cli(*search, *rest).out
    assert "pip install 'automl[onnx]'" in cli("best", "iris").out
    automl.load_model("iris")


def test_a_model_that_onnxruntime_sees_otherwise_costs_nobody_their_search(
    cli: Cli, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    onnx = pytest.importorskip("automl.bundle.onnx.export")
    monkeypatch.setattr(onnx, "largest_difference", lambda *args: 0.5)
    search = ("search", "--dataset", "iris", "--trials", "1", "--max-epochs", "1")
    ran = cli(*search, "--executor", "inline", "--finalists", "0", "--baselines", "none")
    assert ran.code == 0
    assert "model.onnx is left out" in ran.out
    assert "must agree to 0.0001, but differ by 0.5" in ran.out
    assert automl.load_model("iris").info["onnx"] is None


def test_a_trial_that_is_the_same_as_another_is_replayed_as_that(
    cli: Cli, studies: Path, tmp_path: Path
) -> None:
    space = tmp_path / "one.yaml"
    space.write_text("family: mlp\nmodel: {width: {choice: [8]}}\n")
    search = ("search", "--dataset", "iris", "--trials", "2", "--space", str(space), "--no-onnx")
    rest = ("--max-epochs", "2", "--executor", "inline", "--finalists", "0", "--baselines", "none")
    assert cli(*search, *rest).code == 0
    ran = cli("replay", "iris", "--trial", "1")
    assert "same as trial 0" in ran.out
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("status", [TrialStatus.COMPLETE, TrialStatus.PRUNED])
def test_replay_agrees_to_the_bit(cli: Cli, study: Path, status: TrialStatus) -> None:
    record = next(r for r in read_study("digits").records if r.status is status)
    ran = cli("replay", "digits", "--trial", str(record.number))
    assert ran.code == 0, ran.err
    assert "they agree" in ran.out
    assert ran.out.count(f"{record.history[0].train_loss:.6f}") == 2  # then and now


def test_replay_notices_a_history_that_differs_in_the_last_digit(cli: Cli, study: Path) -> None:
    database = sqlite3.connect(study / "study.db")
    with database:
        database.execute(
            "UPDATE trial_intermediate_values SET intermediate_value = intermediate_value + 1e-15"
        )
    database.close()
    ran = cli("replay", "digits", "--trial", "0")
    assert ran.code == 1
    assert "they differ" in ran.err
    assert "epoch 1" in ran.err


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["best", "nowhere"], "neither a study"),
        (["best", "digits", "--to", "X.npy"], "new or empty"),
        (["predict", "nowhere", "X.npy"], "neither a study"),
        (["predict", "digits", "nowhere.csv"], "No such file"),
        (["predict", "digits", "X.npy", "-o", "no/where.csv"], "must be writable"),
        (["predict", "digits", "X.npy", "-o", "./X.npy"], "another file than the rows are read"),
        (
            ["export", "digits", "--format", "onnx", "--to", "X.npy"],
            "must end in .onnx, for there is",
        ),
        (["predict", "X.npy", "X.npy"], "must be a zip of a bundle"),
        (["export", "digits", "--format", "pickle"], "unknown format 'pickle'"),
        (["export", "nowhere", "--format", "zip"], "no study 'nowhere'"),
        (["export", "digits", "--format", "zip", "--to", "folder"], "must end in .zip"),
        (["export", "digits", "--format", "torch", "--to", "a.zip"], "not a zip"),
        (["export", "digits", "--format", "onnx", "--to", "a.zip"], "a file, not a zip"),
        (["export", "digits", "--trial", "99", "--format", "zip"], "no finished trial 99"),
        (["replay", "digits", "--trial", "-1"], "no finished trial -1"),
        (["replay", "../digits", "--trial", "0"], "study name"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_one_line(
    cli: Cli,
    study: Path,
    rows: np.ndarray,
    one_line: Callable[[str], str],
    args: list[str],
    reason: str,
) -> None:
    ran = cli(*args)
    assert ran.code == 2
    assert reason in one_line(ran.err)
    assert ran.out == ""


def test_other_data_than_the_study_was_made_on_is_refused(
    cli: Cli, study: Path, one_line: Callable[[str], str]
) -> None:
    database = sqlite3.connect(study / "study.db")
    with database:
        value = database.execute(
            "SELECT value_json FROM study_user_attributes WHERE key = 'automl:identity'"
        ).fetchone()[0]
        changed = json.loads(value) | {"data (SHA-256)": "0" * 64}
        database.execute(
            "UPDATE study_user_attributes SET value_json = ? WHERE key = 'automl:identity'",
            [json.dumps(changed)],
        )
    database.close()
    ran = cli("replay", "digits", "--trial", "0")
    assert ran.code == 2
    assert "was made on other data" in one_line(ran.err)


def test_best_never_loads_torch(python: Cli, study: Path) -> None:
    code = (
        "import sys; sys.argv = ['automl', 'best', 'digits']\n"
        "import automl.cli\n"
        "try: automl.cli.main()\n"
        "finally: print('LOADED', 'torch' in sys.modules, 'optuna' in sys.modules)\n"
    )
    assert "LOADED False False" in python("-c", code).stdout


def test_a_study_whose_model_was_deleted_says_so(cli: Cli, study: Path) -> None:
    shutil.rmtree(study / "best")
    said = cli("predict", "digits", "nothing.npy").err
    assert "study 'digits': its model, which lay in" in said
    assert "automl export digits --trial NUMBER --format zip" in said
