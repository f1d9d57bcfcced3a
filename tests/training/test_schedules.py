"""Schedules begin, peak and end where they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.training.schedules import SCHEDULES


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("constant", {0.0: 1.0, 0.5: 1.0, 1.0: 1.0}),
        ("cosine", {0.0: 1.0, 0.5: 0.5, 1.0: 0.0}),
        ("linear", {0.0: 1.0, 0.25: 0.75, 1.0: 0.0}),
        ("one_cycle", {0.0: 1 / 25, 0.05: 0.52, 0.1: 1.0, 0.55: 0.5, 1.0: 0.0}),
    ],
)
def test_a_schedule_goes_through_these_points(name: str, points: dict[float, float]) -> None:
    for progress, factor in points.items():
        assert SCHEDULES[name](progress) == pytest.approx(factor, abs=1e-12)


def test_there_is_a_test_for_every_schedule() -> None:
    assert sorted(SCHEDULES) == ["constant", "cosine", "linear", "one_cycle"]


@given(st.sampled_from(sorted(SCHEDULES)), st.floats(0, 1))
def test_a_factor_lies_between_nothing_and_the_peak(name: str, progress: float) -> None:
    assert 0.0 <= SCHEDULES[name](progress) <= 1.0


@given(st.floats(0, 1), st.floats(0, 1))
def test_after_its_peak_a_rate_only_falls(a: float, b: float) -> None:
    a, b = sorted((a, b))
    for name in ("constant", "cosine", "linear"):
        assert SCHEDULES[name](a) >= SCHEDULES[name](b)
    a, b = 0.1 + 0.9 * a, 0.1 + 0.9 * b
    assert SCHEDULES["one_cycle"](a) >= SCHEDULES["one_cycle"](b)
