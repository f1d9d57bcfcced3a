"""What a search understood of a table, and what it left out, is told before it trains."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, Ran

import automl
from automl.data.read.memory import from_memory
from automl.study.view import read_study

Cli = Callable[..., Ran]
LOUD = [option for option in SMALL if option != "--quiet"]


def table(
    path: Path, header: str, row: Callable[[random.Random, int], str], rows: int = 120
) -> str:
    chance = random.Random(0)
    lines = [header, *(row(chance, i) for i in range(rows))]
    path.write_text("\n".join(line for line in lines if line) + "\n")
    return str(path)


def search(cli: Cli, data: str, *options: str) -> Ran:
    return cli("search", "--dataset", data, "--trials", "1", "--study", "told", *options, *LOUD)


def money(chance: random.Random, i: int) -> str:
    price = chance.randrange(10, 90)
    age = "-" if i % 9 == 7 else str(20 + i % 12)
    sales = chance.randrange(1000, 9000, 100)
    return f'${price}.00,{chance.randrange(100)}%,"{sales:,}",{age},{price > 50:d}'


def test_numbers_that_are_written_for_people_are_numbers_and_that_is_said(
    cli: Cli, studies: Path
) -> None:
    data = table(studies.parent / "money.csv", "price,rate,sales,age,y", money)
    ran = search(cli, data, "--target", "y")
    assert ran.code == 0
    assert "column 'price' is read as numbers: '$" in ran.out
    assert "column 'rate' is read as numbers: '" in ran.out
    assert "column 'sales' is read as numbers: '" in ran.out
    assert "column 'age' has '-' in 13 rows, read as missing" in ran.out
    assert "data: 120 rows of 4 columns: 4 numbers; 13 values missing" in ran.out
    rows = {"price": ["$55.00"], "rate": ["7%"], "sales": ["1,200"], "age": ["-"]}
    plain = {"price": [55], "rate": [7.0], "sales": [1200], "age": [None]}
    model = automl.load_model("told")
    shown = [model.predict_proba(pd.DataFrame(frame)) for frame in (rows, plain)]
    np.testing.assert_array_equal(*shown)
    with pytest.raises(automl.DataError, match=r"a number such as 1,200\.5"):
        model.predict(pd.DataFrame(rows | {"sales": ["1.200,5"]}))


PRICES: list[tuple[str, Callable[[random.Random, int], str], str]] = [
    ("size,price", lambda c, i: f'{i % 70},"{1000 + 20 * (i % 70):,}"', "'1,000' for 1000"),
    ("size;v;price", lambda c, i: f"{i};{c.choice(['1.0', '2.1'])};{i // 3},5", "'10,5' for 10.5"),
    ("size;price", lambda c, i: f"{i};1.{i:03d},5", "'1.000,5' for 1000.5"),
    ("size,price", lambda c, i: f"{i},{1000 + i} €", "'1000 €' for 1000"),
]


@pytest.mark.parametrize(("header", "row", "said"), PRICES)
def test_a_price_is_a_regression_however_it_is_written(
    cli: Cli, tmp_path: Path, header: str, row: Callable[[random.Random, int], str], said: str
) -> None:
    ran = cli("inspect", table(tmp_path / "prices.csv", header, row), "--target", "price")
    assert "task: regression" in ran.out
    assert said in ran.out


def test_a_metric_says_what_the_task_is(cli: Cli, studies: Path) -> None:
    data = table(studies.parent / "r.csv", "a,y", lambda c, i: f"{c.gauss(0, 1):.2f},{1 + i % 5}")
    assert search(cli, data, "--target", "y", "--metric", "rmse").code == 0
    result = read_study("told").result
    assert result is not None
    assert result.task == "regression"
    ran = search(cli, data, "--target", "y", "--metric", "rmse", "--task", "multiclass")
    assert ran.code == 2
    assert "'rmse' does not fit a multiclass task" in ran.err


def test_a_study_of_another_task_is_told_by_the_task(cli: Cli, studies: Path) -> None:
    data = table(studies.parent / "r.csv", "a,y", lambda c, i: f"{c.random()},{i % 5}")
    assert search(cli, data, "--target", "y", "--metric", "rmse").code == 0
    assert (
        "its task is 'regression', this one's is 'multiclass'"
        in search(cli, data, "--target", "y").err
    )


def test_a_file_without_names_is_read_from_its_first_row_on(cli: Cli, studies: Path) -> None:
    def flower(chance: random.Random, i: int) -> str:
        size = chance.gauss(5, 1)
        return f"{size:.1f},{'setosa' if size > 5 else 'virginica'},{chance.gauss(3, 0.4):.1f}"

    data = table(studies.parent / "iris.data", "", flower)
    ran = search(cli, data, "--target", "x1")
    assert "is read as a row" in ran.out
    assert "data: 120 rows" in ran.out
    whole = cli("predict", "told", data)
    assert len(whole.out.splitlines()) == 121
    (studies.parent / "new.data").write_text("6.1,3.0\n4.0,3.0\n")
    assert cli("predict", "told", str(studies.parent / "new.data")).out.splitlines()[1:] == [
        "setosa",
        "virginica",
    ]
    (studies.parent / "odd.data").write_text("6.1,3.0,1,2\n")
    ran = cli("predict", "told", str(studies.parent / "odd.data"))
    assert "must have the 2 columns that the model was trained on" in ran.err


def test_what_is_missing_may_be_named_and_is_missing_at_prediction_too(
    cli: Cli, studies: Path
) -> None:
    def row(chance: random.Random, i: int) -> str:
        return f"{-999 if i % 4 == 0 else chance.gauss(0, 1):.0f},{chance.gauss(0, 1):.2f},{i % 2}"

    data = table(studies.parent / "m.csv", "a,b,y", row)
    ran = search(cli, data, "--target", "y", "--missing", "-999")
    assert "30 values missing" in ran.out
    model = automl.load_model("told")
    rows = pd.DataFrame({"a": [-999.0, 1.0], "b": [0.5, 0.5]})
    gap = pd.DataFrame({"a": [np.nan, 1.0], "b": [0.5, 0.5]})
    np.testing.assert_array_equal(model.predict_proba(rows), model.predict_proba(gap))
    rows.to_csv(studies.parent / "new.csv", index=False)
    told = cli("predict", "told", str(studies.parent / "new.csv"), "--proba").out
    gap.to_csv(studies.parent / "gap.csv", index=False)
    assert told == cli("predict", "told", str(studies.parent / "gap.csv"), "--proba").out


def test_a_class_called_none_is_a_class(cli: Cli, tmp_path: Path) -> None:
    words = ["None", "None", "None", "Insomnia", "Apnea"]
    data = table(tmp_path / "sleep.csv", "hours,disorder", lambda c, i: f"{i % 9},{words[i % 5]}")
    out = cli("inspect", data, "--target", "disorder").out
    assert "None 60.0 % (72)" in out
    assert "no target" not in out


def test_rows_without_a_target_are_a_warning_in_python(studies: Path) -> None:
    X = np.random.RandomState(0).normal(size=(80, 2))
    y = pd.Series(X[:, 0] > 0, dtype="boolean").where(np.arange(80) > 2)
    with pytest.warns(automl.DataWarning, match="3 of 80 rows have no target and are left out"):
        result = automl.search(
            X, y, trials=1, executor="inline", max_epochs=1, finalists=0, baselines=(), folds=0,
            onnx=False, report=False,
        )  # fmt: skip
    assert sum(result.rows.values()) == 77
    assert result.notes == ["3 of 80 rows have no target and are left out"]


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        ("iris", ["--task", "multiclass"], 0),
        ("digits", ["--kind", "image"], 0),
        ("iris", ["--task", "regression"], 2),
        ("digits", ["--kind", "sequence"], 2),
    ],
)
def test_an_option_that_confirms_what_is_so_is_fine(
    cli: Cli, data: str, options: list[str], code: int
) -> None:
    assert cli("inspect", data, *options).code == code


def test_what_a_target_has_in_place_of_a_class_is_named(cli: Cli, tmp_path: Path) -> None:
    data = table(tmp_path / "n.csv", "a,y", lambda c, i: f"{i % 9},{['NA', 'x', 'y'][i % 3]}")
    out = cli("inspect", data, "--target", "y").out
    assert "40 of 120 rows have no target ('NA') and are left out; if 'NA' is a class" in out
    assert "NA 33.3 % (40)" in cli("inspect", data, "--target", "y", "--missing", "?").out


def test_a_file_to_predict_is_read_as_the_training_file_was_said_to_be(
    cli: Cli, studies: Path
) -> None:
    def row(chance: random.Random, i: int) -> str:
        return f"{['źle', 'dobrze'][i % 2]}!{chance.gauss(0, 1):.2f}!{i % 2}"

    data = studies.parent / "p.csv"
    text = Path(table(data, "słowo!a!y", row)).read_text()
    data.write_bytes(text.encode("cp1250"))
    told = ("--target", "y", "--encoding", "cp1250", "--delimiter", "!")
    assert search(cli, str(data), *told).code == 0
    model = automl.load_model("told")
    assert model.inputs.columns[0].categories == ("dobrze", "źle")
    ran = cli("predict", "told", str(data))
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.out.splitlines()) == 121


def test_dates_may_be_written_as_whole_numbers(cli: Cli, studies: Path) -> None:
    data = table(
        studies.parent / "days.csv",
        "day,a,y",
        lambda c, i: f"{20200101 + i % 28},{c.random()},{i % 2}",
    )
    ran = search(cli, data, "--target", "y", "--date-format", "%Y%m%d")
    assert "column 'day' is read as dates, written %Y%m%d" in ran.out
    assert cli("predict", "told", data).code == 0


def test_a_category_of_the_test_data_that_training_lacks_is_said(cli: Cli, studies: Path) -> None:
    def row(chance: random.Random, i: int) -> str:
        return f"{['Oslo', 'Lyon'][i % 2]},{chance.gauss(0, 1):.2f},{i % 2}"

    data = table(studies.parent / "c.csv", "city,b,y", row)
    test = table(studies.parent / "t.csv", "city,b,y", lambda c, i: row(c, i).replace("O", "o"), 20)
    ran = search(cli, data, "--target", "y", "--test-data", test)
    assert "test data, column 'city': the model does not know 'oslo' (but 'Oslo')" in ran.out


ODD: dict[str, tuple[Callable[[int], str], str]] = {
    "months": (lambda i: f"{i % 28 + 1}-{['Jan', 'Feb'][i % 2]}-2020", "dates, written %d-%b-%Y"),
    "halves": (
        lambda i: f"{i % 12 + 1}/{i % 28 + 1}/2020 {i % 12 + 1}:05 {'AP'[i % 2]}M",
        "dates, written %m/%d/%Y %I:%M %p",
    ),
    "spans": (lambda i: f"{i % 9} days 06:00:00", "seconds, such as '0 days 06:00:00'"),
    "times": (lambda i: f"{i % 9:02}:30", "text, such as '00:30'; if these are dates or times"),
    "units": (lambda i: f"{i % 5} kg", "is read as text: '0 kg' is a number with 'kg' behind it"),
    "capitals": (lambda i: ["Oslo", "oslo", "Rome"][i % 3], "has 'Oslo' and 'oslo', which are"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_a_column_may_have_been_meant_as_is_said(cli: Cli, tmp_path: Path, what: str) -> None:
    cell, said = ODD[what]
    data = table(tmp_path / "odd.csv", "odd,a,y", lambda c, i: f'"{cell(i)}",{c.random()},{i % 2}')
    ran = cli("inspect", data, "--target", "y")
    assert ran.code == 0, ran.err
    assert (
        f"note: column 'odd' {'is read as ' if said[:4] in ('date', 'text', 'seco') else ''}{said}"
        in (ran.out)
    )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (lambda i: f"{i % 24:02}:{i % 60:02}:07", "say how they are written, as in --date-format"),
        (lambda i: f"{i} kg", "holds numbers with 'kg' behind them"),
        (lambda i: str(i) if i < 119 else "Total", "texts such as 'Total' in row 120"),
    ],
)
def test_a_column_that_cannot_be_used_says_what_it_may_be(
    cli: Cli, tmp_path: Path, cell: Callable[[int], str], said: str
) -> None:
    data = table(tmp_path / "odd.csv", "odd,a,y", lambda c, i: f"{cell(i)},{c.random()},{i % 2}")
    assert said in cli("inspect", data, "--target", "y").err


TARGETS: dict[str, tuple[Any, Any, str]] = {
    "capitals": (None, np.array(["Yes", "yes", "no"])[np.arange(60) % 3], "has 'Yes' and 'yes'"),
    "labels": (None, np.arange(120).reshape(60, 2) // 3 % 2, "of which a row may have several"),
    "order": (None, pd.Series(np.arange(60) % 2)[::-1], "y has the index of X in another order"),
    "spans": (None, pd.Series(pd.to_timedelta(np.arange(60), unit="h")), "is read as seconds"),
    "records": (lambda f: f.to_dict("records"), np.arange(60) % 2, ""),
    "columns": (lambda f: f.to_dict("list"), np.arange(60) % 2, ""),
    "structured": (lambda f: f.to_records(index=False), np.arange(60) % 2, ""),
}


@pytest.mark.parametrize("what", TARGETS)
def test_rows_and_targets_of_a_program_are_taken_as_they_are_meant(what: str) -> None:
    make, y, said = TARGETS[what]
    frame = pd.DataFrame(np.random.RandomState(0).normal(size=(60, 2)), columns=["a", "b"])
    dataset = from_memory(frame if make is None else make(frame), y)
    assert [column.name for column in dataset.columns] == ["a", "b"]
    assert [said in note for note in dataset.notes] == ([True] if said else [])
