"""The training loop: tensors indexed by a permutation, and nothing else inside an epoch.

One `index_select` makes a batch, the loss is added up as a tensor, and the optimizer's step is
fused where torch has such a kernel. There is no DataLoader: on small batches it costs as much as
the arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from automl.training.averaging import WeightAverage
from automl.training.gradients import Gradients
from automl.training.picture_batches import PictureBatches
from automl.training.recipe import Recipe
from automl.training.schedules import SCHEDULES
from automl.training.stepping import FusedStepper, LbfgsStepper

LBFGS_ROWS = 10_000
"""L-BFGS takes all rows at once up to here, and parts of this size above: its curvature pairs are
gradient differences, which the noise of small batches drowns (Bollapragada et al. 2018)."""

CHECK_STEPS = 32
"""Steps between two looks at the loss for divergence: on a GPU each look waits for the device."""

EXPLODED = 1e4
"""A loss this many times that of a model that knows nothing does not come back."""

EVAL_ROWS = 512
"""Rows at a time outside training. Of 64 to 4,096, 512 was quickest or close to it on a CPU: with
4,096 the maps of a convolution leave the cache, and MNIST took twice as long."""


EVAL_NUMBERS = 2**22
"""Numbers of rows at a time outside training: 17 MB, and tens of times as much in a convolution's
maps."""

T = TypeVar("T")

NO_LOOKS: Mapping[int, Callable[[], Any]] = MappingProxyType({})


class Diverged(ArithmeticError):
    """The loss is NaN, infinite, or has exploded."""


@dataclass(slots=True)
class Loop:
    """One network on its way through the epochs.

    Attributes
    ----------
    network : torch.nn.Module
    stepper : FusedStepper or LbfgsStepper
    recipe : Recipe
    gradients : Gradients
    X : Tensor or PictureBatches
        All training rows, on the network's device or to be read from a file.
    y : Tensor
        Their targets.
    max_epochs : int
        What the schedule is planned for.
    chance : float
        Loss of a model that knows nothing.
    generator : torch.Generator
        Draws the permutations.
    augment : callable or None
        Changes a batch of rows, in training alone.
    average : WeightAverage or None
        What is judged and kept in place of the weights as they are.
    """

    network: nn.Module
    stepper: FusedStepper | LbfgsStepper
    recipe: Recipe
    gradients: Gradients
    X: Tensor | PictureBatches
    y: Tensor
    max_epochs: int
    chance: float
    generator: torch.Generator
    augment: Callable[[Tensor], Tensor] | None = None
    average: WeightAverage | None = None
    step: int = 0
    _weights: list[Tensor] = field(init=False)
    _matrices: list[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        self._weights = list(self.network.parameters())
        self._matrices = [p for p in self._weights if p.ndim > 1]

    @property
    def batch_size(self) -> int:
        """Rows a step."""
        if isinstance(self.stepper, LbfgsStepper):
            most = LBFGS_ROWS if isinstance(self.X, Tensor) else rows_at_once(self.X)
            return min(len(self.X), most)
        return min(self.recipe.training.batch_size, len(self.X))

    @property
    def steps_per_epoch(self) -> int:
        """Steps that one pass over the rows takes."""
        repeats = self.recipe.training.steps_per_batch
        return math.ceil(len(self.X) / self.batch_size) * repeats

    def _batches(self, order: Tensor) -> Iterator[Tensor]:
        """Row numbers of each step."""
        repeats = self.recipe.training.steps_per_batch
        for batch in torch.split(order, self.batch_size):
            yield from [batch] * repeats

    def run_epoch(
        self, should_stop: Callable[[], bool], looks: Mapping[int, Callable[[], T]] = NO_LOOKS
    ) -> Generator[T, None, float | None]:
        """Train one epoch.

        Parameters
        ----------
        should_stop : callable
            Asked before every step.
        looks : mapping of int to callable
            Called after so many steps.

        Yields
        ------
        object
            What a look gives.

        Returns
        -------
        float or None
            Mean loss over the rows, or None when told to stop on the way.

        Raises
        ------
        Diverged
            As soon as the loss is seen to be NaN, infinite, or exploded.
        """
        self.network.train()
        order = self._shuffled().to(self.X.device)
        total = torch.zeros((), device=self.X.device)
        rows = 0
        for i, batch in enumerate(self._batches(order)):
            if i in looks:
                yield looks[i]()
                self.network.train()
            if should_stop():
                return None
            if len(batch) == 1 < self.batch_size:
                continue  # a last row alone: batch normalisation has no variance of it
            X, y = self.X.index_select(0, batch), self.y.index_select(0, batch)
            if self.augment is not None:
                X = self.augment(X)
            if X.ndim == 4 and X.shape[1] == 1:
                X = _channel_inside(X)
            total += self._train_step(X, y) * len(batch)
            rows += len(batch)
            self.step += 1
            if self.step % CHECK_STEPS == 0:
                self.check(total.item() / rows)
        mean = total.item() / max(rows, 1)
        self.check(mean)
        return mean

    def _shuffled(self) -> Tensor:
        if isinstance(self.X, PictureBatches):
            return self.X.shuffled(self.generator)
        return torch.randperm(len(self.X), generator=self.generator)

    def judged(self) -> AbstractContextManager[None]:
        """Put the weights that are judged and kept into the network, for a while."""
        return nullcontext() if self.average is None else self.average.lent()

    def _train_step(self, X: Tensor, y: Tensor) -> Tensor:
        if isinstance(self.stepper, LbfgsStepper):
            return self._lbfgs_step(X, y, self.stepper.optimizer)
        loss = self.gradients(X, y)
        if self.recipe.training.clip_norm > 0:
            clip(self._weights, self.recipe.training.clip_norm)
        self._penalise(0.0)
        self.stepper.step(self.learning_rate())
        if self.average is not None:
            self.average.update()
        return loss

    def _lbfgs_step(self, X: Tensor, y: Tensor, optimizer: torch.optim.LBFGS) -> Tensor:
        first: list[Tensor] = []
        r = self.recipe.regularisation
        # A line search needs one function: every evaluation of a step draws the same dropout.
        seed = int(torch.randint(2**31, (), generator=self.generator))

        @torch.no_grad()
        def closure() -> Tensor:
            if X.device.type == "cpu":
                # `torch.manual_seed` notes the call for devices that are not in use: 65 µs or more.
                torch.default_generator.manual_seed(seed)
            else:
                torch.manual_seed(seed)
            loss = self.gradients(X, y)
            first.append(loss.clone())
            for p in self._matrices:
                loss += r.l1 * p.abs().sum() + 0.5 * r.weight_decay * p.square().sum()
            self._penalise(r.weight_decay)
            return loss

        optimizer.step(closure)  # type: ignore[no-untyped-call]
        return first[0]

    def _penalise(self, weight_decay: float) -> None:
        """Add the penalties' gradients to those of the matrices, without a graph for them."""
        l1 = self.recipe.regularisation.l1
        for p in self._matrices if l1 > 0 or weight_decay > 0 else []:
            assert p.grad is not None
            p.grad.add_(p.detach().sign(), alpha=l1)
            p.grad.add_(p.detach(), alpha=weight_decay)

    def learning_rate(self) -> float:
        """Return that of the next step."""
        o = self.recipe.optimizer
        progress = self.step / (self.max_epochs * self.steps_per_epoch)
        return o.learning_rate * SCHEDULES[o.schedule](min(progress, 1.0))

    def check(self, mean_loss: float) -> None:
        """Raise Diverged when the mean loss so far is NaN, infinite, or has exploded."""
        if not math.isfinite(mean_loss):
            raise Diverged(f"diverged: training loss is {mean_loss} after {self.step} steps")
        if mean_loss > EXPLODED * self.chance:
            raise Diverged(
                f"diverged: training loss exploded to {mean_loss:.3g} after {self.step} steps"
            )


def _channel_inside(X: Tensor) -> Tensor:
    """Images ``(rows, 1, height, width)`` with the strides of channels that lie together.

    Nothing moves. But by its strides torch tells how a map is laid out, and a shortcut of 1 x 1
    then had another layout than the branch beside it: a step of a residual network took 1.35 times
    as long.
    """
    return X.contiguous().view(len(X), *X.shape[2:], 1).permute(0, 3, 1, 2)


def clip(weights: list[Tensor], most: float) -> None:
    """Shorten the gradient of all weights together to a norm of `most`; see `clip_norm`."""
    grads = [p.grad for p in weights if p.grad is not None]
    with torch.no_grad():
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
        torch._foreach_mul_(grads, (most / (norm + 1e-12)).clamp(max=1.0))


def outputs(network: nn.Module, X: Tensor | PictureBatches, rows: int = EVAL_ROWS) -> Tensor:
    """Network outputs ``(rows, n_outputs)`` in evaluation mode, a part at a time."""
    network.eval()
    with torch.inference_mode():
        size = min(rows, rows_at_once(X))
        parts = torch.split(X, size) if isinstance(X, Tensor) else X.split(size)
        return torch.cat([network(part) for part in parts])


def rows_at_once(X: Tensor | PictureBatches) -> int:
    """Return how many rows may be looked at together, for they may be large pictures."""
    return max(1, EVAL_NUMBERS // max(1, math.prod(X.shape[1:])))
