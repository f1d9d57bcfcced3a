"""Seconds an epoch of MNIST's 50,000 rows, against its bare matrix products and a DataLoader loop.

python benchmarks/epoch.py [--repeats 3] [--quick]

python benchmarks/epoch.py --families [--repeats 3]

One process, one thread. With ``--families``, a table of networks of the other families, against
the forward and backward passes of the same torch modules over batches that lie ready. Otherwise
multilayer perceptrons: "products" are the multiplications of one epoch and nothing else, on
tensors of the same shapes and in the same precision: forward, and backward for weights and
inputs, but not for the pixels. Where the worker computes in bfloat16, the ratio to the products
in float32 is given as well.

All sides of a line take turns, an epoch each, and the first turn does not count: seconds are
medians over the others, and a ratio is the median of the ratios within a turn.
"""

from __future__ import annotations

import argparse
import math
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from automl.data import PreparedData, load
from automl.models.mlp import FAMILY, MlpSettings
from automl.space.file import load_space
from automl.training.jobs import TrainJob
from automl.training.recipe import Recipe, family_of
from automl.training.train import train
from automl.trial import Candidate, EpochResult

ROWS, PIXELS, CLASSES = 50_000, 784, 10


@dataclass(frozen=True, slots=True)
class Case:
    """A network, its batch and its optimizer."""

    depth: int
    width: int
    batch: int
    optimizer: str = "adam"
    precision: str = "float32"
    normalisation: str = "none"
    dropout: float = 0.0

    @property
    def sizes(self) -> list[int]:
        """Units of every layer."""
        return [PIXELS, *[self.width] * self.depth, CLASSES]

    @property
    def settings(self) -> MlpSettings:
        """The network for the model family."""
        return MlpSettings(
            self.depth, self.width, normalisation=self.normalisation, dropout=self.dropout
        )

    def __str__(self) -> str:
        extra = "" if self.normalisation == "none" else f" {self.normalisation}-norm"
        extra += f" dropout {self.dropout}" if self.dropout else ""
        return "-".join(map(str, self.sizes)) + extra


CASES = [
    *(Case(2, 512, batch) for batch in (32, 64, 128, 256, 512, 1024)),
    *(Case(2, 512, 256, optimizer) for optimizer in ("sgd", "rmsprop", "adamw", "lbfgs")),
    *(Case(2, 512, batch, precision="auto") for batch in (64, 256, 1024)),
    Case(2, 512, 256, precision="auto", normalisation="batch", dropout=0.3),
    *(Case(1, 128, batch) for batch in (32, 128, 512)),
    Case(1, 128, 128, normalisation="batch", dropout=0.2),
    *(Case(8, 64, batch) for batch in (32, 256)),
    Case(4, 256, 256),
    Case(1, 16, 256),
]


Side = Callable[[], float]
"""Runs one epoch; returns its seconds."""


def worker(params: dict[str, Any], precision: str, data: PreparedData, repeats: int) -> Side:
    """The worker's own training, validation left out."""
    candidate = Candidate(0, 0, params, max_epochs=repeats + 1)
    job = TrainJob(candidate, "accuracy", patience=repeats + 1, precision=precision)
    epochs = train(job, data, lambda: None)
    return lambda: ROWS / _trained(next(epochs)).samples_per_second


def _trained(message: object) -> EpochResult:
    assert isinstance(message, EpochResult)
    return message


def case_params(case: Case) -> dict[str, Any]:
    """The candidate of a case."""
    return {
        "family": "mlp",
        "model.depth": case.depth,
        "model.width": case.width,
        "model.normalisation": case.normalisation,
        "model.dropout": case.dropout,
        "optimizer.name": case.optimizer,
        "training.batch_size": case.batch,
    }


def in_turn(sides: list[Side], repeats: int) -> list[list[float]]:
    """Seconds of every side, turn by turn."""
    turns = [[side() for side in sides] for _ in range(repeats + 1)]
    return [list(times) for times in zip(*turns[1:], strict=True)]


def ratio(above: list[float], below: list[float]) -> float:
    """The median of the turns' ratios."""
    return median(a / b for a, b in zip(above, below, strict=True))


def timed(work: Callable[[], object]) -> Side:
    """The seconds that the work takes."""

    def side() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return side


FAMILIES = [("cnn", 1), ("cnn", 2), ("recurrent", 0), ("transformer", 0)]
"""Start configurations of the shipped spaces, without augmentation: both sides have its batches."""


def family_line(space: str, start: int, data: PreparedData, repeats: int) -> str:
    """A start configuration against the bare modules, as a line of a table."""
    loaded = load_space(space)
    params = {**loaded.fixed, **loaded.start[start]}
    params = {n: v for n, v in params.items() if not n.startswith("augmentation.")}
    recipe = Recipe.parse(params)
    network = family_of(recipe).build(recipe.model, data.preprocessing.inputs, CLASSES)
    size, loss = recipe.training.batch_size, nn.CrossEntropyLoss()
    batches = list(
        zip(
            torch.as_tensor(data.train_X).split(size),
            torch.as_tensor(data.train_y).split(size),
            strict=True,
        )
    )

    def epoch() -> None:
        for X, y in batches:
            network.zero_grad(set_to_none=False)
            loss(network(X), y).backward()

    ours, bare = in_turn([worker(params, "float32", data, repeats), timed(epoch)], repeats)
    name = f"{recipe.family}, start configuration {start + 1}"
    cells = [name, size, f"{median(ours):.2f}", f"{median(bare):.2f}", f"{ratio(ours, bare):.2f}"]
    return f"| {' | '.join(map(str, cells))} |"


def products(case: Case, dtype: torch.dtype) -> Side:
    """The bare matrix products of an epoch."""
    layers = [
        (torch.randn(b, a, dtype=dtype), torch.randn(case.batch, a, dtype=dtype))
        for a, b in pairwise(case.sizes)
    ]
    grads = [torch.randn(case.batch, size, dtype=dtype) for size in case.sizes[1:]]

    def step() -> None:
        for weight, x in layers:
            torch.mm(x, weight.t())
        for i, (weight, x) in enumerate(layers):
            torch.mm(grads[i].t(), x)
            if i:
                torch.mm(grads[i], weight)

    steps = math.ceil(ROWS / case.batch)
    return timed(lambda: [step() for _ in range(steps)])


def dataloader_loop(case: Case, data: PreparedData) -> Side:
    """The same network in a loop with a DataLoader and `torch.optim`."""
    network = FAMILY.build(case.settings, data.preprocessing.inputs, CLASSES)
    kinds: dict[str, Any] = {
        "sgd": torch.optim.SGD,
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    optimizer = kinds[case.optimizer](network.parameters(), lr=0.001)
    rows = TensorDataset(torch.as_tensor(data.train_X), torch.as_tensor(data.train_y))
    loader = DataLoader(rows, batch_size=case.batch, shuffle=True)
    loss = nn.CrossEntropyLoss()

    def epoch() -> None:
        for X, y in loader:
            optimizer.zero_grad()
            loss(network(X), y).backward()
            optimizer.step()

    return timed(epoch)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="the first case only")
    parser.add_argument("--families", action="store_true", help="other families")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    has_amx = torch.cpu._is_amx_tile_supported()
    print(f"{platform.processor() or platform.machine()}, AMX {has_amx}, one thread")
    data = PreparedData.fit(load("mnist"))
    if options.families:
        print("| network | batch | epoch (s) | bare modules (s) | ratio |")
        print("| --- | --- | --- | --- | --- |")
        for space, start in FAMILIES:
            print(family_line(space, start, data, options.repeats), flush=True)
        return
    print(
        "| network | batch | optimizer | precision | epoch (s) | products (s) | ratio |"
        " DataLoader loop (s) | ratio |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in [Case(2, 512, 256)] if options.quick else CASES:
        print(line(case, data, options.repeats), flush=True)


def line(case: Case, data: PreparedData, repeats: int) -> str:
    """One case as a line of the table."""
    ours = worker(case_params(case), case.precision, data, repeats)
    cells = [str(case), str(case.batch), case.optimizer, case.precision]
    if case.optimizer == "lbfgs":  # a line search makes as many products as it likes
        (epoch,) = in_turn([ours], repeats)
        return f"| {' | '.join([*cells, f'{median(epoch):.3f}', '', '', '', ''])} |"
    dtypes = [torch.float32] if case.precision == "float32" else [torch.float32, torch.bfloat16]
    sides = [ours, *(products(case, dtype) for dtype in dtypes), dataloader_loop(case, data)]
    epoch, *bare, loop = in_turn(sides, repeats)
    names = ["", "bf16 "]
    cells += [
        f"{median(epoch):.3f}",
        ", ".join(f"{n}{median(t):.3f}" for n, t in zip(names, bare, strict=False)),
        ", ".join(f"{ratio(epoch, t):.2f}" for t in bare),
        f"{median(loop):.2f}",
        f"{ratio(loop, epoch):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
