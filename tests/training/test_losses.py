"""Losses and outputs, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from automl.data.preprocess.standardise import TargetScaling
from automl.task import Task
from automl.training.losses import (
    balanced_weights,
    chance_loss,
    make_loss,
    predictions,
    probabilities,
    target_tensor,
)

BINARY = Task.classification(("no", "yes"))
THREE = Task.classification((0, 1, 2))
NUMBERS = Task("regression")
PLAIN = TargetScaling()


def test_three_equal_outputs_lose_the_logarithm_of_three() -> None:
    loss = make_loss(THREE, 0.0)(torch.zeros(2, 3), torch.tensor([0, 2]))
    assert loss.item() == pytest.approx(math.log(3))


def test_cross_entropy_is_minus_the_logarithm_of_the_right_probability() -> None:
    out = torch.log(torch.tensor([[0.7, 0.2, 0.1], [0.5, 0.25, 0.25]]))
    loss = make_loss(THREE, 0.0)(out, torch.tensor([0, 1]))
    assert loss.item() == pytest.approx(-(math.log(0.7) + math.log(0.25)) / 2)


def test_label_smoothing_spreads_its_share_over_all_classes() -> None:
    out = torch.log(torch.tensor([[0.7, 0.2, 0.1]]))
    loss = make_loss(THREE, 0.3)(out, torch.tensor([0]))
    assert loss.item() == pytest.approx(
        -(0.8 * math.log(0.7) + 0.1 * math.log(0.2) + 0.1 * math.log(0.1))
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_binary_is_multiclass_of_two_with_one_logit(smoothing: float) -> None:
    logits, y = torch.tensor([-1.5, 0.0, 2.0]), torch.tensor([0, 1, 1])
    two = torch.stack([torch.zeros(3), logits], dim=1)
    pair = make_loss(Task("multiclass", (0, 1)), smoothing)(two, y)
    single = make_loss(BINARY, smoothing)(logits[:, None], y.float())
    assert single.item() == pytest.approx(pair.item(), rel=1e-6)


def test_regression_loses_the_mean_square_of_the_scaled_error() -> None:
    scaling = TargetScaling(mean=10.0, scale=2.0)
    y = target_tensor(NUMBERS, scaling, np.array([10.0, 14.0], dtype=np.float32))
    assert y.tolist() == [[0.0], [2.0]]
    loss = make_loss(NUMBERS, 0.5)(torch.tensor([[1.0], [2.0]]), y)
    assert loss.item() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("task", "loss"), [(BINARY, math.log(2)), (THREE, math.log(3)), (NUMBERS, 1.0)]
)
def test_chance_is_what_a_model_that_knows_nothing_loses(task: Task, loss: float) -> None:
    assert chance_loss(task) == pytest.approx(loss)


def test_targets_have_the_type_that_the_loss_wants() -> None:
    y = np.array([0, 1, 1])
    assert target_tensor(THREE, PLAIN, y).dtype == torch.int64
    assert target_tensor(BINARY, PLAIN, y).dtype == torch.float32


def test_probabilities_add_up_to_one_and_agree_with_the_classes() -> None:
    for task, out in ((BINARY, torch.tensor([[-1.0], [3.0]])), (THREE, torch.eye(3))):
        p = probabilities(task, out)
        assert p.shape == (len(out), len(task.classes))
        assert torch.allclose(p.sum(dim=1), torch.ones(len(out)))
        assert torch.equal(p.argmax(dim=1), predictions(task, PLAIN, out))


def test_regression_predicts_in_the_targets_own_units() -> None:
    out = torch.tensor([[0.0], [-1.0]])
    assert predictions(NUMBERS, TargetScaling(10.0, 2.0), out).tolist() == [10.0, 8.0]


def test_class_weights_are_scikit_learns_and_one_on_average() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    y = np.array([0] * 6 + [1] * 3 + [3])
    weights = balanced_weights(y, 4)
    expected = compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=y)
    assert weights[[0, 1, 3]] == pytest.approx(expected)
    assert weights[2] == 0
    assert weights[y].mean() == pytest.approx(1)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("task", [BINARY, THREE], ids=["binary", "multiclass"])
def test_a_weighted_loss_is_the_mean_of_each_rows_loss_times_its_weight(
    task: Task, smoothing: float
) -> None:
    out = torch.tensor([[1.5, -0.5, 0.2], [0.3, 0.1, -2.0], [-1.0, 2.0, 0.0]])[:, : task.n_outputs]
    y = torch.tensor([0, 1, 1])
    y = y.float() if task.kind == "binary" else y
    weights = torch.tensor([0.5, 2.0, 1.0])[: len(task.classes)]
    rows = [make_loss(task, smoothing)(out[i : i + 1], y[i : i + 1]).item() for i in range(3)]
    weighted = make_loss(task, smoothing, class_weights=weights)(out, y).item()
    assert weighted == pytest.approx((0.5 * rows[0] + 2 * rows[1] + 2 * rows[2]) / 3, rel=1e-6)


def test_hubers_loss_is_half_the_square_and_then_a_straight_line() -> None:
    loss = make_loss(NUMBERS, huber_delta=1.5)
    assert loss(torch.tensor([[1.0]]), torch.tensor([[0.0]])).item() == pytest.approx(0.5)
    far = loss(torch.tensor([[4.0]]), torch.tensor([[0.0]])).item()
    assert far == pytest.approx(1.5 * (4.0 - 0.75))


def test_several_targets_are_weighed_alike() -> None:
    out, y = torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 0.0]])
    assert make_loss(NUMBERS)(out, y).item() == pytest.approx(5.0)
