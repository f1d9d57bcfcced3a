"""Studies of earlier versions open: they are shown, reported, loaded, and gone on with."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
import pytest
from commands import Ran

import automl
from automl.followup.replay import first_difference, rerun
from automl.followup.study_setup import StudySetup
from automl.study.view import read_study

ARCHIVES = sorted((Path(__file__).parent / "old_studies").glob("*.tar.gz"))


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.name.removesuffix(".tar.gz"))
def old(request: pytest.FixtureRequest, own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a study that an earlier version has left, in its place."""
    with tarfile.open(request.param) as archive:
        archive.extractall(own_machine, filter="data")
    monkeypatch.chdir(own_machine)
    return own_machine / "studies" / "iris"


def test_there_is_one_of_the_first_version() -> None:
    assert "0.1.0.tar.gz" in [path.name for path in ARCHIVES]


def test_it_is_shown_reported_and_loaded(old: Path, cli: Callable[..., Ran]) -> None:
    for command in (["show", "iris"], ["show", "iris", "--trial", "0"], ["studies"]):
        assert cli(*command).code == 0
    assert cli("report", "iris").code == 0
    assert (old / "report.html").stat().st_size > 10_000
    view = read_study("iris")
    assert len(view.records) == 6
    assert view.result is not None
    assert view.result.verdict
    model = automl.load_model("iris")
    assert model.predict(np.array([[5.1, 3.5, 1.4, 0.2]])).shape == (1,)


def test_a_search_goes_on_with_it(old: Path, cli: Callable[..., Ran]) -> None:
    before = read_study("iris").records
    ran = cli(
        *("search", "--dataset", "iris", "--space", "space.yaml", "--trials", "8"),
        *("--max-epochs", "3", "--no-onnx", "--baselines", "dummy", "--finalists", "2"),
        *("--executor", "inline", "--quiet"),
    )
    assert ran.code == 0, ran.err
    after = read_study("iris").records
    assert after[:6] == before
    assert len(after) == 8


def test_a_trial_of_it_can_be_trained_again(old: Path, cli: Callable[..., Ran]) -> None:
    """To the last bit where the processor is that of the archive, to six digits elsewhere.

    Products differ in their last bits between processors; seen on an AMD EPYC without AMX.
    """
    view = read_study("iris")
    record, setup = view.records[0], StudySetup.load(view)
    again = rerun(setup, 0)
    for then, now in zip(record.history, again.history, strict=True):
        losses = (then.train_loss, then.valid_loss, then.valid_score)
        assert (now.train_loss, now.valid_loss, now.valid_score) == pytest.approx(losses, rel=1e-5)
    exact = first_difference(record, again) is None
    assert cli("replay", "iris", "--trial", "0").code == (0 if exact else 1)


def test_a_study_of_optunas_own_is_read_and_its_search_refused(
    studies: Path,
    cli: Callable[..., Ran],
    small_search: Callable[..., Ran],
    one_line: Callable[[str], str],
) -> None:
    (studies / "theirs").mkdir(parents=True)
    url = f"sqlite:///{studies}/theirs/study.db"
    study = optuna.create_study(study_name="theirs", storage=url, direction="minimize")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=3)
    assert "3 trials" in cli("show", "theirs").out
    ran = small_search("--study", "theirs")
    assert ran.code == 2
    assert "was not made by automl, so it can be looked at but not searched" in one_line(ran.err)
    assert len(optuna.load_study(study_name="theirs", storage=url).trials) == 3


def test_a_study_that_nobody_may_write_is_still_read(old: Path, cli: Callable[..., Ran]) -> None:
    shown = cli("show", "iris").out
    modes = [(path, path.stat().st_mode) for path in (old, old / "study.db")]
    for path, mode in modes:
        path.chmod(mode & ~0o222)
    try:
        assert cli("show", "iris").out == shown
    finally:
        for path, mode in modes:
            path.chmod(mode)
    assert os.access(old, os.W_OK)
