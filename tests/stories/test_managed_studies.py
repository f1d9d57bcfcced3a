"""Studies are removed, renamed and moved, and nothing is lost half way."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import optuna
import pytest
from commands import Ran, tree
from filelock import FileLock

import automl
from automl.errors import StudyError
from automl.result import SearchResult
from automl.study.view import StudyView

Cli = Callable[..., Ran]
Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


def test_a_renamed_study_has_one_name_everywhere(
    run_search: Search, cli: Cli, read: Read, studies: Path
) -> None:
    run_search(trials=2, baselines=("svm",), report=True)
    ran = cli("rename", "iris", "flowers")
    assert (ran.code, ran.out) == (0, f"study iris is now {studies / 'flowers'}\n")
    assert [p.name for p in studies.iterdir()] == ["flowers"]
    names = optuna.get_all_study_names(read("flowers").folder.url)
    assert sorted(names) == ["flowers", "flowers-svm"]
    page = (studies / "flowers" / "report.html").read_text()
    assert "automl predict flowers" in page
    assert "automl predict iris" not in page
    assert automl.load_model("flowers").classes_ is not None
    assert run_search(trials=3, study="flowers").trials.total == 3


def test_a_removed_study_is_gone_and_the_others_stay(
    run_search: Search, cli: Cli, studies: Path, own_machine: Path
) -> None:
    url = f"sqlite:///{own_machine}/shared.db"
    for name in ("a", "a-b", "c"):
        run_search(trials=1, study=name, storage=url)
    assert cli("remove", "a", "--yes").out == "removed a\n"
    assert sorted(p.name for p in studies.iterdir()) == ["a-b", "c"]
    assert sorted(optuna.get_all_study_names(url)) == ["a-b", "c"]
    automl.remove_study("c")
    assert sorted(optuna.get_all_study_names(url)) == ["a-b"]


@pytest.fixture(params=["the same disk", "another disk"])
def elsewhere(request: pytest.FixtureRequest, own_machine: Path) -> Iterator[Path]:
    if request.param == "the same disk":
        yield own_machine / "not there yet" / "studies"
        return
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == own_machine.stat().st_dev:
        pytest.skip("there is no other disk")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_a_moved_study_goes_on_there(
    run_search: Search,
    cli: Cli,
    studies: Path,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_search(trials=1)
    before = {n: b for n, b in tree(studies / "iris").items() if "lock" not in n}
    assert cli("move", "iris", str(elsewhere)).code == 0
    assert list(studies.iterdir()) == []
    assert {n: b for n, b in tree(elsewhere / "iris").items() if "lock" not in n} == before
    monkeypatch.setenv("AUTOML_STUDIES", str(elsewhere))
    assert run_search(trials=2).trials.total == 2


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("remove", "iris", "--yes"), "is in use by another process, so it cannot be removed"),
        (("rename", "iris", "new"), "is in use by another process, so it cannot be renamed"),
        (("move", "iris", "elsewhere"), "is in use by another process, so it cannot be moved"),
        (("remove", "iris", "irsi", "--yes"), "there is no study 'irsi'"),
        (("remove", "iris"), "must be confirmed with --yes where nobody can be asked"),
        (("rename", "iris", "../iris"), "study name must be 1 to 100 letters"),
        (("rename", "iris", "taken"), "must not exist, but there is one already"),
        (("move", "iris", "file"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    run_search: Search,
    cli: Cli,
    one_line: Callable[[str], str],
    studies: Path,
    own_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(own_machine)
    run_search(trials=1)
    (studies / "taken" / "best").mkdir(parents=True)
    (own_machine / "file").touch()
    lock = FileLock(studies / "iris" / ".lock")
    if "in use" in said:
        lock.acquire()
    before = tree(own_machine)
    ran = cli(*command)
    lock.release()
    assert ran.code == 2
    assert said in one_line(ran.err)
    assert {n: b for n, b in tree(own_machine).items() if "lock" not in n} == {
        n: b for n, b in before.items() if "lock" not in n
    }


def test_a_name_that_the_database_has_already_is_refused(
    run_search: Search, read: Read, studies: Path, own_machine: Path
) -> None:
    url = f"sqlite:///{own_machine}/shared.db"
    run_search(trials=1, storage=url)
    optuna.create_study(study_name="theirs", storage=url)
    with pytest.raises(StudyError, match="has a study 'theirs' already"):
        automl.rename_study("iris", "theirs")
    assert [p.name for p in studies.iterdir()] == ["iris"]
    assert len(read("iris").records) == 1
