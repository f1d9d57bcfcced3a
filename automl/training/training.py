"""`Training`: the state of one candidate's training, and what an epoch makes of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from automl.arrays import Array
from automl.data.preprocess.prepared import PreparedData
from automl.files import replace_file
from automl.job import ShouldStop
from automl.metrics import Metric, get_metric
from automl.training.augmentation import make_augmentation
from automl.training.averaging import WeightAverage
from automl.training.frozen import fit_frozen
from automl.training.gradients import make_gradients
from automl.training.hardware import limit_memory, pick_device, use_bfloat16
from automl.training.jobs import TrainJob
from automl.training.loop import Diverged, Loop, outputs
from automl.training.losses import (
    chance_loss,
    loss_options,
    make_loss,
    metric_output,
    target_tensor,
)
from automl.training.network import build_network
from automl.training.picture_batches import PictureBatches, network_rows
from automl.training.recipe import Recipe, family_of
from automl.training.stepping import FusedStepper, LbfgsStepper, make_stepper
from automl.training.stopping import EarlyStopping, LastEpoch, Stopping
from automl.trial import EpochResult, Glimpse, Stop, TrialResult, TrialStatus

GLIMPSE_AFTER = 4
"""A glimpse comes after the 4th part of the first epoch's steps."""

GLIMPSE_STEPS = 8
"""Steps before a glimpse; a candidate of larger batches goes without. Fewer tell nothing."""

GLIMPSE_ROWS = 2_000
"""Validation rows of a glimpse: at an accuracy of 95 % its standard error is 0.5 points, far less
than candidates differ by then."""


@dataclass(slots=True)
class Training:
    """The state of one training.

    Attributes
    ----------
    job : TrainJob
    data : PreparedData
    loop : Loop
    whole : torch.nn.Module
        The network, of which `loop` may train a part.
    metric : Metric
    stopping : Stopping
    valid_X : Tensor or PictureBatches
    valid_y : Tensor
    history : list of EpochResult
    best : dict of str to Tensor
        The weights that are kept.
    glimpse : float or None
    """

    job: TrainJob
    data: PreparedData
    loop: Loop
    whole: nn.Module
    metric: Metric
    stopping: Stopping
    valid_X: Tensor | PictureBatches
    valid_y: Tensor
    history: list[EpochResult] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    glimpse: float | None = None

    @classmethod
    def start(cls, job: TrainJob, data: PreparedData) -> Training:
        """Build a network, with freshly drawn weights, and all that trains it."""
        device = pick_device(job.device)
        limit_memory(device, job.memory)
        recipe = Recipe.parse(job.candidate.params)
        torch.manual_seed(job.candidate.seed)
        inputs, n_outputs = data.preprocessing.inputs, data.task.n_outputs
        network = build_network(recipe, inputs, n_outputs).to(device)
        # With the channels of a pixel side by side, a step of convolutions takes 0.6 to 0.9 times
        # as long. Other weights stay as they are.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

        def targets(y: Array) -> Tensor:
            return target_tensor(data.task, data.target, y).to(device)

        X = network_rows(data.train_X, data.preprocessing, device)
        y = targets(data.train_y)
        generator = torch.Generator().manual_seed(job.candidate.seed)
        if job.rows is not None:
            part = torch.randperm(len(X), generator=generator)[: job.rows].to(device)
            X, y = X[part], y[part]
        valid_X = network_rows(data.valid_X, data.preprocessing, device)
        valid_y = targets(data.valid_y)
        augment = make_augmentation(recipe.augmentation, inputs, X, job.candidate.seed)
        whole = network
        network, X, valid_X = fit_frozen(network, X, valid_X, changing=augment is not None)
        stepper = make_stepper(network, recipe.optimizer, recipe.regularisation.weight_decay)
        operations = family_of(recipe).cost(recipe.model, inputs, n_outputs).operations
        gradients = make_gradients(
            network,
            data.task,
            recipe.regularisation.label_smoothing,
            bfloat16=use_bfloat16(job.precision, recipe, operations, device, len(X)),
            options=loss_options(data.task, recipe, data.train_y, device),
        )
        loop = Loop(
            network=network,
            stepper=stepper,
            recipe=recipe,
            gradients=gradients,
            X=X,
            y=y,
            max_epochs=job.candidate.max_epochs,
            chance=chance_loss(data.task),
            generator=generator,
            augment=augment,
            average=_average(network, stepper, recipe.training.averaging),
        )
        metric = get_metric(job.metric, data.task)
        return cls(
            job,
            data,
            loop,
            whole,
            metric,
            EarlyStopping(metric, job.patience, job.min_delta)
            if job.epochs is None
            else LastEpoch(job.epochs),
            valid_X,
            valid_y,
        )

    @property
    def is_over(self) -> bool:
        """Whether there are no more epochs, or no hope of progress."""
        epoch = len(self.history)
        if epoch == 0:
            return False
        return self.stopping.should_stop(epoch) or epoch >= self.job.candidate.max_epochs

    def epoch(self, should_stop: ShouldStop) -> Generator[Glimpse, None, EpochResult | None]:
        """Train and judge an epoch; None when told to stop on the way.

        Raises
        ------
        Diverged
        """
        started = time.perf_counter()
        looks: dict[int, Callable[[], Glimpse]] = {}
        if not self.history and self.job.glimpse:
            steps = self.loop.steps_per_epoch // GLIMPSE_AFTER
            looks = {steps: self._glimpse} if steps >= GLIMPSE_STEPS else {}
        train_loss = yield from self.loop.run_epoch(lambda: should_stop() is not None, looks)
        if train_loss is None:
            return None
        trained = time.perf_counter()
        with self.loop.judged():
            judged = self.judge(outputs(self.loop.network, self.valid_X))
        return self.add_epoch(train_loss, judged, time.perf_counter() - started, trained - started)

    def judge(self, out: Tensor) -> tuple[float, float]:
        """Take in the outputs on validation rows after an epoch, and return loss and score.

        Raises
        ------
        Diverged
            When the loss is NaN or infinite.
        """
        epoch = len(self.history) + 1
        loss, score = self._loss_and_score(out)
        if not math.isfinite(loss):
            raise Diverged(f"diverged: validation loss is {loss} after epoch {epoch}")
        if self.stopping.update(epoch, score, loss):
            self._keep()
        return loss, score

    def add_epoch(
        self, train_loss: float, judged: tuple[float, float], seconds: float, in_training: float
    ) -> EpochResult:
        """Write down an epoch, and what it took with and without validation."""
        result = EpochResult(
            number=self.job.candidate.number,
            epoch=len(self.history) + 1,
            train_loss=train_loss,
            valid_loss=judged[0],
            valid_score=judged[1],
            seconds=seconds,
            samples_per_second=len(self.loop.X) / in_training,
        )
        self.history.append(result)
        return result

    def result(
        self, seconds: float, stopped: Stop | None, diverged: Diverged | None, *, cut: bool
    ) -> TrialResult:
        """Return what became of the candidate, and save the weights of one that is complete.

        Parameters
        ----------
        seconds : float
            What its training took.
        stopped : Stop or None
            What it was told.
        diverged : Diverged or None
        cut : bool
            Whether it was told so in the middle of an epoch.
        """
        status, error = TrialStatus.COMPLETE, None
        if diverged is not None:
            status, error = TrialStatus.FAILED, str(diverged)
        elif stopped is Stop.PRUNE:
            status = TrialStatus.PRUNED
        elif self.stopping.best_epoch is None:
            status, error = TrialStatus.FAILED, "stopped before its first epoch ended"
        return TrialResult(
            number=self.job.candidate.number,
            status=status,
            history=tuple(self.history),
            seconds=seconds,
            best_epoch=self.stopping.best_epoch,
            weights=self._save_weights() if status is TrialStatus.COMPLETE else None,
            n_weights=sum(p.numel() for p in self.loop.network.parameters()),
            error=error,
            glimpse=self.glimpse,
            cut=cut,
            device=str(self.loop.X.device),
        )

    def _keep(self) -> None:
        self.best = {
            name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, value in self.whole.state_dict().items()
        }

    def _glimpse(self) -> Glimpse:
        every, y = math.ceil(len(self.valid_X) / GLIMPSE_ROWS), self.data.valid_y
        if self.data.task.is_classification and set(y[::every]) != set(y):
            every = 1  # a metric may need rows of every class
        with self.loop.judged():
            out = outputs(self.loop.network, self.valid_X[::every])
            loss, score = self._loss_and_score(out, every)
        if not math.isfinite(loss):
            raise Diverged(f"diverged: validation loss is {loss} in epoch 1")
        self.glimpse = score
        return Glimpse(self.job.candidate.number, self.glimpse)

    def _loss_and_score(self, out: Tensor, every: int = 1) -> tuple[float, float]:
        """Loss and score of outputs on the validation rows, or on one of so many."""
        plain_loss = make_loss(self.data.task)
        read = metric_output(self.metric, self.data.task, self.data.target, out).cpu().numpy()
        loss = plain_loss(out, self.valid_y[::every]).item()
        return loss, self.metric.score(self.data.valid_y[::every], read)

    def _save_weights(self) -> str | None:
        if self.job.weights is None:
            return None
        path = Path(self.job.weights)
        path.parent.mkdir(exist_ok=True)  # not its parents: the study may have been deleted
        with replace_file(path) as partial:
            save_file(self.best, partial)
        return str(path)


def _average(
    network: nn.Module, stepper: FusedStepper | LbfgsStepper, span: float
) -> WeightAverage | None:
    if span == 0.0 or isinstance(stepper, LbfgsStepper):
        return None
    return WeightAverage(network, stepper.weights, span)
