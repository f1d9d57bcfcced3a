"""A study on a full or read-only disk, or deleted under a search: one clear line, nothing lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ran

from automl.bundle.format import read_info
from automl.study.view import read_study

AUTOML = (sys.executable, "-c", "from automl.cli import main; main()")

SEARCH = (
    *(*AUTOML, "search", "--dataset", "iris", "--max-epochs", "2", "--set", "model.width=16"),
    *("--executor", "inline", "--finalists", "0", "--baselines", "none", "--no-onnx", "--quiet"),
)

Line = Callable[[str], str]


def _run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(args, capture_output=True, text=True)


def _own_mounts() -> bool:
    return _run("unshare", "-rm", "true").returncode == 0 if shutil.which("unshare") else False


def test_no_file_can_grow_any_more(cli: Callable[..., Ran], studies: Path, one_line: Line) -> None:
    """The limit that every system has, in place of a disk that is full."""
    here = SEARCH[len(AUTOML) :]
    assert cli(*here, "--trials", "4").code == 0
    before = read_study("iris").records
    bundle = read_info(studies / "iris" / "best")
    size = (studies / "iris" / "study.db").stat().st_size // 1024 + 4
    ran = _run("bash", "-c", f'ulimit -f {size}; exec "$@"', "-", *SEARCH, "--trials", "400")
    assert ran.returncode == 2, ran.stderr
    assert "cannot be written" in one_line(ran.stderr)
    after = read_study("iris")
    assert after.records[:4] == before
    assert after.running <= 1
    assert read_info(studies / "iris" / "best")["created"] >= bundle["created"]
    total = len(after.records) + 2
    assert cli(*here, "--trials", str(total)).code == 0
    view = read_study("iris")
    assert (len(view.records), view.running) == (total, 0)


@pytest.mark.skipif(not _own_mounts(), reason="this machine lets nobody mount a disk")
def test_a_disk_that_is_full_and_then_read_only(
    cli: Callable[..., Ran], studies: Path, tmp_path: Path
) -> None:
    said, before = tmp_path / "said", tmp_path / "before"
    said.mkdir()
    assert cli(*SEARCH[len(AUTOML) :], "--trials", "4").code == 0
    studies.rename(before)
    script = f"""
    mkdir -p {studies}; mount -t tmpfs -o size=24m tmpfs {studies}
    run() {{ name=$1; shift; "$@" > {said}/$name.out 2> {said}/$name.err; echo $? > {said}/$name; }}
    search() {{ name=$1; shift; run $name {" ".join(map(_quoted, SEARCH))} "$@"; }}
    show() {{ run $1 {" ".join(map(_quoted, AUTOML))} show iris; }}
    cp -a {before}/iris {studies}
    show shown
    cat /dev/zero > {studies}/fill 2> /dev/null
    search full --trials 9
    search other --study other --trials 2
    ls -A {studies} > {said}/left
    rm {studies}/fill
    show again
    mount -o remount,ro {studies}
    search locked --trials 9
    show readonly
    run report {" ".join(map(_quoted, AUTOML))} report iris
    run studies {" ".join(map(_quoted, AUTOML))} studies
    """
    ran = _run("unshare", "-rm", "bash", "-c", script)
    assert ran.returncode == 0, ran.stderr

    def what(name: str, end: str = "out") -> str:
        return (said / f"{name}.{end}").read_text()

    for name in ("full", "other", "locked", "report"):
        assert (said / name).read_text() == "2\n", (name, what(name, "err"))
        assert len(what(name, "err").splitlines()) == 1, what(name, "err")
        assert what(name, "err").startswith("error: "), what(name, "err")
    assert (said / "left").read_text().split() == ["fill", "iris"], "no half study is left"
    for name in ("again", "readonly"):
        assert what(name) == what("shown"), what(name, "err")
    assert "iris" in what("studies")


def _quoted(word: str) -> str:
    return f"'{word}'"


def test_a_study_that_is_deleted_under_a_search_ends_it(studies: Path, one_line: Line) -> None:
    process = subprocess.Popen(
        [*SEARCH[:-1], "--executor", "process", "--workers", "2", "--trials", "5000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("trial"):
            break
    (studies / "iris").rename(studies / ".gone")  # at one stroke, as no deletion is
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "was deleted or replaced while the search ran" in one_line(err)
    assert not (studies / "iris").exists(), "it does not come back"
