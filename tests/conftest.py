"""What every test shares: a machine of its own, small data, and the command line."""

from __future__ import annotations

import os

# Before torch or numpy are loaded: several tests run side by side on few cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import contextlib
import io
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import SMALL, Ran
from hypothesis import HealthCheck, settings
from slow_places import SLOW

import automl.orchestrator.search as orchestrator
from automl.api import search
from automl.config import SearchConfig
from automl.data import PreparedData, PreparedStore, build
from automl.data.raw import Raw
from automl.orchestrator.budget import Clock
from automl.orchestrator.observer import Observer
from automl.result import SearchResult
from automl.space.file import parse_assignment
from automl.study.view import StudyView, read_study

# On a busy machine an example may take long for no fault of its own.
settings.register_profile(
    "busy", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy")

# A shell starts what it puts into the background with Ctrl-C ignored, and children inherit that:
# the commands that are started and stopped here would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow. What takes minutes comes first, or it would run alone at the end."""
    for item in items:
        if any(_lies_in(item.path, place) for place in SLOW):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


def _lies_in(path: Path, place: str) -> bool:
    whole = Path(__file__).parent / place
    return path == whole or whole in path.parents


@pytest.fixture(autouse=True)
def own_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No test reads or writes studies or data sets of whoever runs it."""
    monkeypatch.delenv("AUTOML_DATASETS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AUTOML_STUDIES", str(tmp_path / "studies"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def studies(own_machine: Path) -> Path:
    """The folder of studies, which does not exist yet."""
    return own_machine / "studies"


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run ``automl ARGUMENTS`` in this process."""

    def run(*args: str) -> Ran:
        from automl.cli import main

        monkeypatch.setattr(sys, "argv", ["automl", *args])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        return Ran(int(end.value.code or 0), out, err)

    return run


@pytest.fixture
def small_search(cli: Callable[..., Ran]) -> Callable[..., Ran]:
    """Run ``automl search`` on iris with options that make it quick; later options win."""

    def run(*args: str) -> Ran:
        return cli("search", "--dataset", "iris", "--trials", "2", *SMALL, *args)

    return run


@pytest.fixture(scope="session")
def small_study_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of studies that `small_search` leaves, made once."""
    from automl.cli import main

    folder = tmp_path_factory.mktemp("small")
    command = ["automl", "search", "--dataset", "iris", "--trials", "2", *SMALL]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_STUDIES", str(folder))
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        patch.setattr(sys, "argv", command)
        with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as end:
            main()
    assert not end.value.code
    return folder


@pytest.fixture
def small_study(small_study_once: Path, studies: Path) -> Path:
    """The study ``iris`` of `small_search`, as a copy that a test may change."""
    shutil.copytree(small_study_once, studies, symlinks=True)
    return studies / "iris"


@pytest.fixture
def python(own_machine: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python source, or ``-m module`` arguments, in a process of its own."""

    def run(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *args], capture_output=True, text=True, cwd=own_machine, **options
        )

    return run


def make_raw(kind: str, rows: int = 120, features: int = 4, seed: int = 0) -> Raw:
    """A small problem that a small network solves; `kind` as in `Task`."""
    random = np.random.RandomState(seed)
    X = random.normal(size=(rows, features))
    plane = X @ random.normal(size=features)
    if kind == "regression":
        return Raw(X, 50.0 + 10.0 * plane + random.normal(0, 0.1, rows))
    if kind == "binary":
        return Raw(X, (plane > 0).astype(np.int64), ("no", "yes"))
    cuts = np.quantile(plane, [1 / 3, 2 / 3])
    return Raw(X, np.searchsorted(cuts, plane).astype(np.int64), (0, 1, 2))


@pytest.fixture
def make_data() -> Callable[..., PreparedData]:
    """Prepared data of a kind of task: ``make_data("binary", rows=120, features=4, seed=0)``."""

    def make(kind: str = "multiclass", **size: int) -> PreparedData:
        return PreparedData.fit(build("made", "vector", make_raw(kind, **size)))

    return make


@pytest.fixture
def make_store() -> Callable[..., PreparedStore]:
    """The same data, for an executor to provide."""

    def make(kind: str = "multiclass", **size: int) -> PreparedStore:
        return PreparedStore(build("made", "vector", make_raw(kind, **size)))

    return make


@pytest.fixture
def one_line() -> Callable[[str], str]:
    """Checks that a message is one line without a traceback, and returns it."""

    def check(text: str) -> str:
        assert text.strip()
        assert len(text.rstrip("\n").splitlines()) == 1, text
        assert not re.search(r"Traceback|File \"", text), text
        return text.strip()

    return check


def small_options(*fixed: str, **options: Any) -> dict[str, Any]:
    """Options of a small search; `fixed` are assignments as after ``--set``, and `options` win."""
    small: dict[str, Any] = {
        "trials": 3,
        "max_epochs": 2,
        "executor": "inline",
        "finalists": 0,
        "baselines": (),
        "onnx": False,
        "folds": 0,
        "fixed": dict(parse_assignment(text) for text in ("model.width=16", *fixed)),
    }
    return {**small, **options}


def run_search(dataset: str = "iris", *fixed: str, **options: Any) -> SearchResult:
    """A small search; see `small_options`."""
    return search(dataset, **small_options(*fixed, **options))


@pytest.fixture
def timed_search() -> Callable[..., SearchResult]:
    """A small search on iris, and what its clock tells: ``timed_search(clock, observer)``."""

    def run(
        clock: Clock, observer: Observer | None = None, dataset: str = "iris", **options: Any
    ) -> SearchResult:
        config = SearchConfig(dataset=dataset, **small_options(**options))
        return orchestrator.search(config, observer, clock=clock)

    return run


@pytest.fixture(name="run_search")
def _run_search() -> Callable[..., SearchResult]:
    return run_search


@pytest.fixture(name="read")
def _read() -> Callable[[str], StudyView]:
    return read_study


@pytest.fixture(scope="session")
def searched_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of studies with one search of digits: images, an SVM, finalists."""
    import automl

    folder = tmp_path_factory.mktemp("searched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_STUDIES", str(folder / "studies"))
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        automl.search(
            "digits",
            study="digits",
            trials=18,
            max_epochs=6,
            executor="inline",
            finalists=1,
            baselines=("svm", "dummy"),
            onnx=False,
            fixed={"model.width": 64},
        )
    yield folder / "studies"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def searched(searched_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the folder of studies of this test; its study is ``digits``."""
    monkeypatch.setenv("AUTOML_STUDIES", str(searched_once))
    return searched_once / "digits"
