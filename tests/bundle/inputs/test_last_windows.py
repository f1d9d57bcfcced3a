"""The last windows of a table, from which the next steps are forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.bundle.inputs.forecasts import last_windows
from automl.bundle.inputs.schema import InputSchema
from automl.data import DataOptions
from automl.data.read.memory import from_memory
from automl.errors import DataError


def table(steps: int = 40) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=steps, freq="D").strftime("%d/%m/%Y")
    return pd.DataFrame({"day": days, "sold": np.arange(1.0, steps + 1), "open": np.arange(steps)})


@pytest.fixture
def inputs() -> InputSchema:
    options = DataOptions(
        target=("sold",), task="forecast", time="day", horizon=2, season=1, known=("open",)
    )
    data = from_memory(table(), None, options)
    assert data.windows is not None
    made = InputSchema.measure(data.train.X, data.kind, forecast=data.windows.form)
    return InputSchema.from_json(made.to_json())


def test_lines_without_a_target_tell_what_is_known_ahead(inputs: InputSchema) -> None:
    frame = table(42)
    frame.loc[40:, "sold"] = np.nan
    found = last_windows(frame.sample(frac=1, random_state=0), inputs)
    assert found.times == [["10/02/2024", "11/02/2024"]]
    assert found.rows.shape == (1, *inputs.shape)
    assert found.rows[0, -1].tolist() == [40, 39, 41]  # sold, open, and open two days later


def test_without_them_it_is_said_what_is_missing(inputs: InputSchema) -> None:
    with pytest.raises(DataError, match=r"2 steps to forecast must be lines .* with 'open'"):
        last_windows(table(), inputs)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (table().drop(columns="sold"), "the table must have one column 'sold'"),
        (table().drop(columns="open"), "open"),
        (table().assign(day=range(40)), "column 'day' must hold dates"),
        (table().assign(sold=np.nan), "column 'sold' must have values to forecast from"),
        (table(4).assign(sold=[1, 2, np.nan, np.nan]), "must have 3 steps or more"),
    ],
)
def test_other_tables_are_refused(inputs: InputSchema, frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(DataError, match=said):
        last_windows(frame, inputs)
