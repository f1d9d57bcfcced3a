"""Every command says one clear line, whatever its output is and whatever file it is given."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import SMALL, Ran

from automl.cli.streams import write_data

Cli = Callable[..., Ran]

AUTOML = f"'{Path(sys.executable).with_name('automl')}'"


@pytest.fixture
def table(own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(own_machine)
    rows = [f"{i},{i % 7},{'ja✓' if i % 2 else 'nein'}" for i in range(60)]
    path = own_machine / "d.csv"
    path.write_text("\n".join(["a,b,y", *rows]), encoding="utf-8")
    return path


def _shell(command: str, **environment: str) -> Ran:
    ran = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_a_terminal_that_lacks_a_character_shows_its_code(table: Path) -> None:
    ran = _shell(f"{AUTOML} inspect d.csv --target y", PYTHONIOENCODING="ascii")
    assert (ran.code, ran.err) == (0, "")
    assert r"ja\u2713 50.0 %" in ran.out


@pytest.mark.parametrize("words", ["datasets", "spaces", "--help"])
def test_a_reader_that_has_seen_enough_ends_a_command_quietly(words: str) -> None:
    end, start = os.pipe()
    os.close(end)
    ran = subprocess.run(
        [sys.executable, "-m", "automl", words], stdout=start, stderr=subprocess.PIPE, check=False
    )
    os.close(start)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_ctrl_c_while_the_command_line_loads_is_quiet(
    python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ran = python(
        "-c",
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *more):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from automl.__main__ import main\n"
        "main()",
    )
    assert (ran.returncode, ran.stderr) == (130, "")


def test_predictions_are_utf_8_where_the_terminal_lacks_a_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A class is never called something else."""
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    write_data("prediction\nja✓\n")
    stream.flush()
    assert stream.buffer.getvalue().decode() == "prediction\nja✓\n"  # type: ignore[attr-defined]


def test_a_search_needs_no_stream_at_all(table: Path, studies: Path) -> None:
    small = " ".join(SMALL).replace("--executor inline", "--workers 1")
    command = f"search --dataset d.csv --target y --trials 1 {small} --no-report"
    ran = _shell(f"{AUTOML} {command} <&- >&- 2>errors")
    assert (ran.code, Path("errors").read_text()) == (0, "")
    assert (studies / "d" / "result.json").exists()
    full = _shell(f"{AUTOML} studies >/dev/full")
    assert full.code == 2
    assert full.err == "error: standard output: cannot be written: No space left on device\n"


def test_a_report_is_named_only_where_it_is(small_search: Cli, studies: Path) -> None:
    assert "report.html" not in small_search("--no-report").out
    assert f"report      {studies}/iris/report.html" in small_search("--trials", "3").out


@pytest.mark.parametrize("to", [".", "..", "/", "folder", "nowhere/x.csv"])
def test_predictions_go_to_a_file_or_are_refused(
    small_search: Cli, cli: Cli, one_line: Callable[[str], str], table: Path, to: str
) -> None:
    Path("folder").mkdir()
    small_search("--no-report")
    Path("new.csv").write_text("1,2,3,4\n")
    ran = cli("predict", "iris", "new.csv", "--output", to)
    assert ran.code == 2
    assert f"output: {to} must be writable" in one_line(ran.err)


FOREIGN = {
    '[{"a": 1, "y": 2}]': "holds JSON",
    '{"a": 1, "y": 2}\n{"a": 3, "y": 4}\n': "holds JSON",
    "<!DOCTYPE html>\n<p>Please log in</p>": "is a web page",
    '<?xml version="1.0"?>': "is an XML document",
    "%PDF-1.4\n": "is a PDF document",
    "SQLite format 3\0": "is an SQLite database",
    "%note\n@RELATION r\n@DATA\n1\n": "is an ARFF file",
    "\0\0\0 ftypheic": "is a HEIC or AVIF picture",
    f"{'x.csv':\0<257}ustar": "is a tar archive",
    "a,b,y\n1,2,\0": "it has a byte 0, which no text has",
    "ARROW1\0\0": "is an Arrow or Feather file",
}


@pytest.mark.parametrize("text", FOREIGN)
def test_a_file_that_is_no_table_is_called_what_it_is(
    cli: Cli, one_line: Callable[[str], str], own_machine: Path, text: str
) -> None:
    path = own_machine / "data.csv"
    path.write_text(text)
    ran = cli("inspect", str(path), "--target", "y")
    assert ran.code == 2
    assert FOREIGN[text] in one_line(ran.err)


def test_a_category_that_the_model_never_met_is_named(
    cli: Cli, own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_machine)
    rows = [f"{('Oslo', 'Lyon')[i % 2]},{i},{i % 2}" for i in range(60)]
    Path("city.csv").write_text("\n".join(["city,b,y", *rows]))
    cli("search", "--dataset", "city.csv", "--target", "y", "--trials", "1", *SMALL, "--no-report")
    Path("new.csv").write_text("city,b\nOslo,0\noslo,0\nTokyo,0\n")
    ran = cli("predict", "city", "new.csv")
    assert len(ran.out.splitlines()) == 4
    assert ran.err == (
        "note: column 'city': the model does not know 'Tokyo', 'oslo' (but 'Oslo'), and takes 2"
        " rows as if the value was missing\n"
    )


LONG = "x" * 300


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("inspect", LONG), "cannot be read: File name too long"),
        (("search", "--dataset", LONG), "cannot be read: File name too long"),
        (("search", "--dataset", "d.csv", "--target", "y", "--test-data", LONG), "too long"),
        (("inspect", "pipe"), "must be a file or a folder, but is a pipe or a device"),
        (("inspect", ""), "must name a data set, a file or a folder, but got ''"),
        (("inspect", "loop.csv"), "there is no such file or folder"),
    ],
)
def test_a_path_that_cannot_be_read_is_refused_at_once(
    cli: Cli, one_line: Callable[[str], str], table: Path, command: tuple[str, ...], said: str
) -> None:
    os.mkfifo("pipe")
    Path("loop.csv").symlink_to("loop.csv")
    ran = cli(*command)
    assert ran.code == 2
    assert said in one_line(ran.err)
