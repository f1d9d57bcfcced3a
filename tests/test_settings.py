"""Settings state the place, the rule and the value when a value breaks a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.errors import ConfigError
from automl.settings import check, check_value, option


@dataclass(frozen=True)
class Oven:
    degrees: int = option(180, low=30, high=300)
    humidity: float = option(0.0, low=0.0, below=1.0)
    mode: str = option("grill", choices=("grill", "fan"))


def test_missing_values_keep_their_defaults() -> None:
    assert check(Oven, {"mode": "fan"}) == Oven(180, 0.0, "fan")


def test_a_whole_number_is_a_number() -> None:
    humidity = check(Oven, {"humidity": 0}).humidity
    assert (humidity, type(humidity)) == (0.0, float)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("degrees", 29, "`30 <= oven.degrees` must hold, but got 29"),
        ("degrees", 301, "`oven.degrees <= 300` must hold, but got 301"),
        ("degrees", 30.0, "must be a whole number, but got 30.0 (float)"),
        ("degrees", True, "must be a whole number, but got True (bool)"),
        ("degrees", "hot", "must be a whole number, but got 'hot' (str)"),
        ("degrees", 10**400, "must be finite"),
        ("humidity", 1.0, "`oven.humidity < 1.0` must hold, but got 1"),
        ("humidity", -1e-9, "`0.0 <= oven.humidity` must hold, but got -1e-09"),
        ("humidity", float("nan"), "must be finite, but got nan"),
        ("humidity", float("inf"), "must be finite, but got inf"),
        ("humidity", 10**400, "must be finite"),
        ("humidity", None, "must be a number, but got None"),
        ("mode", "gril", "unknown oven.mode 'gril' (did you mean 'grill'?); known: grill, fan"),
        ("mode", 3, "must be a name, but got 3 (int)"),
        ("degree", 3, "unknown setting 'oven.degree' (did you mean 'oven.degrees'?)"),
    ],
)
def test_a_broken_rule_is_said(name: str, value: Any, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        check(Oven, {name: value}, "oven")
    assert said in str(error.value)
    assert f"oven.{name}" in str(error.value)


ANYTHING = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    *(st.lists(st.integers()), st.dictionaries(st.text(), st.integers()), st.complex_numbers()),
)


@given(st.sampled_from(["degrees", "humidity", "mode", "other"]), ANYTHING)
def test_any_value_passes_its_rule_or_is_a_config_error(name: str, value: Any) -> None:
    try:
        got = check_value(Oven, name, value)
    except ConfigError as error:
        got, said = None, str(error)
    if got is None:
        assert len(said.splitlines()) == 1
        return
    assert got == value
    assert {"degrees": int, "humidity": float, "mode": str}[name] is type(got)
    if name == "degrees":
        assert 30 <= got <= 300
    if name == "humidity":
        assert 0.0 <= got < 1.0
