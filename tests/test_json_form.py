"""Records and studies as JSON: strict, whole, and read back without a loss."""

from __future__ import annotations

import json
import math
from collections import ChainMap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from automl.json_form import to_plain
from automl.trial import EpochResult, FoldResult, TrialRecord, TrialStatus

EPOCHS = st.builds(
    EpochResult,
    fold=st.none() | st.builds(FoldResult),
    **dict.fromkeys(["train_loss", "valid_loss", "valid_score"], st.floats()),
)
RECORDS = st.builds(
    TrialRecord,
    params=st.dictionaries(st.text(), st.text() | st.integers() | st.floats() | st.booleans()),
    history=st.lists(EPOCHS, max_size=3).map(tuple),
    valid_score=st.none() | st.floats(),
)


@given(RECORDS)
def test_a_record_is_read_back_as_it_was(record: TrialRecord) -> None:
    text = json.dumps(record.to_json(), allow_nan=False)
    read = TypeAdapter(TrialRecord).validate_json(text)
    assert to_plain(read) == record.to_json()
    assert read.history == record.history or "NaN" in text
    assert read.status is record.status


def test_what_json_lacks_has_a_name() -> None:
    found = to_plain([math.nan, math.inf, -math.inf, 1.5, TrialStatus.PRUNED, Path("a/b")])
    assert found == ["NaN", "Infinity", "-Infinity", 1.5, "pruned", "a/b"]
    assert to_plain(ChainMap({"a": (1, None)}, {"b": True})) == {"a": [1, None], "b": True}


def test_what_has_no_json_form_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="a object has no JSON form"):
        to_plain({"a": object()})
