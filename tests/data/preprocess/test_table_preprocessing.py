from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_tables import COLUMNS, make_table
from sklearn.preprocessing import QuantileTransformer

from automl.data.preprocess.standardise import PreprocessingSettings
from automl.data.preprocess.table import TablePreprocessing, shares
from automl.data.preprocess.table_fit import ONE_HOT_MOST
from automl.data.schema import Column
from automl.errors import DataError

NUMBER = (Column("x", "number"),)
NUMERIC = ("standard", "piecewise", "quantile", "none")


def fit(
    X: Any, columns: Any = COLUMNS, numeric: str = "standard", embed_above: int = 20, **more: bool
) -> TablePreprocessing:
    return TablePreprocessing.fit(X, columns, PreprocessingSettings(numeric, embed_above), **more)


def column(*values: float) -> Any:
    return np.array(values, dtype=np.float64)[:, None]


@st.composite
def tables(draw: st.DrawFn) -> tuple[Any, tuple[Column, ...]]:
    """A table of any columns and values, missing ones too."""
    columns, parts = [], []
    rows = draw(st.integers(2, 30))
    for i in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["number", "category", "boolean", "date"]))
        names = tuple("abcdefgh"[: draw(st.integers(1, 8))]) if kind == "category" else ()
        elements: Any = {
            "number": st.floats(-1e30, 1e30),
            "category": st.integers(0, len(names)).map(float),
            "boolean": st.sampled_from([0.0, 1.0]),
            "date": st.floats(-1e11, 1e11),
        }[kind]
        columns.append(Column(f"c{i}", kind, names))  # type: ignore[arg-type]
        elements = st.one_of(elements, st.just(np.nan))
        parts.append(draw(hnp.arrays(np.float64, rows, elements=elements)))
    return np.column_stack(parts), tuple(columns)


@given(table=tables(), numeric=st.sampled_from(NUMERIC), embed_above=st.integers(1, 5))
def test_what_it_was_fitted_on_becomes_finite_and_comes_back_the_same(
    table: Any, numeric: str, embed_above: int
) -> None:
    X, columns = table
    assume(any(len(np.unique(values)) > 1 for values in X.T))  # NaN is one value here
    try:
        found = fit(X, columns, numeric, embed_above)
    except DataError:
        assume(False)  # a column may hold only NaN and the unknown category
    rows = found.transform(X)
    assert rows.dtype == np.float32
    assert rows.shape == (len(X), *found.inputs.shape)
    assert np.isfinite(rows).all()
    assert (np.ptp(rows, axis=0) > 0).any()
    again = TablePreprocessing.from_json(json.loads(json.dumps(found.to_json())))
    assert again.transform(X).tobytes() == rows.tobytes()
    assert again.inputs == found.inputs
    for codes, size in zip(
        rows.T[len(rows.T) - len(found.inputs.categories) :], found.inputs.categories, strict=True
    ):
        assert set(codes) <= set(range(size))
    order = np.random.RandomState(0).permutation(len(X))
    assert found.transform(X[order]).tobytes() == rows[order].tobytes()
    assert fit(X[order], columns, numeric, embed_above).inputs == found.inputs


@pytest.mark.parametrize("numeric", NUMERIC)
def test_numbers_are_standardised_ranked_or_left(numeric: str) -> None:
    x = np.exp(np.random.RandomState(0).normal(size=(500, 1)))
    rows = fit(x, NUMBER, numeric).transform(x)
    if numeric == "none":
        np.testing.assert_array_equal(rows, x.astype(np.float32))
        return
    if numeric == "piecewise":
        assert rows[:, 1:].min() == 0
        assert rows[:, 1:].max() == 1
        np.testing.assert_allclose(
            rows[:, 1:].mean(axis=0), 1 - (np.arange(8) + 0.5) / 8, atol=0.05
        )
        rows = rows[:, :1]
    assert rows.mean() == pytest.approx(0, abs=1e-5)
    assert rows.std() == pytest.approx(1, abs=0.01 if numeric == "quantile" else 1e-5)
    if numeric == "quantile":
        assert abs(rows).max() < 3.5
        np.testing.assert_array_equal(np.argsort(rows[:, 0]), np.argsort(x[:, 0]))


def test_normal_scores_are_those_of_scikit_learn_but_for_the_tails() -> None:
    random = np.random.RandomState(0)
    x = np.round(random.gamma(1.0, 10.0, (5000, 1)), 1)
    new = random.gamma(1.0, 10.0, (5000, 1))
    theirs = QuantileTransformer(output_distribution="normal", subsample=None).fit(x)
    expected = theirs.transform(new)
    body = np.abs(expected) < 2
    ours = fit(x, NUMBER, "quantile").transform(new)
    np.testing.assert_allclose(ours[body], expected[body], atol=0.1)
    assert fit(x, NUMBER, "quantile").ranked[0][1].size <= 1000


def test_a_value_beyond_those_of_the_training_rows_gets_the_last_score() -> None:
    found = fit(column(*range(100)), NUMBER, "quantile")
    low, first, last, high = found.transform(column(-1e9, 0, 99, 1e9))[:, 0]
    assert low == first < last == high


def test_a_number_is_as_far_into_its_pieces_as_it_is() -> None:
    found = fit(column(*range(0, 90, 10)), NUMBER, "piecewise")
    rows = found.transform(column(-5, 0, 15, 80, 1e9, np.nan))[:, 1:]
    assert rows.shape == (6, 8)
    assert rows.sum(axis=1).tolist() == [0, 0, 1.5, 8, 8, 4]
    assert rows[2].tolist() == [1, 0.5, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("far", [1e30, 1e200, 1.7e308])
def test_pieces_between_the_ends_of_float64_are_finite(far: float) -> None:
    found = fit(column(-far, 0, 1, 2, far), NUMBER, "piecewise")
    with np.errstate(over="ignore"):  # as in `transform`
        rows = shares(np.array([[-far], [1.5], [far]]), found.lows, found.highs)
    assert rows[0].tolist() == [0.0] * len(found.pieces)
    assert rows[2].tolist() == [1.0] * len(found.pieces)
    assert rows[1].tolist() == sorted(rows[1].tolist(), reverse=True)


@pytest.mark.parametrize("values", [(0, 0, 0, 1, 1, 1), (5, 5, 5, 5, 5, 5, 5, 5, 9)])
def test_what_has_no_two_pieces_is_standardised_alone(values: tuple[float, ...]) -> None:
    assert len(fit(column(*values), NUMBER, "piecewise").pieces) == 0


def test_rare_values_among_equal_ones_keep_a_score_of_their_own() -> None:
    x = np.zeros((10_000, 1))
    x[7] = 5.0
    rows = fit(x, NUMBER, "quantile").transform(x)
    assert rows[7] > rows[0]


@pytest.mark.parametrize("numeric", NUMERIC)
def test_a_missing_number_becomes_the_median_with_an_indicator(numeric: str) -> None:
    x = column(1, 2, np.nan, 4, 8)
    rows = fit(x, NUMBER, numeric).transform(column(np.nan, 3))
    assert rows[:, -1].tolist() == [1, 0]
    assert rows[0, 0] == rows[1, 0]


def test_without_missing_values_in_training_there_is_no_indicator() -> None:
    found = fit(column(1, 2, 4), NUMBER)
    assert found.inputs.shape == (1,)
    missing, median = found.transform(column(np.nan, 2))
    assert missing == median


def test_columns_that_say_nothing_are_dropped() -> None:
    found = fit(make_table())
    assert {5, 6}.isdisjoint({*found.scaled, *found.missing, *found.one_hot})
    constant = (Column("x", "number"), Column("y", "number"))
    assert fit(np.array([[0.1, 1], [0.1, 2], [0.1, 4]]), constant).scaled.tolist() == [1]


def test_a_constant_number_that_is_missing_at_times_is_an_indicator() -> None:
    found = fit(column(7, 7, np.nan), NUMBER)
    assert found.transform(column(7, np.nan, 9)).tolist() == [[0], [1], [0]]


@pytest.mark.parametrize("value", [3.0, np.nan])
def test_a_table_in_which_nothing_varies_is_refused(value: float, one_line: Any) -> None:
    with pytest.raises(DataError, match="must have a column that varies") as refusal:
        fit(np.full((4, 1), value), NUMBER)
    one_line(str(refusal.value))


def test_few_categories_are_one_hot_and_unseen_or_missing_ones_all_zeros() -> None:
    columns = (Column("c", "category", ("a", "b", "c", "d")),)
    found = fit(column(0, 2, 2, 0), columns)
    rows = found.transform(column(0, 1, 2, 3, 4, np.nan))
    assert rows.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_many_categories_are_codes_and_unseen_or_missing_ones_0() -> None:
    columns = (Column("c", "category", ("a", "b", "c", "d", "e")), Column("x", "number"))
    X = np.array([[1, 0], [3, 1], [4, 2], [1, 3]], dtype=float)
    found = fit(X, columns, embed_above=2)
    assert found.inputs.categories == (4,)
    new = np.array([[i, 0] for i in (0, 1, 2, 3, 4, 5, np.nan, -1, 1.5)], dtype=float)
    assert found.transform(new)[:, -1].tolist() == [0, 1, 0, 2, 3, 0, 0, 0, 0]
    assert fit(X, columns, embed_above=3).inputs.categories == ()


def test_for_baselines_only_the_most_frequent_of_many_categories_are_one_hot() -> None:
    count = 3 * ONE_HOT_MOST
    columns = (Column("c", "category", tuple(f"{i:03d}" for i in range(count))),)
    X = np.concatenate([np.arange(count), np.arange(count)[-ONE_HOT_MOST:]])[:, None].astype(float)
    found = fit(X, columns, one_hot_only=True)
    assert found.inputs.categories == ()
    assert found.places.tolist() == list(range(count - ONE_HOT_MOST, count))


def test_a_date_is_seconds_and_where_it_stands_in_year_week_and_day() -> None:
    dates = (Column("d", "date"),)
    hours = fit(1.7e9 + 3600.0 * np.arange(20_000)[:, None], dates)
    assert hours.inputs.shape == (7,)
    days = fit(1.7e9 // 86_400 * 86_400 + 86_400.0 * np.arange(800)[:, None], dates)
    assert days.inputs.shape == (5,), "every day at the same hour"
    # 2023-01-01 was a Sunday and 2023-01-02 a Monday; the week's phase is that of a week later.
    monday = days.transform(column(1_672_617_600, 1_672_617_600 + 7 * 86_400))
    week = list(days.periods).index(7 * 86_400)
    assert monday[0, 1 + week] == pytest.approx(monday[1, 1 + week], abs=1e-6)
    yearly = [np.datetime64(f"{year}-03-01", "s").astype(np.int64) for year in range(1990, 2020)]
    assert 365.2425 * 86_400 not in fit(column(*yearly), dates).periods


def test_a_boolean_stays_0_or_1() -> None:
    found = fit(column(0, 1, 1), (Column("b", "boolean"),), "quantile")
    assert found.transform(column(0, 1)).tolist() == [[0], [1]]


def test_a_small_spread_far_from_0_survives() -> None:
    rows = fit(1.6e9 + np.arange(200.0)[:, None], NUMBER).transform(
        1.6e9 + np.arange(200.0)[:, None]
    )
    assert len(np.unique(rows)) == 200


@pytest.mark.parametrize("numeric", NUMERIC)
@pytest.mark.parametrize(("bad", "rule"), [(np.inf, "finite or missing"), (-np.inf, "finite")])
def test_infinity_is_refused(numeric: str, bad: float, rule: str) -> None:
    found = fit(column(1, 2, 3), NUMBER, numeric)
    with pytest.raises(DataError, match=rule):
        found.transform(column(bad))


def test_a_value_too_large_for_float32_is_refused() -> None:
    with pytest.raises(DataError, match="near those of the training rows"):
        fit(column(1, 2, 3), NUMBER).transform(column(1e300))


def test_rows_with_other_columns_are_refused() -> None:
    with pytest.raises(DataError, match=r"shape \(7,\), but got \(6,\)"):
        fit(make_table()).transform(make_table()[:, :6])
