"""A group: several trainings of one architecture, which make their steps together.

Each has its own rows, seed, batch order, dropout and end, as it has alone. Who is done leaves the
group, and the others go on in less space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from automl.data.preprocess.prepared import PreparedData
from automl.job import ShouldStop
from automl.task import Inputs
from automl.training.gradients import Direct
from automl.training.group_chain import GroupChain
from automl.training.group_weights import GroupWeights
from automl.training.jobs import TrainJob
from automl.training.loop import CHECK_STEPS, Diverged
from automl.training.losses import OutputGradient, loss_options, output_gradient
from automl.training.picture_batches import PictureBatches, in_memory
from automl.training.recipe import family_of
from automl.training.stepping import FusedStepper
from automl.training.training import Training

MOST_OPERATIONS = 4e6
"""Operations of a batch forward up to which networks train as a group. Five networks of one to
three layers took 2.0 to 2.8 times as long one after the other at 1e6 or less, 1.5 to 1.7 at 2.5e6,
1.3 at 9e6 and as long at 3.5e7; see ``benchmarks/README.md``."""


def can_join(training: Training) -> bool:
    """Return whether a training may be a member of a group.

    It must have its derivative written out, and nothing that looks at all its weights at once. And
    a group must be quicker: in a large network the products take all the time.
    """
    loop, data = training.loop, training.data
    if not isinstance(loop.stepper, FusedStepper) or not isinstance(loop.gradients, Direct):
        return False
    if isinstance(loop.X, PictureBatches) or loop.gradients.convolves:
        return False
    if loop.gradients.bfloat16 or loop.augment is not None or loop.average is not None:
        return False
    if loop.recipe.training.clip_norm > 0:
        return False
    cost = family_of(loop.recipe).cost(
        loop.recipe.model, data.preprocessing.inputs, data.task.n_outputs
    )
    return cost.operations * loop.batch_size <= MOST_OPERATIONS


@dataclass(slots=True)
class Member:
    """A training in a group.

    Attributes
    ----------
    index : int
        Place among all that began together.
    training : Training
    first : int
        Place of its first row among those of all.
    dropout : torch.Generator
        Random numbers of the masks, which go on where those of the weights ended.
    seconds : float
        Share of what the group took.
    """

    index: int
    training: Training
    first: int
    dropout: torch.Generator
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        return len(self.training.loop.X)

    @property
    def inputs(self) -> Inputs:
        return self.training.data.preprocessing.inputs

    def batch(self, place: int) -> int:
        """Return the rows of the batch that begins at a place; 0 where there is no step."""
        size = self.training.loop.batch_size
        rows = max(0, min(size, self.rows - place))
        return 0 if rows == 1 < size else rows

    @property
    def skips_last(self) -> bool:
        """Whether its last batch is a single row, which is left out."""
        return self.rows % self.training.loop.batch_size == 1


class Group:
    """Trainings that make their steps together.

    Parameters
    ----------
    members : list of Member
        `can_join` holds for each, and all have the same recipe.
    """

    def __init__(self, members: list[Member]) -> None:
        self.members = members
        loops = [m.training.loop for m in members]
        self._recipe = loops[0].recipe
        self._X = torch.cat([in_memory(loop.X).flatten(1) for loop in loops])
        self._y = torch.cat([loop.y for loop in loops])
        self._weights = GroupWeights(
            [m.training.whole for m in members],
            self._recipe.optimizer,
            self._recipe.regularisation.weight_decay,
        )
        self._arrange()

    @classmethod
    def begin(cls, jobs: Sequence[TrainJob], data: Sequence[PreparedData]) -> Group | None:
        """Begin trainings of one recipe on the data of each; None when they cannot join."""
        members: list[Member] = []
        first = 0
        for job, part in zip(jobs, data, strict=True):
            training = Training.start(job, part)
            if not can_join(training):
                return None
            # A category that only one row has is in the training rows of all folds but one.
            if members and training.data.preprocessing.inputs != members[0].inputs:
                return None
            dropout = torch.Generator()
            dropout.set_state(torch.get_rng_state())  # as it goes on in a training alone
            members.append(Member(len(members), training, first, dropout))
            first += members[-1].rows
        return cls(members)

    def keep(self, members: list[Member]) -> None:
        """Go on with these alone."""
        if len(members) == len(self.members):
            return
        kept = [self.members.index(m) for m in members]
        self.members = members
        if members:
            self._weights.keep(kept)
            self._arrange()

    def _arrange(self) -> None:
        trainings = [m.training for m in self.members]
        self._chain = GroupChain(
            [cast(nn.Sequential, t.whole) for t in trainings],
            self._weights,
            [m.dropout for m in self.members],
        )
        self._valid_X = pad_sequence(
            [in_memory(t.valid_X).flatten(1) for t in trainings], batch_first=True
        )
        self._parts = self._plan()
        paces = {(m.training.loop.steps_per_epoch, m.skips_last) for m in self.members}
        self._in_step = len(paces) == 1
        self._gradients: dict[tuple[int, int], OutputGradient] = {}

    def _plan(self) -> list[tuple[int, list[tuple[slice, int]]]]:
        """Return where each batch of an epoch begins, and who has how many rows of it."""
        size = max(m.training.loop.batch_size for m in self.members)
        plan = []
        for place in range(0, max(m.rows for m in self.members), size):
            counts = [m.batch(place) for m in self.members]
            parts = [(part, counts[part.start]) for part in _runs(counts) if counts[part.start]]
            plan += [(place, parts)] * self._recipe.training.steps_per_batch
        return plan

    @torch.no_grad()
    def train_epoch(self, should_stop: ShouldStop) -> list[float | Diverged] | None:
        """Train one epoch, and return the mean loss of each member, or how it diverged.

        None when told to stop on the way.
        """
        loops = [m.training.loop for m in self.members]
        orders = pad_sequence(
            [
                torch.randperm(m.rows, generator=m.training.loop.generator) + m.first
                for m in self.members
            ],
            batch_first=True,
        )
        totals = torch.zeros(len(loops))
        seen = [0] * len(loops)
        diverged: dict[int, Diverged] = {}
        for place, parts in self._parts:
            if should_stop() is not None:
                return None
            for part, rows in parts:
                totals[part] += self._step(orders[part, place : place + rows], part) * rows
                for i in range(part.start, part.stop):
                    loops[i].step += 1
                    seen[i] += rows
                if loops[part.start].step % CHECK_STEPS == 0:
                    _check(self.members, part, totals, seen, diverged)
        _check(self.members, slice(0, len(loops)), totals, seen, diverged)
        means = (total / max(rows, 1) for total, rows in zip(totals.tolist(), seen, strict=True))
        return [diverged.get(i, mean) for i, mean in enumerate(means)]

    def _step(self, batches: Tensor, part: slice) -> Tensor:
        """Make a step of some members on their rows ``(members, rows)``; returns their losses."""
        index = batches.reshape(-1)
        X = self._X.index_select(0, index).view(*batches.shape, -1)
        y = self._y.index_select(0, index).view(*batches.shape, *self._y.shape[1:])
        loss, gradient = self._gradient(part)(self._chain.forward(X, part), y)
        self._chain.backward(gradient, part)
        l1 = self._recipe.regularisation.l1
        if l1 > 0:
            self._weights.penalise(part, l1)
        for run in [part] if self._in_step else self._of_one_pace(part):
            loop = self.members[run.start].training.loop
            self._weights.step(run, loop.learning_rate(), loop.step)
        return loss

    def _of_one_pace(self, part: slice) -> list[slice]:
        rows = [m.rows for m in self.members[part]]
        return [slice(part.start + r.start, part.start + r.stop) for r in _runs(rows)]

    def _gradient(self, part: slice) -> OutputGradient:
        key = (part.start, part.stop)
        if key not in self._gradients:
            trainings = [m.training for m in self.members[part]]
            task, device = trainings[0].data.task, self._X.device
            each = [loss_options(task, self._recipe, t.data.train_y, device) for t in trainings]
            options, class_weights = each[0], [o["class_weights"] for o in each]
            if class_weights[0] is not None:
                options["class_weights"] = torch.stack([w for w in class_weights if w is not None])
            smoothing = self._recipe.regularisation.label_smoothing
            self._gradients[key] = output_gradient(task, smoothing, **options)
        return self._gradients[key]

    def outputs(self) -> list[Tensor]:
        """Return each member's outputs on its validation rows."""
        out = self._chain.evaluate(self._valid_X)
        return [own[: len(m.training.valid_X)] for own, m in zip(out, self.members, strict=True)]


def _runs(values: Sequence[int]) -> list[slice]:
    """Return where equal values lie side by side."""
    borders = [0, *(i for i in range(1, len(values)) if values[i] != values[i - 1]), len(values)]
    return [slice(a, b) for a, b in pairwise(borders)]


def _check(
    members: Sequence[Member],
    part: slice,
    totals: Tensor,
    seen: Sequence[int],
    diverged: dict[int, Diverged],
) -> None:
    """Write down who has diverged, at the step that was the first to show it."""
    for i, total in zip(range(part.start, part.stop), totals[part].tolist(), strict=True):
        try:
            members[i].training.loop.check(total / max(seen[i], 1))
        except Diverged as error:
            diverged.setdefault(i, error)
