"""Losses and outputs by kind of task."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from automl.arrays import Array
from automl.data.preprocess.standardise import TargetScaling
from automl.metrics import Metric
from automl.task import Task
from automl.training.recipe import Recipe

Loss = Callable[[Tensor, Tensor], Tensor]
OutputGradient = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def make_loss(
    task: Task,
    label_smoothing: float = 0.0,
    *,
    class_weights: Tensor | None = None,
    huber_delta: float | None = None,
) -> Loss:
    """Make the mean loss over a batch, as ``loss(outputs, targets)``.

    Cross-entropy for classes (one logit when there are two), squared error for regression on the
    scaled target.

    Parameters
    ----------
    task : Task
    label_smoothing : float
    class_weights : Tensor of shape (classes,), optional
        What the loss of a row of each class counts. The mean is over the rows and not over their
        weights, as torch has it: a batch without rare classes would otherwise weigh more.
    huber_delta : float, optional
        Huber's loss in place of the squared error: ``e**2 / 2`` up to this error, and
        ``delta * (|e| - delta / 2)`` beyond.
    """
    if not task.is_classification:
        if huber_delta is None:
            return lambda out, y: functional.mse_loss(out, y)
        return lambda out, y: functional.huber_loss(out, y, delta=huber_delta)
    plain = _cross_entropy(task, label_smoothing, "mean" if class_weights is None else "none")
    if class_weights is None:
        return plain
    weights = class_weights
    return lambda out, y: (plain(out, y) * weights[y.long()]).mean()


def _cross_entropy(task: Task, label_smoothing: float, reduction: str) -> Loss:
    if task.kind == "multiclass":
        return lambda out, y: functional.cross_entropy(
            out, y, label_smoothing=label_smoothing, reduction=reduction
        )
    low, span = label_smoothing / 2, 1.0 - label_smoothing
    return lambda out, y: functional.binary_cross_entropy_with_logits(
        out[:, 0], y * span + low, reduction=reduction
    )


class LossOptions(TypedDict):
    """What `make_loss` and `output_gradient` take beside the task and the smoothing."""

    class_weights: Tensor | None
    huber_delta: float | None


PLAIN: LossOptions = {"class_weights": None, "huber_delta": None}


def loss_options(task: Task, recipe: Recipe, y: Array, device: torch.device) -> LossOptions:
    """Return the options of the training loss; validation takes the plain loss for all trials.

    Parameters
    ----------
    task : Task
    recipe : Recipe
    y : array of shape (rows,)
        Training targets as the data has them: they decide the class weights.
    device : torch.device
    """
    training, weights = recipe.training, None
    if task.is_classification and training.class_weights == "balanced":
        weights = torch.as_tensor(balanced_weights(y, len(task.classes))).to(device)
    delta = training.huber_delta if training.loss == "huber" else None
    return {"class_weights": weights, "huber_delta": delta}


def balanced_weights(y: Array, n_classes: int) -> NDArray[np.float32]:
    """Weight of each class: ``rows / (classes that have rows * rows of the class)``.

    A class without rows has weight 0, which nothing is multiplied with.
    """
    counts = np.bincount(y, minlength=n_classes)
    present = counts > 0
    weights = len(y) / (present.sum() * np.maximum(counts, 1))
    return np.where(present, weights, 0.0).astype(np.float32)


def output_gradient(
    task: Task,
    label_smoothing: float,
    *,
    class_weights: Tensor | None = None,
    huber_delta: float | None = None,
) -> OutputGradient:
    """Make the losses of `make_loss` with their gradients written out.

    Parameters
    ----------
    task, label_smoothing, class_weights, huber_delta
        As of `make_loss`.

    Returns
    -------
    callable
        Function from outputs and targets to the mean loss and its gradient with respect to the
        outputs. Both may have a dimension of members before that of the rows, and so may the class
        weights; there is a loss a member then. The gradient of cross-entropy is probabilities
        minus targets, divided by the rows (Bishop 2006, equations 4.91 and 4.109).
    """
    if task.kind == "multiclass":
        return _softmax_gradient(len(task.classes), label_smoothing, class_weights)
    if task.kind == "binary":
        low, span = label_smoothing / 2, 1.0 - label_smoothing

        def sigmoid(out: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
            target = (y * span + low).unsqueeze(-1)
            weights = None if class_weights is None else _of_rows(class_weights, y).unsqueeze(-1)
            loss = functional.binary_cross_entropy_with_logits(
                out, target, weights, reduction="none"
            )
            gradient = torch.sigmoid(out).sub_(target).div_(y.shape[-1])
            return loss.mean(_ROWS), gradient if weights is None else gradient.mul_(weights)

        return sigmoid

    def squared(out: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        error = out - y
        return error.square().mean(_ROWS), error.mul_(2.0 / (y.shape[-2] * y.shape[-1]))

    if huber_delta is None:
        return squared
    delta = huber_delta

    def huber(out: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        error = out - y
        loss = functional.huber_loss(out, y, reduction="none", delta=delta).mean(_ROWS)
        return loss, error.clamp_(-delta, delta).div_(y.shape[-2] * y.shape[-1])

    return huber


_ROWS = (-2, -1)
"""Dimensions of the rows and of what a network gives for each; members come before."""


def _softmax_gradient(
    classes: int, label_smoothing: float, class_weights: Tensor | None
) -> OutputGradient:
    low = label_smoothing / classes
    smoothed = torch.full((classes, classes), low).fill_diagonal_(1.0 - label_smoothing + low)

    def softmax(out: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        # A class a row: along the last dimension torch takes twelve times as long over
        # ten classes (256 rows: 34 against 2 microseconds).
        first, last = ((1, 0), (1, 0)) if out.ndim == 2 else ((2, 0, 1), (1, 2, 0))
        logs = torch.log_softmax(out.permute(first).contiguous(), 0)
        target = smoothed.to(out.device).index_select(1, y.flatten()).view_as(logs)
        rows = y.shape[-1]
        if class_weights is None:
            loss = (logs * target).sum((0, -1)) / -rows
            return loss, logs.exp_().sub_(target).div_(rows).permute(last)
        weights = _of_rows(class_weights, y) / rows
        loss = -(logs * target * weights).sum((0, -1))
        return loss, logs.exp_().sub_(target).mul_(weights).permute(last)

    return softmax


def _of_rows(class_weights: Tensor, y: Tensor) -> Tensor:
    """Return the weight of every row: of its class, and of its member's weights."""
    if class_weights.ndim == 1:
        return class_weights[y.long()]
    return class_weights.gather(1, y.long())


def chance_loss(task: Task) -> float:
    """Loss of a model that knows nothing: equal probabilities, or the mean of a scaled target."""
    if not task.is_classification:
        return 1.0
    return float(torch.log(torch.tensor(float(len(task.classes)))))


def target_tensor(task: Task, target: TargetScaling, y: Array) -> Tensor:
    """Targets as the loss wants them: codes, 0.0/1.0, or a scaled column."""
    if task.kind == "multiclass":
        return torch.as_tensor(y).long()
    if task.kind == "binary":
        return torch.as_tensor(y).float()
    return torch.as_tensor(target.transform(y)).reshape(len(y), -1)


def probabilities(task: Task, outputs: Tensor) -> Tensor:
    """Network outputs ``(rows, n_outputs)`` to class probabilities ``(rows, classes)``."""
    if task.kind == "binary":
        positive = torch.sigmoid(outputs[:, :1])
        return torch.cat([1.0 - positive, positive], dim=1)
    return torch.softmax(outputs, dim=1)


def predictions(task: Task, target: TargetScaling, outputs: Tensor) -> Tensor:
    """Network outputs to class codes ``(rows,)``, or to numbers in the target's own units.

    The numbers are float64 where float32 cannot tell them apart, as 1.7e9 +- 10, a time in
    seconds.
    """
    if task.kind == "multiclass":
        return outputs.argmax(dim=1)
    if task.kind == "binary":
        return (outputs[:, 0] > 0).long()
    dtype = torch.float32 if target.fits_float32 else torch.float64
    if dtype == torch.float64 and outputs.device.type == "mps":  # which has none
        outputs = outputs.cpu()
    mean, scale = (
        torch.tensor(value, dtype=dtype, device=outputs.device)
        for value in (target.mean, target.scale)
    )
    values = outputs.to(dtype) * scale + mean
    return values[:, 0] if task.n_targets == 1 else values


def metric_output(metric: Metric, task: Task, target: TargetScaling, outputs: Tensor) -> Tensor:
    """Network outputs to what the metric takes; see `Metric.score`."""
    if metric.uses in ("scores", "probabilities"):
        return probabilities(task, outputs)
    return predictions(task, target, outputs)
