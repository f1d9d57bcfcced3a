from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from automl.data.cache import download
from automl.data.cache.download import Checksum, RemoteFile, fetch
from automl.errors import DataError

Mirror = Any  # the class in conftest.py, which has no name to import it by
BODY = bytes(range(256)) * 400
NAME = "values.gz"


def remote(*urls: str, body: bytes = BODY, name: str = NAME) -> RemoteFile:
    return RemoteFile(name, urls, Checksum("sha256", hashlib.sha256(body).hexdigest()))


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture
def file(mirror: Mirror) -> RemoteFile:
    mirror.files["/a"] = mirror.files["/b"] = BODY
    return remote(f"{mirror.url}/a", f"{mirror.url}/b")


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/a"


def test_a_file_is_fetched_with_progress_on_stderr(
    file: RemoteFile, mirror: Mirror, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch([file], tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder" / NAME).read_bytes() == BODY
    assert names(tmp_path / "new" / "folder") == [NAME]
    assert mirror.requests == [("/a", "")]
    output = capsys.readouterr()
    assert NAME in output.err
    assert output.out == ""


def test_a_file_that_is_there_is_not_fetched(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_bytes(b"mine")
    fetch([file], tmp_path)
    assert mirror.requests == []
    assert (tmp_path / NAME).read_bytes() == b"mine"


def test_a_file_with_only_an_md5_is_checked_by_it(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["/a"] = BODY
    good = Checksum("md5", hashlib.md5(BODY).hexdigest())
    fetch([RemoteFile("good", (f"{mirror.url}/a",), good)], tmp_path)
    with pytest.raises(DataError, match=r"MD5 must be 0{32}"):
        fetch([RemoteFile("bad", (f"{mirror.url}/a",), Checksum("md5", "0" * 32))], tmp_path)
    assert names(tmp_path) == ["good"]


def test_a_wrong_file_is_dropped_and_the_next_mirror_asked(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.files["/a"] = b"x" + BODY[1:]
    fetch([file], tmp_path)
    assert (tmp_path / NAME).read_bytes() == BODY
    assert mirror.requests == [("/a", ""), ("/b", "")]


def test_a_file_that_is_wrong_everywhere_leaves_nothing(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.files["/a"] = mirror.files["/b"] = b"x" + BODY[1:]
    with pytest.raises(DataError) as caught:
        fetch([file], tmp_path)
    assert file.checksum.digest in str(caught.value)
    assert hashlib.sha256(mirror.files["/a"]).hexdigest() in str(caught.value)
    assert names(tmp_path) == []


def test_a_missing_file_is_asked_of_the_next_mirror(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    del mirror.files["/a"]
    fetch([file], tmp_path)
    assert (tmp_path / NAME).read_bytes() == BODY


def test_a_cut_connection_goes_on_where_it_stopped(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.cuts["/a"] = [1000, 5000]
    fetch([file], tmp_path)
    assert (tmp_path / NAME).read_bytes() == BODY
    assert mirror.requests == [("/a", ""), ("/a", "bytes=1000-"), ("/a", "bytes=6000-")]


def test_a_mirror_that_does_not_resume_is_asked_for_all(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.ranges = False
    mirror.cuts["/a"] = [1000]
    fetch([file], tmp_path)
    assert (tmp_path / NAME).read_bytes() == BODY
    assert mirror.requests == [("/a", ""), ("/a", "bytes=1000-")]


def test_a_mirror_that_cuts_every_time_is_given_up_and_its_bytes_are_kept(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.cuts["/a"] = mirror.cuts["/b"] = [100] * 99
    with pytest.raises(DataError, match="cut 5 times, last after 500 of 102400 bytes"):
        fetch([file], tmp_path)
    assert names(tmp_path) == [f"{NAME}.part"]
    mirror.cuts.clear()
    fetch([file], tmp_path)
    assert (tmp_path / NAME).read_bytes() == BODY
    assert mirror.requests[-1] == ("/a", "bytes=1000-")


def test_a_beginning_that_does_not_fit_is_fetched_again(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(b"another version")
    fetch([file], tmp_path)
    assert (tmp_path / NAME).read_bytes() == BODY
    assert mirror.requests == [("/a", "bytes=15-"), ("/a", "")]


def test_a_beginning_that_is_too_long_is_fetched_again(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(BODY + b"x")
    fetch([file], tmp_path)
    assert (tmp_path / NAME).read_bytes() == BODY


def test_a_complete_beginning_only_gets_its_name(
    file: RemoteFile, mirror: Mirror, tmp_path: Path
) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(BODY)
    fetch([file], tmp_path)
    assert mirror.requests == []
    assert names(tmp_path) == [NAME]


def test_a_silent_mirror_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a"
        with pytest.raises(DataError, match="timed out"):
            fetch([remote(url)], tmp_path, timeout=0.05)


def test_a_mirror_that_sends_without_end_is_stopped(
    file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 1000)
    with pytest.raises(DataError, match="1000 bytes, but more came"):
        fetch([file], tmp_path)
    assert names(tmp_path) == []


def test_offline_says_which_files_go_where(nobody: str, tmp_path: Path) -> None:
    files = [remote(nobody, name="images.gz"), remote(nobody, name="labels.gz")]
    with pytest.raises(DataError) as caught:
        fetch(files, tmp_path)
    message = str(caught.value)
    assert "Connection refused" in message
    assert f"put images.gz, labels.gz in {tmp_path} by hand" in message
    assert "\n" not in message
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_one_line(nobody: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DataError, match=r"must be writable.*set AUTOML_DATASETS") as caught:
        fetch([remote(nobody)], tmp_path / "taken" / "mnist")
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_one_line_and_leaves_no_file(
    file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left on device"):
        fetch([file], tmp_path)
    assert NAME not in names(tmp_path)


def test_two_fetches_at_once_fetch_once(file: RemoteFile, mirror: Mirror, tmp_path: Path) -> None:
    together = threading.Barrier(2)

    def run(_: int) -> None:
        together.wait()
        fetch([file], tmp_path)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert len(mirror.requests) == 1
    assert names(tmp_path) == [NAME]
