"""The worker's work: train one candidate, epoch by epoch, and keep the best epoch's weights."""

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
from automl.training.hardware import pick_device, use_bfloat16
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


def train(
    job: TrainJob, data: PreparedData, should_stop: ShouldStop
) -> Generator[EpochResult | Glimpse, None, TrialResult]:
    """Train a candidate.

    Parameters
    ----------
    job : TrainJob
    data : PreparedData
    should_stop : callable
        Asked before every step; see `Stop`.

    Yields
    ------
    EpochResult or Glimpse
        After every epoch; the glimpse, if the job asks for one, in the middle of the first.

    Returns
    -------
    TrialResult
    """
    started = time.perf_counter()
    run = _Run.start(job, data)
    status, error, cut = TrialStatus.COMPLETE, None, False
    try:
        for epoch in range(1, job.candidate.max_epochs + 1):
            result = yield from run.epoch(epoch, should_stop)
            if result is None:
                cut = True
                break
            yield result
            if run.stopping.should_stop(epoch):
                break
        if should_stop() is Stop.PRUNE:
            status = TrialStatus.PRUNED
        elif run.stopping.best_epoch is None:
            status, error = TrialStatus.FAILED, "stopped before its first epoch ended"
    except Diverged as diverged:
        status, error = TrialStatus.FAILED, str(diverged)
    weights = run.save_weights() if status is TrialStatus.COMPLETE else None
    return TrialResult(
        number=job.candidate.number,
        status=status,
        history=tuple(run.history),
        seconds=time.perf_counter() - started,
        best_epoch=run.stopping.best_epoch,
        weights=weights,
        n_weights=sum(p.numel() for p in run.loop.network.parameters()),
        error=error,
        glimpse=run.glimpse,
        cut=cut,
        device=str(run.loop.X.device),
    )


@dataclass(slots=True)
class _Run:
    """The state of one training."""

    job: TrainJob
    data: PreparedData
    loop: Loop
    whole: nn.Module
    metric: Metric
    stopping: Stopping
    valid_X: Tensor
    valid_y: Tensor
    history: list[EpochResult] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    glimpse: float | None = None

    @classmethod
    def start(cls, job: TrainJob, data: PreparedData) -> _Run:
        device = pick_device(job.device)
        recipe = Recipe.parse(job.candidate.params)
        torch.manual_seed(job.candidate.seed)
        inputs, n_outputs = data.preprocessing.inputs, data.task.n_outputs
        network = build_network(recipe, inputs, n_outputs).to(device)
        # With the channels of a pixel side by side, a step of convolutions takes 0.6 to 0.9 times
        # as long. Other weights stay as they are.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

        def targets(y: Array) -> Tensor:
            return target_tensor(data.task, data.target, y).to(device)

        X, y = torch.as_tensor(data.train_X).to(device), targets(data.train_y)
        generator = torch.Generator().manual_seed(job.candidate.seed)
        if job.rows is not None:
            part = torch.randperm(len(X), generator=generator)[: job.rows].to(device)
            X, y = X[part], y[part]
        valid_X, valid_y = torch.as_tensor(data.valid_X).to(device), targets(data.valid_y)
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

    def epoch(
        self, epoch: int, should_stop: ShouldStop
    ) -> Generator[Glimpse, None, EpochResult | None]:
        started = time.perf_counter()
        looks: dict[int, Callable[[], Glimpse]] = {}
        if epoch == 1 and self.job.glimpse:
            steps = self.loop.steps_per_epoch // GLIMPSE_AFTER
            looks = {steps: self._glimpse} if steps >= GLIMPSE_STEPS else {}
        train_loss = yield from self.loop.run_epoch(lambda: should_stop() is not None, looks)
        if train_loss is None:
            return None
        trained = time.perf_counter()
        with self.loop.judged():
            valid_loss, score = self._validate()
            if not math.isfinite(valid_loss):
                raise Diverged(f"diverged: validation loss is {valid_loss} after epoch {epoch}")
            if self.stopping.update(epoch, score, valid_loss):
                self._keep()
        now = time.perf_counter()
        result = EpochResult(
            number=self.job.candidate.number,
            epoch=epoch,
            train_loss=train_loss,
            valid_loss=valid_loss,
            valid_score=score,
            seconds=now - started,
            samples_per_second=len(self.loop.X) / (trained - started),
        )
        self.history.append(result)
        return result

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
            loss, score = self._validate(every)
        if not math.isfinite(loss):
            raise Diverged(f"diverged: validation loss is {loss} in epoch 1")
        self.glimpse = score
        return Glimpse(self.job.candidate.number, self.glimpse)

    def _validate(self, every: int = 1) -> tuple[float, float]:
        """Loss and score on the validation rows, or on one of so many."""
        out = outputs(self.loop.network, self.valid_X[::every])
        plain_loss = make_loss(self.data.task)
        read = metric_output(self.metric, self.data.task, self.data.target, out).cpu().numpy()
        loss = plain_loss(out, self.valid_y[::every]).item()
        return loss, self.metric.score(self.data.valid_y[::every], read)

    def save_weights(self) -> str | None:
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
