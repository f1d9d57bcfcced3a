"""Tables as people have them: each ends as a data set or as one clear line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from awkward_tables import AWKWARD, numbers

from automl.data import DataOptions, Dataset, load
from automl.errors import AutomlError, ConfigError, DataError

RANDOM = np.random.RandomState(0)
ROWS = 120
TABLE = pd.DataFrame(
    {
        "age": RANDOM.randint(18, 80, ROWS),
        "plan": RANDOM.choice(["basic", "plus"], ROWS),
        "who": RANDOM.randint(0, 12, ROWS),
        "when": pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d"),
        "spent": RANDOM.gamma(2, 10, ROWS),
        "left us": RANDOM.choice(["yes", "no"], ROWS),
    }
)

Read = Callable[..., Dataset]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a frame as CSV and load it: ``read(frame, target="y")``."""

    def write_and_load(
        frame: pd.DataFrame, *, target: str | tuple[str, ...], **options: Any
    ) -> Any:
        path = tmp_path / "my table.csv"
        frame.to_csv(path, index=False)
        names = (target,) if isinstance(target, str) else target
        return load(str(path), options=DataOptions(target=names, **options))

    return write_and_load


def test_a_table_becomes_numbers_by_its_columns(read: Read) -> None:
    dataset = read(TABLE, target="left us")
    assert dataset.name == "my-table"
    assert dataset.targets == ("left us",)
    assert [c.kind for c in dataset.columns] == ["number", "category", "number", "date", "number"]
    assert (dataset.task.kind, dataset.task.classes) == ("binary", ("no", "yes"))
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (72, 24, 24)
    assert dataset.train.X.dtype == np.float64
    rows = pd.DataFrame(np.vstack([dataset.train.X, dataset.valid.X, dataset.test.X]))
    assert sorted(rows[0]) == sorted(TABLE["age"])
    assert rows[1].value_counts()[0.0] == (TABLE["plan"] == "basic").sum()


def test_rows_keep_their_targets(read: Read) -> None:
    frame = TABLE.assign(double=2.0 * TABLE["spent"])
    dataset = read(frame, target="double")
    spent = [c.name for c in dataset.columns].index("spent")
    for part in (dataset.train, dataset.valid):
        np.testing.assert_allclose(part.X[:, spent] * 2, part.y, rtol=1e-6)


def test_columns_are_left_out_when_they_are_dropped(read: Read) -> None:
    dataset = read(TABLE, target="left us", drop=("who,when", "spent"))
    assert [c.name for c in dataset.columns] == ["age", "plan"]
    assert dataset.left_out == ("who", "when", "spent")


def test_a_group_is_never_on_both_sides(read: Read) -> None:
    frame = TABLE.assign(mark=TABLE["who"])
    dataset = read(frame, target="left us", group="who")
    mark = [c.name for c in dataset.columns].index("mark")
    train, valid, test = (set(p.X[:, mark]) for p in (dataset.train, dataset.valid, dataset.test))
    assert not train & valid
    assert not train & test
    assert not valid & test
    assert "who" not in [c.name for c in dataset.columns]


def test_the_latest_rows_are_the_test_split(read: Read) -> None:
    frame = TABLE.assign(day=range(ROWS)).sample(frac=1, random_state=0)
    dataset = read(frame, target="left us", time="when")
    day = [c.name for c in dataset.columns].index("day")
    assert sorted(dataset.test.X[:, day]) == list(range(96, 120))
    assert sorted(dataset.valid.X[:, day]) == list(range(72, 96))
    assert "when" not in [c.name for c in dataset.columns]


def test_the_split_is_part_of_the_fingerprint(read: Read) -> None:
    ways: list[dict[str, Any]] = [
        {},
        {"group": "who"},
        {"time": "who"},
        {"drop": ("who",)},
        {"drop": ("who",), "time": "when"},
    ]
    prints = [read(TABLE, target="left us", **way).fingerprint for way in ways]
    assert len(set(prints)) == len(ways)
    assert read(TABLE, target="left us").fingerprint == prints[0]
    named = TABLE.replace({"left us": {"yes": "y", "no": "n"}})
    assert read(named, target="left us").fingerprint != prints[0]


def test_several_targets_are_a_regression(read: Read) -> None:
    dataset = read(TABLE, target="age,spent")
    assert (dataset.task.kind, dataset.task.n_targets) == ("regression", 2)
    assert dataset.train.y.shape == (72, 2)
    assert dataset.train.y.dtype == np.float64
    assert read(TABLE, target=("age", "spent")).fingerprint == dataset.fingerprint


def test_a_test_file_is_the_test_split(read: Read, tmp_path: Path) -> None:
    other = TABLE.iloc[:30].assign(plan="new")
    other.loc[0, "left us"] = None
    other.to_csv(tmp_path / "test.csv", index=False)
    dataset = read(TABLE, target="left us", test_data=str(tmp_path / "test.csv"))
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (100, 20, 29)
    assert set(dataset.test.X[:, 1]) == {2.0}  # no plan of the training rows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="age"), "'age' is missing"),
        (lambda f: f.assign(more=1), "has not seen 'more'"),
        (lambda f: f.drop(columns="left us"), "the test data must have the target"),
        (lambda f: f.assign(**{"left us": "perhaps"}), "'perhaps' is new"),
        (lambda f: f.assign(age="old"), "column 'age' must hold a number"),
    ],
)
def test_a_test_file_that_does_not_fit_is_one_line(
    read: Read, tmp_path: Path, change: Callable[[Any], Any], said: str
) -> None:
    change(TABLE.iloc[:30]).to_csv(tmp_path / "test.csv", index=False)
    with pytest.raises(DataError) as error:
        read(TABLE, target="left us", test_data=str(tmp_path / "test.csv"))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_group_in_both_files_is_refused(read: Read, tmp_path: Path) -> None:
    TABLE[TABLE["who"] == 3].to_csv(tmp_path / "test.csv", index=False)
    with pytest.raises(DataError, match="'3' is in both"):
        read(TABLE, target="left us", group="who", test_data=str(tmp_path / "test.csv"))
    apart = TABLE[TABLE["who"] != 3]
    dataset = read(apart, target="left us", group="who", test_data=str(tmp_path / "test.csv"))
    assert len(dataset.test) == (TABLE["who"] == 3).sum()


def test_rows_without_a_target_are_left_out_and_counted(read: Read) -> None:
    frame = TABLE.copy()
    frame.loc[:9, "left us"] = None
    dataset = read(frame, target="left us")
    assert len(dataset.train) + len(dataset.valid) + len(dataset.test) == ROWS - 10
    assert dataset.notes == ("10 of 120 rows have no target and are left out",)


@pytest.mark.parametrize("what", AWKWARD)
def test_awkward_data_becomes_a_data_set(read: Read, what: str) -> None:
    frame, task = AWKWARD[what]
    dataset = read(frame, target="y")
    assert dataset.task.kind == task
    assert len(dataset.columns) == len(frame.columns) - 1
    if dataset.task.is_classification:
        assert set(dataset.train.y.tolist()) == set(range(len(dataset.task.classes)))


REFUSED: dict[str, tuple[pd.DataFrame, str]] = {
    "infinity": (numbers(30).assign(x0=np.inf, y=[0, 1] * 15), "a finite number or nothing"),
    "a constant target": (numbers(30).assign(y=7), "at least 2 different values"),
    "an empty target": (numbers(30).assign(y=None), "is missing in every row"),
    "a target of dates": (numbers(30).assign(y="2020-01-01"), "holds dates"),
    "a target of free text": (numbers(30).assign(y=[f"t {i}" for i in range(30)]), "30 different"),
    "free text": (numbers(30).assign(t=[f"t {i}" for i in range(30)], y=[0, 1] * 15), "--drop t"),
    "only a target": (pd.DataFrame({"y": [0, 1] * 15}), "beside the target"),
    "two rows": (numbers(2).assign(y=[0, 1]), "at least 3 rows"),
    "one row": (numbers(1).assign(y=[0]), "at least 2 different values"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_data_that_cannot_be_used_is_one_line(read: Read, what: str) -> None:
    frame, said = REFUSED[what]
    with pytest.raises(DataError) as error:
        read(frame, target="y")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target": ()}, r"--target NAME\); there are 'age', 'plan'"),
        ({"target": ("left",)}, r"unknown column 'left' .*known: age"),
        ({"target": ("left us",), "drop": ("wo",)}, r"unknown column 'wo' \(did you mean 'who'"),
        ({"target": ("left us",), "group": "x"}, "unknown column 'x'"),
        ({"target": ("age",), "drop": ("age",)}, "target and --drop"),
        ({"target": ("age",), "group": "age"}, "target and --group"),
        ({"target": ("age",), "group": "who", "time": "when"}, "not by both"),
        ({"target": ("age", "spent"), "task": "binary"}, "several targets are a regression"),
    ],
)
def test_options_that_do_not_fit_are_one_line(
    read: Read, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        read(TABLE, **options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"time": "plan"}, "must hold dates or numbers"),
        ({"group": "gaps"}, "must be filled in every row, but row 1 is not"),
        ({"time": "gaps"}, "must be filled in every row, but row 1 is not"),
        ({"group": "plan"}, "at least 3 groups"),
    ],
)
def test_columns_that_cannot_split_are_one_line(
    read: Read, options: dict[str, Any], said: str
) -> None:
    frame = TABLE.assign(gaps=TABLE["who"].where(TABLE.index > 0))
    with pytest.raises(DataError, match=said):
        read(frame, target="left us", **options)


def test_a_missing_file_is_one_line() -> None:
    with pytest.raises(AutomlError, match=r"unknown data set 'no\.csv': there is no such file"):
        load("no.csv")


def test_options_are_for_data_of_ones_own() -> None:
    with pytest.raises(ConfigError, match="--group: is for data of your own"):
        load("iris", options=DataOptions(group="x"))


def test_a_known_name_stays_what_it_is_beside_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "iris").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load("iris").task.classes == ("setosa", "versicolor", "virginica")
    with pytest.raises(DataError, match="two folders with images"):
        load("./iris")
