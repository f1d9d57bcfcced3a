"""Files that are damaged: one clear line or a result, never a traceback."""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import READERS

from automl.errors import AutomlError

EXAMPLES = 60

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "change", "insert", "repeat"]),
        st.floats(0, 1),
        st.binary(min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=6,
)


def damage(data: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """Valid bytes with a few mistakes in them."""
    for how, where, what in edits:
        i = int(where * len(data))
        if how == "cut":
            data = data[:i]
        elif how == "change":
            data = data[:i] + what + data[i + len(what) :]
        elif how == "insert":
            data = data[:i] + what + data[i:]
        else:
            data += data[i : i + 1000] * len(what)
    return data


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(edits=EDITS, noise=st.binary(max_size=200))
def test_a_damaged_file_is_refused_in_one_line(
    name: str, edits: list[tuple[str, float, bytes]], noise: bytes, tmp_path: Path
) -> None:
    reader = READERS[name]
    path = tmp_path / reader.name
    for data in (damage(reader.valid(), edits), noise):
        path.write_bytes(data)
        with warnings.catch_warnings(), contextlib.suppress(AutomlError):
            warnings.simplefilter("error")
            reader.read(path)


@pytest.mark.parametrize("name", [n for n in READERS if n not in ("bundle", "npz data set")])
def test_what_is_damaged_was_whole(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    path = tmp_path / reader.name
    path.write_bytes(reader.valid())
    reader.read(path)
