"""Metrics against hand-worked values, and their direction."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as theirs

from automl.errors import ConfigError, UnknownNameError
from automl.metrics import METRICS, get_metric
from automl.task import Inputs, Task

CLASSES, NUMBERS = Task.classification((0, 1, 2)), Task("regression")


def test_accuracy_is_the_share_of_rows_that_are_right() -> None:
    score = METRICS["accuracy"].score(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1]))
    assert (score, type(score)) == (0.75, float)


def test_rmse_is_the_root_of_the_mean_square() -> None:
    y, pred = np.array([1.0, 2.0], np.float32), np.array([4.0, 6.0], np.float32)
    assert METRICS["rmse"].score(y, pred) == pytest.approx((25 / 2) ** 0.5)


def test_better_follows_the_direction() -> None:
    accuracy, rmse = METRICS["accuracy"], METRICS["rmse"]
    assert accuracy.better(0.9, 0.8)
    assert not accuracy.better(0.8, 0.8)
    assert rmse.better(1.0, 2.0)
    assert sorted([0.1, 0.9], key=accuracy.sort_key) == [0.9, 0.1]
    assert sorted([0.9, 0.1], key=rmse.sort_key) == [0.1, 0.9]


def test_a_task_has_its_default() -> None:
    assert get_metric(None, CLASSES).name == "accuracy"
    assert get_metric(None, NUMBERS).name == "rmse"


def test_a_metric_for_another_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not fit a regression task; one of: rmse, mae, r2"):
        get_metric("accuracy", NUMBERS)
    with pytest.raises(UnknownNameError, match="unknown metric 'acuracy'"):
        get_metric("acuracy", CLASSES)


@st.composite
def classified(draw, every_class=False):
    """Codes, and probabilities in steps of a tenth, so that there are ties."""
    k, rows = draw(st.integers(2, 5)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    y = rng.integers(k, size=rows)
    if every_class:
        y = np.concatenate([y, np.arange(k)])
    steps = rng.multinomial(10, np.full(k, 1 / k), size=len(y))
    return y, steps / 10


@given(classified(), st.sampled_from(["accuracy", "balanced_accuracy", "f1_macro"]))
def test_metrics_of_classes_are_scikit_learns(case, name) -> None:
    y, probabilities = case
    metric = METRICS[name]
    codes = metric.takes(probabilities)
    expected = {
        "accuracy": theirs.accuracy_score,
        "balanced_accuracy": theirs.balanced_accuracy_score,
        "f1_macro": lambda y, p: theirs.f1_score(y, p, average="macro", zero_division=0),
    }[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class that was predicted and has no rows
        assert metric.score(y, codes) == pytest.approx(expected(y, codes), abs=1e-12)


@given(classified(every_class=True))
def test_roc_auc_is_scikit_learns_mean_over_each_class_against_the_rest(case) -> None:
    y, p = case
    given = p[:, 1] if p.shape[1] == 2 else p
    expected = theirs.roc_auc_score(y, given, average="macro", multi_class="ovr")
    assert METRICS["roc_auc"].score(y, p) == pytest.approx(expected, abs=1e-12)


def test_roc_auc_leaves_out_a_class_without_rows() -> None:
    y = np.array([0, 0, 1, 1])
    p = np.array([[0.6, 0.2, 0.2], [0.3, 0.3, 0.4], [0.4, 0.5, 0.1], [0.1, 0.2, 0.7]])
    # Of class 0 three of four pairs are in order; of class 1 two, and a tie counts half.
    assert METRICS["roc_auc"].score(y, p) == pytest.approx((3 / 4 + 2.5 / 4) / 2)


def test_roc_auc_of_one_class_has_no_value_and_is_refused_beforehand() -> None:
    metric = METRICS["roc_auc"]
    assert np.isnan(metric.score(np.array([1, 1]), np.array([[0.1, 0.9], [0.2, 0.8]])))
    with pytest.raises(ConfigError, match="needs rows of two classes, but the test rows are"):
        metric.check_defined(1, "test rows")
    metric.check_defined(2, "test rows")
    METRICS["accuracy"].check_defined(1, "test rows")


@given(classified(every_class=True), st.integers(0, 1000))
def test_roc_auc_of_resampled_rows_is_that_of_the_rows(case, seed) -> None:
    y, p = case
    metric = METRICS["roc_auc"]
    rows = np.random.default_rng(seed).integers(len(y), size=len(y))
    found, expected = metric.resampled(y, p)(rows), metric.score(y[rows], p[rows])
    assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(case=classified())
def test_log_loss_is_scikit_learns(dtype, case) -> None:
    y, p = case[0], case[1].astype(dtype)
    expected = theirs.log_loss(y, p, labels=np.arange(p.shape[1]))
    assert METRICS["log_loss"].score(y, p) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(st.integers(2, 30), st.sampled_from([None, 1, 3]), st.integers(0, 1000))
def test_metrics_of_numbers_are_scikit_learns_mean_over_targets(rows, targets, seed) -> None:
    rng = np.random.default_rng(seed)
    shape = (rows,) if targets is None else (rows, targets)
    y = rng.integers(-3, 3, size=shape).astype(np.float32)  # sometimes constant
    pred = (y + rng.integers(-1, 2, size=shape)).astype(np.float32)
    for name, expected in (
        ("rmse", theirs.root_mean_squared_error),
        ("mae", theirs.mean_absolute_error),
        ("r2", theirs.r2_score),
    ):
        assert METRICS[name].score(y, pred) == pytest.approx(expected(y, pred), rel=1e-6, abs=1e-6)


def test_r2_of_a_constant_target_is_one_when_it_is_met_and_zero_otherwise() -> None:
    y = np.full(4, 2.0)
    assert METRICS["r2"].score(y, y) == 1.0
    assert METRICS["r2"].score(y, y + 1) == 0.0
    assert METRICS["r2"].score(y[:1], y[:1] + 1) == 0.0, "of one row too"


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_prefers_what_is_right(name: str) -> None:
    metric = METRICS[name]
    y = np.array([0, 1, 2, 1])
    if metric.classification:
        right, wrong = np.eye(3)[y] * 0.9 + 0.03, np.eye(3)[(y + 1) % 3] * 0.9 + 0.03
    else:
        y = y.astype(np.float32)
        right, wrong = y + 0.1, y[::-1] + 2.0
    good, bad = (metric.score(y, metric.takes(output)) for output in (right, wrong))
    assert metric.better(good, bad)
    assert type(good) is float


@pytest.mark.parametrize(
    ("task", "kind", "outputs"),
    [
        (Task.classification(("a", "b")), "binary", 1),
        (CLASSES, "multiclass", 3),
        (NUMBERS, "regression", 1),
        (Task("regression", n_targets=4), "regression", 4),
    ],
)
def test_a_task_knows_its_outputs_and_survives_json(task: Task, kind: str, outputs: int) -> None:
    assert (task.kind, task.n_outputs) == (kind, outputs)
    assert Task.from_json(task.to_json()) == task
    assert task.is_classification == (kind != "regression")


def test_inputs_count_their_features() -> None:
    assert Inputs("image", (1, 28, 28)).n_features == 784
    assert Inputs("vector", (4,)).n_features == 4
