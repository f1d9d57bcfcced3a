"""``--set NAME=VALUE``: the value is read as in YAML, and every mistake is one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.errors import SpaceError
from automl.space.file import parse_assignment


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("model.depth=2", "model.depth", 2),
        ("model.depth = 2", "model.depth", 2),
        ("optimizer.learning_rate=1e-4", "optimizer.learning_rate", 1e-4),
        ("optimizer.learning_rate=1", "optimizer.learning_rate", 1),
        ("model.activation=relu", "model.activation", "relu"),
        ("model.normalisation=none", "model.normalisation", "none"),
        ("a=b=c", "a", "b=c"),
        ("a='no'", "a", "no"),
    ],
)
def test_an_assignment_has_a_name_and_a_value(text: str, name: str, value: Any) -> None:
    got = parse_assignment(text)
    assert got == (name, value)
    assert type(got[1]) is type(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model.depth", "must be NAME=VALUE, such as model.depth=2, but got 'model.depth'"),
        ("=2", "must be NAME=VALUE"),
        ("model.depth=", "must be NAME=VALUE"),
        ("model.depth= ", "must be NAME=VALUE"),
        ("a=[1]", "a: must be a number or a name, but got [1]"),
        ("a=[", "a: must be a number or a name, but got '['"),
        ("a={b: 1}", "a: must be a number or a name, but got {'b': 1}"),
        ("a=!!int x", "a: must be a number or a name, but got '!!int x'"),
        ("a=yes", "a: must be a number or a name, but got True; bare yes/no"),
        ("a=1e999", "a: must be finite, but got inf"),
        ("a=nan", "a: must be finite, but got nan"),
        ("a=null", "a: must be a number or a name, but has no value"),
    ],
)
def test_a_wrong_assignment_is_said(text: str, said: str) -> None:
    with pytest.raises(SpaceError) as error:
        parse_assignment(text)
    assert str(error.value).startswith("--set: ")
    assert said in str(error.value)


@given(st.text())
def test_any_assignment_is_a_scalar_or_a_space_error(text: str) -> None:
    name, value, said = "", None, ""
    try:
        name, value = parse_assignment(text)
    except SpaceError as error:
        said = str(error)
    if said:
        assert len(said.splitlines()) == 1
    else:
        assert name
        assert type(value) in (str, int, float)
