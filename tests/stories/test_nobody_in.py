"""Nobody in: no port is opened unasked, nothing leaves its folder, permissions are the user's."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ran
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl.dashboard import server
from automl.errors import StudyError
from automl.result import SearchResult
from automl.study.folder import StudyFolder


def _listening() -> set[str]:
    """Inodes of this machine's TCP sockets that listen, on which address ever."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        if Path(f"/proc/net/{name}").exists()
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {row[9] for row in rows if row[3] == "0A"}


def _sockets(pid: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux says who listens")
def test_a_search_opens_no_port(run_search: Callable[..., SearchResult]) -> None:
    seen: list[set[str]] = []

    def look(*_: object) -> None:
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        pids = [os.getpid(), *map(int, children)]
        seen.append(set().union(*map(_sockets, pids)) & _listening())

    before = _sockets(os.getpid()) & _listening()
    run_search(trials=2, executor="process", workers=2, callbacks=[look])
    assert len(seen) == 2
    assert all(sockets <= before for sockets in seen)


def test_the_dashboard_is_for_this_machine_alone() -> None:
    assert server.HOST == "127.0.0.1"


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_what_is_made_has_the_users_own_permissions(
    small_search: Callable[..., Ran], studies: Path, mask: int
) -> None:
    before = os.umask(mask)
    try:
        assert small_search().code == 0
    finally:
        os.umask(before)
    for path in [studies, *studies.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert path.is_symlink() or not mode & mask, f"{path}: {mode:o}"


NAMES = [
    "../x",
    "/tmp/x",
    "a/b",
    "..",
    ".",
    "",
    "a\\b",
    "a\0b",
    "x" * 300,
    "-x",
    "a\nb",
    "~",
    "C:x",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", ["search", "show", "report", "dashboard", "watch", "best"])
def test_a_name_that_could_leave_its_folder_is_refused(
    cli: Callable[..., Ran],
    studies: Path,
    one_line: Callable[[str], str],
    command: str,
    name: str,
) -> None:
    if command == "search":
        ran = cli("search", "--dataset", "iris", f"--study={name}")
        if name == "":
            return  # no name: the data set's
    else:
        ran = cli(command, "--", name)
    assert ran.code == 2
    one_line(ran.err)
    assert not studies.exists()


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=300))
def test_a_study_lies_in_the_folder_of_studies(studies: Path, name: str) -> None:
    try:
        folder = StudyFolder.named(name)
    except StudyError:
        return
    assert folder.path.parent == studies
    assert folder.path.resolve().parent == studies.resolve()


WORDS = st.sampled_from(
    [
        *("search", "show", "report", "predict", "export", "replay", "best", "spaces", "compare"),
        *("--dataset", "iris", "--trials", "--set", "--space", "--workers", "--keep", "-1", "0"),
        *("nan", "--seed", "9" * 30, "model.depth=2", "=", "../x", "a\0b", "--to", "x.zip"),
        *("--trial-timeout", "--trial-memory", "1e400", "--metric", "--target", "--storage", "::"),
    ]
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(WORDS | st.text(max_size=8), max_size=6))
def test_no_command_line_ends_in_a_traceback(cli: Callable[..., Ran], words: list[str]) -> None:
    whole = "search" in words and "iris" in words
    ran = cli(*words, *(("--trials", "0") if whole else ()))  # not a real search each time
    assert ran.code in (0, 1, 2)
    assert "Traceback" not in ran.err
