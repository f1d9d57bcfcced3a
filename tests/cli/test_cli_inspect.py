"""``automl inspect`` says what it sees before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import Ran, tree

Cli = Callable[..., Ran]

ROWS = 120


def test_sequences_are_described_by_their_lengths(
    cli: Cli, own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_machine)
    X, y = np.random.RandomState(0).normal(size=(40, 9, 2)), np.arange(40) % 2
    np.savez("walks.npz", X=X, y=y, lengths=[2, 3, 3, 8] * 10)
    np.savez("even.npz", X=X, y=y)
    assert cli("inspect", "walks.npz").out.splitlines()[0] == (
        "walks: 40 rows, sequences of 2 to 8 steps (median 3) with 2 features"
    )
    even = cli("inspect", "even.npz").out.splitlines()
    assert even[0] == "even: 40 rows, sequences of 9 steps with 2 features"
    assert "--kind image" in even[1]


@pytest.fixture
def table(own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A table with everything that there is to see."""
    monkeypatch.chdir(own_machine)
    random = np.random.RandomState(0)
    paid = random.gamma(2, 10, ROWS).round(2)
    frame = pd.DataFrame(
        {
            "customer": np.arange(1000, 1000 + ROWS),
            "age": random.choice([20.0, 30.0, 40.0, np.nan], ROWS),
            "plan": random.choice(["basic", "plus", "pro"], ROWS),
            "since": pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d"),
            "country": "NL",
            "paid": paid,
            "refund": np.where(paid > 20, 5, 0),
            "left us": np.where(paid > 20, "yes", "no"),
        }
    )
    frame.loc[0, "left us"] = None
    frame.to_csv("customers.csv", index=False)
    return "customers.csv"


def test_a_table_is_described_column_by_column(cli: Cli, table: str, own_machine: Path) -> None:
    before = tree(own_machine)
    ran = cli("inspect", table, "--target", "left us")
    assert (ran.code, ran.err) == (0, "")
    rows = {line.split()[0]: line.split() for line in ran.out.splitlines() if line.split()}
    assert ran.out.startswith("customers: 119 rows, 7 columns\n")
    assert "note: 1 of 120 rows have no target and are left out" in ran.out
    assert rows["age"][1] == "number"
    assert int(rows["age"][2]) > 0
    assert rows["age"][3] == "3"
    assert "20 to 40" in ran.out
    assert rows["plan"][1:4] == ["category", "0", "3"]
    assert "2024-01-02 to 2024-04-29" in ran.out
    assert "task: binary (2 different texts)" in ran.out
    assert "split: 71 rows train, 24 validate, 24 test; stratified by class" in ran.out
    assert "trials are judged on 10 folds of the 95 rows" in ran.out
    assert "repeated rows: 0 within the training split" in ran.out
    assert "look at: customer: is different in every row" in ran.out
    assert "look at: country: has one value only" in ran.out
    assert "look at: refund: predicts the target almost alone" in ran.out
    assert "look at: plan" not in ran.out
    assert tree(own_machine) == before


def test_without_a_target_the_columns_are_shown(cli: Cli, table: str) -> None:
    ran = cli("inspect", table)
    assert ran.code == 0
    assert "left us" in ran.out
    assert "next: automl inspect customers.csv --target COLUMN" in ran.out
    assert "task:" not in ran.out


def test_the_split_is_the_one_that_a_search_makes(cli: Cli, table: str) -> None:
    out = cli("inspect", table, "--target", "left us", "--time", "since").out
    assert "by the time in 'since': the latest rows test" in out
    assert "folds" not in out
    out = cli("inspect", table, "--target", "paid", "--group", "plan", "--drop", "refund").out
    assert "by the groups of 'plan'" in out
    assert "task: regression" in out
    assert "target paid: " in out
    assert "refund" not in out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("iris", ["150 rows, 4 columns", "setosa 33.3 % (50)", "task: multiclass"]),
        ("digits", ["1,797 rows, images of 8 x 8", "classes: 3 10.2 % (183)"]),
        ("linnerud", ["target target 1: 138 to 247", "at random, always the same"]),
        ("mnist", ["70,000 rows", "split: 50,000 rows train, 10,000", "test split: official"]),
    ],
)
def test_data_sets_by_name_are_described_too(cli: Cli, name: str, said: list[str]) -> None:
    ran = cli("inspect", name)
    assert ran.code == 0
    for text in said:
        assert text in ran.out


def test_many_columns_and_classes_do_not_fill_the_screen(
    cli: Cli, own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_machine)
    frame = pd.DataFrame(np.random.RandomState(0).normal(size=(120, 300))).add_prefix("x")
    frame["x299"] = 1
    frame.assign(y=[f"c{i}" for i in range(60)] * 2).to_csv("wide.csv", index=False)
    out = cli("inspect", "wide.csv", "--target", "y").out
    assert len(out.splitlines()) < 70
    assert "and 260 more columns" in out
    assert "x299" in out
    assert "and 40 more" in out
    assert "look at: fewer than 3 rows of c0" in out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["no.csv"], "unknown data set 'no.csv': there is no such file"),
        (["irsi"], "unknown data set 'irsi' (did you mean 'iris'?)"),
        (["customers.csv", "--target", "gone"], "unknown column 'gone'"),
        (
            ["customers.csv", "--target", "left us", "--task", "x"],
            "unknown task 'x'",
        ),
        (["iris", "--target", "x"], "--target: is for data of your own"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_inspected_is_one_line(
    cli: Cli, table: str, one_line: Callable[[str], str], args: list[str], said: str
) -> None:
    ran = cli("inspect", *args)
    assert ran.code == 2
    assert said in one_line(ran.err)
    assert ran.out == ""
