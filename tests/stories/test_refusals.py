"""What the user can mend is one line on standard error and exit code 2, and nothing is written."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import SMALL, Ran, tree

import automl

OneLine = Callable[[str], str]
Cli = Callable[..., Ran]

LONG = "x" * 300

OPTIONS = {
    "an unknown data set": (
        ["--dataset", "irsi"],
        "unknown data set 'irsi' (did you mean 'iris'?)",
    ),
    "a data set with a path": (["--dataset", "../iris"], "unknown data set '../iris'"),
    "an unknown space": (["--space", "mpl"], "unknown search space 'mpl'"),
    "a missing space file": (["--space", "no.yaml"], "no.yaml: there is no such file"),
    "a space with a long name": (["--space", LONG], "unknown search space"),
    "an unknown sampler": (["--sampler", "tpo"], "unknown sampler 'tpo' (did you mean 'tpe'?)"),
    "an unknown pruner": (["--pruner", "x"], "unknown pruner 'x'; known: halving, hyperband"),
    "a limit without a process": (
        ["--executor", "inline", "--trial-timeout", "5m"],
        "use --executor process",
    ),
    "an unknown executor": (["--executor", "ray2"], "unknown executor 'ray2' (did you mean 'ray'"),
    "an unknown device": (["--device", "gpu"], "unknown device 'gpu' (did you mean 'cpu'?)"),
    "an unknown baseline": (["--baselines", "svn"], "unknown baseline 'svn' (did you mean 'svm'?)"),
    "one unknown baseline": (["--baselines", "svm,x"], "unknown baseline 'x'; known: "),
    "an empty baseline": (["--baselines", ","], "baselines: must be"),
    "none and another": (["--baselines", "none,svm"], "none"),
    "a study outside": (["--study", "../x"], "study: must be 1 to 100 letters, digits"),
    "an absolute study": (["--study", "/tmp/x"], "study: must be 1 to 100 letters"),
    "a hidden study": (["--study", ".x"], "study: must be 1 to 100 letters"),
    "a long study": (["--study", LONG], "study: must be 1 to 100 letters"),
    "an empty study": (["--study", ""], "study: must be 1 to 100 letters"),
    "a study with NUL": (["--study", "a\0b"], "study: must be 1 to 100 letters"),
    "a study with a line": (["--study", "a\n"], "study: must be 1 to 100 letters"),
    "a wrong database": (["--storage", "nonsense"], "cannot be opened"),
    "a database nowhere": (["--storage", "sqlite:////no/where.db"], "cannot be opened"),
    "an unknown option": (["--trails", "3"], "--trails"),
    "an argument too many": (["more"], "more"),
    "no value": (["--trials"], "--trials"),
    "a time of words": (["--time-budget", "5 minutes"], "time_budget: .* got '5 minutes'"),
    "no time": (["--time-budget", "0s"], "time_budget: must be greater than 0"),
    "less than no time": (["--time-budget", "-5m"], "time_budget"),
    "time without end": (["--time-budget", "inf"], "time_budget"),
    "an empty time": (["--time-budget", ""], "time_budget"),
    "an unknown parameter": (["--set", "model.dpth=2"], "unknown parameter 'model.dpth'"),
    "a parameter without value": (["--set", "model.depth"], "--set: must be NAME=VALUE"),
    "a parameter out of range": (["--set", "model.depth=65"], "`model.depth <= 64` must hold"),
    "a parameter of another type": (["--set", "model.depth=two"], "model.depth: must be a whole"),
    "a parameter that is huge": (["--set", f"model.depth=1{'0' * 400}"], "must be finite"),
    "an unknown choice": (["--set", "optimizer.name=adm"], "unknown optimizer.name 'adm'"),
    "an unknown family": (["--set", "family=mpl"], "unknown family 'mpl'"),
    "a wrong size": (["--keep", "much"], "keep: must be a size"),
}


@pytest.mark.parametrize("what", OPTIONS)
def test_a_wrong_option_is_one_line(
    cli: Cli, one_line: OneLine, own_machine: Path, what: str
) -> None:
    import re

    args, said = OPTIONS[what]
    ran = cli("search", "--dataset", "iris", "--trials", "1", *SMALL, *args)
    assert ran.code == 2
    line = one_line(ran.err)
    assert line.startswith("error: ")
    assert said in line or re.search(said, line), line
    assert ran.out == ""
    assert tree(own_machine) == {}


NUMBERS = ["--trials", "--workers", "--seed", "--max-epochs", "--patience", "--finalists"]


@pytest.mark.parametrize("value", ["-1", "0.5", "many", "", "1e3", "nan", "9" * 30])
@pytest.mark.parametrize("option", NUMBERS)
def test_a_wrong_number_is_one_line(
    cli: Cli, one_line: OneLine, own_machine: Path, option: str, value: str
) -> None:
    ran = cli("search", "--dataset", "iris", "--trials", "1", *SMALL, option, value)
    assert ran.code == 2
    line = one_line(ran.err)
    assert option in line or option.removeprefix("--").replace("-", "_") in line
    assert tree(own_machine) == {}


@pytest.mark.parametrize("option", sorted(set(NUMBERS) - {"--seed", "--finalists"}))
def test_zero_is_refused_where_it_makes_no_sense(cli: Cli, one_line: OneLine, option: str) -> None:
    ran = cli("search", "--dataset", "iris", *SMALL, option, "0")
    assert ran.code == 2
    assert "greater than or equal to 1, but got 0" in one_line(ran.err)


def test_a_missing_data_set_says_which_files_to_put_where(
    cli: Cli, one_line: OneLine, own_machine: Path
) -> None:
    ran = cli("search", "--dataset", "kmnist", "--trials", "1", *SMALL)
    assert ran.code == 2
    line = one_line(ran.err)
    assert "train-images" in line
    assert "--download" in line
    assert tree(own_machine) == {}


def _mnist(own_machine: Path) -> Path:
    shipped = Path(automl.__file__).parents[1] / "datasets" / "mnist"
    folder = own_machine / "mine" / "mnist"
    shutil.copytree(shipped, folder)
    return folder


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _alter(path: Path) -> None:
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[1000] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))


LABELS, PIXELS = "t10k-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        *((name, spoil) for name in (LABELS, PIXELS) for spoil in (_truncate, _alter)),
        (PIXELS, lambda path: path.write_bytes(b"")),
        (LABELS, Path.unlink),
    ],
)
def test_spoilt_images_are_one_line(
    cli: Cli,
    one_line: OneLine,
    own_machine: Path,
    studies: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    spoil: Callable[[Path], Any],
) -> None:
    folder = _mnist(own_machine)
    monkeypatch.setenv("AUTOML_DATASETS", str(folder.parent))
    spoil(folder / name)
    ran = cli("search", "--dataset", "mnist", "--trials", "1", *SMALL)
    if spoil is Path.unlink:
        assert ran.code in (0, 2)  # a checkout ships them, too
        return
    assert ran.code == 2
    assert name.removesuffix(".gz") in one_line(ran.err)
    assert not studies.exists()


def test_a_folder_of_studies_that_is_a_file_is_one_line(
    cli: Cli, one_line: OneLine, studies: Path
) -> None:
    studies.write_text("a file\n")
    for args in (["search", "--dataset", "iris", "--trials", "1", *SMALL], ["show", "iris"]):
        ran = cli(*args)
        assert ran.code == 2
        one_line(ran.err)
    assert studies.read_text() == "a file\n"


def test_a_study_that_is_a_file_is_one_line(cli: Cli, one_line: OneLine, studies: Path) -> None:
    studies.mkdir()
    (studies / "iris").write_text("a file\n")
    ran = cli("search", "--dataset", "iris", "--trials", "1", *SMALL)
    assert ran.code == 2
    assert "must be writable" in one_line(ran.err)
    assert list(tree(studies)) == ["iris"]


@pytest.mark.parametrize(
    "args", [["--dataset", "wine", "--study", "iris"], ["--seed", "5"], ["--space", "mlp"]]
)
def test_a_study_of_another_search_is_one_line_and_stays_as_it_is(
    small_search: Cli,
    small_study: Path,
    cli: Cli,
    one_line: OneLine,
    studies: Path,
    args: list[str],
) -> None:
    before = tree(studies)
    ran = small_search("--trials", "5", *args)
    assert ran.code == 2
    assert "belongs to another search" in one_line(ran.err)
    assert tree(studies) == before


SPOILT = {
    "text": lambda content: b"this is not a database\n" * 500,
    "half": lambda content: content[: len(content) // 2],
    "zeros inside": lambda content: content[:8192] + bytes(40960) + content[49152:],
    "another header": lambda content: b"x" * 100 + content[100:],
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_database_is_one_line_and_stays_as_it_is(
    small_search: Cli, small_study: Path, cli: Cli, one_line: OneLine, studies: Path, how: str
) -> None:
    path = studies / "iris" / "study.db"
    content = SPOILT[how](path.read_bytes())
    path.write_bytes(content)
    for ran in (small_search("--trials", "4"), cli("show", "iris"), cli("studies")):
        assert ran.code == 2
        assert "study.db: cannot be " in one_line(ran.err)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": 99}', b'{"format": 1}', b"null"]
)
def test_a_spoilt_result_is_one_line(
    small_search: Cli, small_study: Path, cli: Cli, one_line: OneLine, studies: Path, content: bytes
) -> None:
    path = studies / "iris" / "result.json"
    path.write_bytes(content)
    for ran in (cli("show", "iris"), small_search()):
        assert ran.code == 2
        assert "result.json: " in one_line(ran.err)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["show", "nowhere"], "there is no study 'nowhere'"),
        (["show", "../iris"], "study name must be 1 to 100 letters"),
        (["show", ""], "study name must be"),
        (["show", "a\0b"], "study name must be"),
        (["show"], "Missing argument"),
        (["show", "iris", "--trial", "99"], "has no finished trial 99; it has 2, counted from 0"),
        (["show", "iris", "--trial", "-1"], "has no finished trial -1"),
        (["show", "iris", "--trial", "x"], "--trial"),
        (["show", "iris", "--top", "0"], "--top"),
        (["nonsense"], "nonsense"),
        (["--nonsense"], "--nonsense"),
        (["studies", "more"], "more"),
    ],
)
def test_a_wrong_question_is_one_line(
    small_study: Path, cli: Cli, one_line: OneLine, args: list[str], said: str
) -> None:
    ran = cli(*args)
    assert ran.code == 2
    assert said in one_line(ran.err)


def test_no_data_set_is_one_line(cli: Cli, one_line: OneLine) -> None:
    ran = cli("search")
    assert ran.code == 2
    assert "--dataset" in one_line(ran.err)
