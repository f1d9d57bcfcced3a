"""A search on a file of one's own, from the command line and from a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, Ran

import automl
from automl.study.view import read_study

Cli = Callable[..., Ran]


@pytest.fixture
def table(own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(own_machine)
    values = np.random.RandomState(0).normal(size=(150, 3))
    frame = pd.DataFrame(values, columns=["a", "b", "c"])
    frame.assign(churned=np.where(values[:, 0] > 0, "yes", "no")).to_csv(
        "sales 2026.csv", index=False
    )
    return "sales 2026.csv"


def test_a_table_is_searched_and_asked_about_later(
    cli: Cli, table: str, one_line: Callable[[str], str]
) -> None:
    args = ("search", "--dataset", table, "--target", "churned", "--trials", "2", *SMALL)
    ran = cli(*args)
    assert (ran.code, ran.err) == (0, "")
    assert cli(*args).code == 0
    result = read_study("sales-2026").result
    assert result is not None
    assert (result.task, result.rows) == ("binary", {"train": 90, "valid": 30, "test": 30})
    assert cli("replay", "sales-2026", "--trial", "0").out.splitlines()[-1].startswith("they agree")
    assert cli("compare", "sales-2026", "--baselines", "dummy").code == 0
    other = cli(*args, "--time", "a")
    assert other.code == 2
    assert "belongs to another search: its data (" in one_line(other.err)


def test_sequences_of_different_lengths_are_searched_and_predicted(
    cli: Cli, own_machine: Path, monkeypatch: pytest.MonkeyPatch, one_line: Callable[[str], str]
) -> None:
    monkeypatch.chdir(own_machine)
    random = np.random.RandomState(0)
    lengths = random.randint(1, 6, 100)
    who = np.repeat([f"p{i}" for i in range(100)], lengths)
    step = np.concatenate([np.arange(n) for n in lengths])
    frame = pd.DataFrame({"who": who, "step": step, "a": random.normal(size=len(who))})
    frame["sum"] = frame.groupby("who")["a"].transform("sum")
    frame.sample(frac=1, random_state=0).to_csv("steps.csv", index=False)
    args = ("--dataset", "steps.csv", "--target", "sum", "--sequence", "who", "--order", "step")
    options = [*SMALL, "--baselines", "svm"]
    ran = cli("search", *args, "--trials", "2", "--family", "gru", *options)
    assert (ran.code, ran.err) == (0, "")
    view = read_study("steps")
    assert view.result is not None
    assert list(view.result.baselines) == ["svm"]
    assert view.result.rows == {"train": 60, "valid": 20, "test": 20}
    frame.drop(columns="sum").to_csv("new.csv", index=False)
    told = cli("predict", "steps", "new.csv").out.splitlines()
    assert told[0] == "who,prediction"
    assert [line.split(",")[0] for line in told[1:]] == [f"p{i}" for i in range(100)]
    assert cli("replay", "steps", "--trial", "0").out.splitlines()[-1].startswith("they agree")
    assert "sequences of at most 5 steps with 1 feature (`a` (number))" in cli("best", "steps").out
    frame.assign(who="p0", step=np.arange(len(frame))).to_csv("long.csv", index=False)
    refused = cli("predict", "steps", "long.csv")
    assert refused.code == 2
    assert f"trained on (5), but sequence 0 has {len(frame)}" in one_line(refused.err)


def test_the_report_tells_the_whole_command(cli: Cli, table: str, studies: Path) -> None:
    drops = ("--drop", "b", "--drop", "c")
    args = ("search", "--dataset", table, "--target", "churned", *drops, "--trials", "1", *SMALL)
    assert cli(*args).code == 0
    page = (studies / "sales-2026" / "report.html").read_text(encoding="utf-8")
    command = "automl search --dataset &#39;sales 2026.csv&#39; --target churned --drop b --drop c"
    assert command in page


def test_what_was_left_out_is_said(cli: Cli, table: str, own_machine: Path) -> None:
    with Path(table).open("a") as file:
        file.write("1,2,3,\n")
    quiet = set(SMALL) - {"--quiet"}
    args = [option for option in SMALL if option in quiet]
    ran = cli("search", "--dataset", table, "--target", "churned", "--trials", "1", *args)
    assert ran.code == 0
    assert ran.out.startswith(
        "1 of 151 rows have no target and are left out\n"
        "data: 150 rows of 3 columns: 3 numbers\ntask: binary, for churned has"
    )
    result = read_study("sales-2026").result
    assert result is not None
    assert result.notes == ["1 of 151 rows have no target and are left out"]
    report = (own_machine / "studies" / "sales-2026" / "report.html").read_text()
    assert "1 of 151 rows have no target and are left out" in report


def test_a_script_searches_arrays_tensors_and_frames(
    python: Callable[..., CompletedProcess[str]], own_machine: Path
) -> None:
    (own_machine / "script.py").write_text(
        "import automl, numpy as np, pandas as pd, torch\n"
        "small = dict(trials=1, executor='inline', max_epochs=1, finalists=0, baselines=(),\n"
        "             onnx=False, fixed={'model.width': 16})\n"
        "X = np.random.RandomState(0).normal(size=(150, 3))\n"
        "y = (X[:, 0] > 0).astype(int)\n"
        "arrays = automl.search(X, y, **small)\n"
        "again = automl.search(torch.tensor(X), torch.tensor(y), **small)\n"
        "assert again == arrays, (again, arrays)\n"
        "print(arrays.study == 'arrays-' + arrays.fingerprint[:8], arrays.task)\n"
        "frame = pd.DataFrame(X, columns=['a', 'b', 'price'])\n"
        "houses = automl.search(frame, 'price', study='houses', test_data=frame[:20], **small)\n"
        "print(houses.study, houses.task, houses.rows['test'])\n"
        "try:\n"
        "    automl.search(X, 1 - y, study='houses', **small)\n"
        "except automl.StudyError as error:\n"
        "    print('belongs to another search' in str(error))\n"
    )
    ran = python("-W", "error", "script.py")
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == ["True binary", "houses regression 20", "True"]


def test_later_questions_about_arrays_are_one_line(
    cli: Cli, one_line: Callable[[str], str]
) -> None:
    import automl

    X = np.random.RandomState(0).normal(size=(60, 2))
    y = (X[:, 0] > 0).astype(int)
    options = {"max_epochs": 1, "finalists": 0, "baselines": (), "onnx": False}
    automl.search(X, y, study="mine", trials=1, executor="inline", **options)
    for args in (["replay", "mine", "--trial", "0"], ["compare", "mine", "--baselines", "dummy"]):
        ran = cli(*args)
        assert ran.code == 2
        assert "was in the memory of a Python program" in one_line(ran.err)
    assert cli("report", "mine").code == 0


def test_a_path_is_a_data_set_whose_target_is_named(
    table: str,
) -> None:
    with pytest.raises(automl.ConfigError, match=r"y: must name the target's column in .*ndarray"):
        automl.search(Path(table), np.zeros(3))
