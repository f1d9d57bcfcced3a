"""What goes in as rows and labels is what a data set holds, or one clear line says why not."""

from __future__ import annotations

import csv
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data import DataOptions, Dataset, load
from automl.data.read.memory import from_memory
from automl.errors import AutomlError
from automl.task import label_text

ROWS = 40

WORDS = st.text("abcxyz XYZ_-.:/é北", min_size=1, max_size=8).map(str.strip).filter(bool)
INTEGERS = st.integers(-(2**62), 2**62)
LABELS: dict[str, st.SearchStrategy[Any]] = {
    "truth": st.booleans(),
    "integers": INTEGERS,
    "small integers": st.integers(-3, 3),
    "decimals": st.sampled_from([0.5, 1.0, 2.5, 1e-9, 3e20]),
    "words": WORDS,
    "digits": st.from_regex(r"[0-9]{1,4}", fullmatch=True),
    "confusing words": st.sampled_from(["None", "True", "false", "01", "1.0", "1e5", "inf", "-1"]),
    "bytes": st.binary(min_size=1, max_size=4).filter(lambda b: b.strip(b" \t\n\r\x0b\x0c\0") == b),
}


def read_back(dataset: Dataset) -> dict[int, Any]:
    """Return the label, or the number, of each row, which is numbered by its first feature."""
    found: dict[int, Any] = {}
    for X, y in (
        (dataset.train.X, dataset.train.y),
        (dataset.valid.X, dataset.valid.y),
        (dataset.test.X, dataset.test.unlock()),
    ):
        classes = dataset.task.classes
        found |= {
            int(row): classes[int(value)] if classes else float(value)
            for row, value in zip(X[:, 0], y, strict=True)
        }
    return found


def one_line(error: AutomlError) -> None:
    assert "\n" not in str(error)
    assert "Error" not in str(error)


@pytest.mark.parametrize("kind", LABELS)
@settings(max_examples=15)
@given(data=st.data())
def test_an_array_of_labels(kind: str, data: Any) -> None:
    classes = data.draw(st.lists(LABELS[kind], min_size=2, max_size=4, unique=True))
    labels = [classes[i % len(classes)] for i in range(ROWS)]
    X = np.stack([np.arange(ROWS), np.arange(ROWS) % 7], axis=1).astype(np.float64)
    task = "binary" if len(classes) == 2 else "multiclass"
    made: list[Any] = [labels, np.array(labels), np.array(labels, dtype=object), pd.Series(labels)]
    for y in made:
        try:
            found = read_back(from_memory(X, y, DataOptions(task=task)))
        except AutomlError as error:
            one_line(error)
            if np.array(labels).dtype.kind in "biuU":
                raise
            continue
        plain = np.array(labels).tolist()  # as numpy has them: bytes lose zeros at their end
        assert found == dict(enumerate(plain))
        assert {type(v) for v in found.values()} == {type(v) for v in plain}


@pytest.mark.parametrize("kind", [kind for kind in LABELS if kind != "bytes"])
@settings(max_examples=15)
@given(data=st.data())
def test_a_file_of_labels(kind: str, data: Any) -> None:
    classes = data.draw(st.lists(LABELS[kind], min_size=2, max_size=4, unique_by=str))
    labels = [str(classes[i % len(classes)]) for i in range(ROWS)]
    delimiter = data.draw(st.sampled_from([",", ";", "\t"]))
    missing = data.draw(st.sets(st.integers(0, ROWS - 1), max_size=5))
    written = ["" if i in missing else label for i, label in enumerate(labels)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(["row", "other", "label"])
            writer.writerows([i, i % 7, text] for i, text in enumerate(written))
        task = "binary" if len(set(labels)) == 2 else "multiclass"
        try:
            dataset = load(str(path), options=DataOptions(target=("label",), task=task))
        except AutomlError as error:
            one_line(error)
            return
    found = read_back(dataset)
    there = {i: text for i, text in enumerate(written) if text}
    others = {text for text in there.values() if text != "None"}
    if all(map(_is_number, others)):  # None among numbers is a gap
        there = {i: text for i, text in there.items() if text != "None"}
    gone = ROWS - len(there)
    assert found.keys() == there.keys()
    said = [note for note in dataset.notes if "no target" in note]
    assert said == ([f"{gone} of {ROWS} rows have no target and are left out"] if gone else [])
    numbers = {float(text) for text in there.values() if _is_number(text)}
    if len(numbers) < len(set(there.values())) and all(map(_is_number, there.values())):
        assert all(float(found[i]) == float(text) for i, text in there.items())  # 1 and 1.0
    else:
        assert {i: label_text(label) for i, label in found.items()} == there


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?", text) is not None


@pytest.mark.parametrize(
    ("write", "header"),
    [
        (lambda v: f"{v:,.2f}", True),
        (lambda v: f"${v:,.2f}", True),
        (lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")) + " €", True),
        (lambda v: f"{v:.2f}".replace(".", ","), True),
        (lambda v: f"({-v:.2f})" if v < 0 else f"{v:.2f}", True),
        (lambda v: f"{v:.2f}", False),
    ],
)
@settings(max_examples=15)
@given(values=st.lists(st.floats(-1e7, 1e7).map(lambda v: round(v, 2)), min_size=30, max_size=30))
def test_a_file_of_numbers(write: Any, header: bool, values: list[float]) -> None:
    values = [*values, 1234.56, -9876.54, 0.25, 1e6, 5e6, 12.5, 8.25, -0.5, 77.75, 1000.25]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerows([["row", "x", "y"]] * header)
            writer.writerows([i + 0.5, write(v), write(v)] for i, v in enumerate(values))
        target = "y" if header else "x2"
        dataset = load(str(path), options=DataOptions(target=(target,), task="regression"))
    assert [column.kind for column in dataset.columns] == ["number", "number"]
    found = read_back(dataset)
    assert found == {i: pytest.approx(value, abs=1e-6) for i, value in enumerate(values)}
    for part in (dataset.train, dataset.valid):
        np.testing.assert_allclose(part.X[:, 1], part.y, rtol=1e-12)
