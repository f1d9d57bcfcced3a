"""Metrics against hand-worked values, and their direction."""

from __future__ import annotations

import numpy as np
import pytest

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
    for metric in METRICS.values():
        assert metric.better(0.5, metric.worst)


def test_a_task_has_its_default() -> None:
    assert get_metric(None, CLASSES).name == "accuracy"
    assert get_metric(None, NUMBERS).name == "rmse"


def test_a_metric_for_another_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not fit a regression task; one of: rmse"):
        get_metric("accuracy", NUMBERS)
    with pytest.raises(UnknownNameError, match="unknown metric 'acuracy'"):
        get_metric("acuracy", CLASSES)


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
