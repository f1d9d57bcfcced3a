"""What a GPU gives, and what small data takes without one: one table with ratios.

python benchmarks/gpu.py [--seconds 240] [--cpu] [--rehearse]

With a GPU: whole commands, one network against a CUDA graph of it and against a stacked group, the
precisions, three ways to stack convolutions, and the contract of devices; parts that no longer fit
into the seconds are named and left out. Without one, or with ``--cpu``: whole commands on digits,
and the folds of a cross-validation as a group against one after the other. ``--rehearse`` runs the
parts of the GPU on the CPU, at sizes that say nothing, to see that they run.
"""

from __future__ import annotations

import argparse
import math
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from stacked import Stacked, conv_forms, seconds_a_step

from automl.config import available_cores
from automl.data import PreparedData, PreparedStore, load
from automl.data.split.folds import Folds, split_folds
from automl.executors._worker import set_up_worker
from automl.job import run_job
from automl.result import SearchResult
from automl.space.file import load_space
from automl.testing import check_device
from automl.training.jobs import TrainJob
from automl.trial import Candidate, EpochResult, TrialResult

MNIST_ROWS = 50_000
"""Training rows of MNIST."""

BATCH = 256

PERCEPTRON: dict[str, Any] = {
    **{"family": "mlp", "model.depth": 2, "training.batch_size": BATCH},
    **{"optimizer.name": "adam", "optimizer.learning_rate": 0.001},
}


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes
    ----------
    what : str
    figure : str
        With its unit.
    beside : str
        What it is compared with.
    ratio : float or None
        How many times as fast as that.
    """

    what: str
    figure: str
    beside: str = ""
    ratio: float | None = None

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return f"| {self.what} | {self.figure} | {self.beside} | {ratio} |"


@dataclass(frozen=True)
class Size:
    """How large the parts are: as they are measured, or as they are rehearsed.

    Attributes
    ----------
    device : str
    trials, many : int
        Trials of the main job, and of the search of perceptrons.
    members : tuple of int
        Sizes of groups.
    widths : tuple of int
    rows : int
        Training rows of MNIST that are taken.
    steps : int
        Steps that are timed.
    until : float
        Reading of the clock at which a whole command is broken off.
    """

    device: str = "cuda"
    trials: int = 100
    many: int = 1_000
    members: tuple[int, ...] = (1, 32, 128)
    widths: tuple[int, ...] = (512, 128)
    rows: int = MNIST_ROWS
    steps: int = 200
    until: float = math.inf


REHEARSAL = Size("cpu", 2, 2, (1, 2), (16,), 1_000, 2)


def search(*words: str, until: float) -> tuple[float, SearchResult]:
    """Seconds of a whole command, and its result."""
    automl = shutil.which("automl", path=str(Path(sys.executable).parent)) or "automl"
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        subprocess.run(
            [automl, "search", *words, "--study", "s"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=None if until == math.inf else max(1.0, until - started),
        )
        seconds = time.perf_counter() - started
        return seconds, SearchResult.read(Path(folder) / "studies" / "s" / "result.json")


def command(*words: str, goal: float, until: float = math.inf) -> Row:
    """Run a command; the ratio is the goal's seconds to its own."""
    seconds, found = search(*words, until=until)
    phases = ", ".join(f"{name} {value:.1f}" for name, value in found.phases.items())
    test = f"{found.test.score:.4f}" if found.test else "none"
    figure = f"{seconds:.1f} s ({phases}), {found.trials.failed} failed, test {test}"
    return Row(f"`automl search {' '.join(words)}`", figure, f"goal {goal:g} s", goal / seconds)


def commands_on_gpu(size: Size) -> Iterator[Row]:
    """Goals 1 and 2."""
    words = ["--dataset", "mnist", "--device", size.device]
    yield command(*words, "--trials", str(size.trials), goal=20, until=size.until)
    yield command(*words, "--family", "mlp", "--trials", str(size.many), goal=20, until=size.until)


def train(
    params: dict[str, Any],
    data: PreparedData,
    device: str,
    epochs: int,
    *,
    precision: str = "auto",
    enough: float = 2.0,
) -> tuple[list[EpochResult], float]:
    """Train as a worker does, until a score is enough; epochs and seconds."""
    job = TrainJob(Candidate(0, 1, params, epochs), "accuracy", 99, device=device)
    told = False
    training = run_job(replace(job, precision=precision), data, lambda member=0: None)
    started, history = time.perf_counter(), []
    for said in training:
        history.append(said)
        told = said.valid_score >= enough
        if told:
            break
    return history, time.perf_counter() - started


def mnist(size: Size) -> PreparedData:
    """MNIST as workers get it, or a part of it."""
    whole = PreparedData.fit(load("mnist"))
    return replace(whole, train_X=whole.train_X[: size.rows], train_y=whole.train_y[: size.rows])


def one_network(size: Size) -> Iterator[Row]:
    """Goal 3: epochs a second of one network, of its graph, and of groups."""
    data = mnist(size)
    steps = -(-size.rows // BATCH)
    for width in size.widths:
        history, _ = train({**PERCEPTRON, "model.width": width}, data, size.device, 3)
        ours = 1 / min(e.seconds for e in history[1:])
        name = f"784-{width}-{width}-10, batch {BATCH}"
        yield Row(f"{name}: one network as a trial", f"{ours:.1f} epochs a second")
        floor = 0.0
        for members in size.members:
            group = Stacked(members, (784, width, width, 10), BATCH, size.device)
            rate = members / (steps * seconds_a_step(group.step, size.device, size.steps))
            floor = floor or rate
            yield Row(
                f"{name}: {members} stacked, a step as one graph",
                f"{rate:.0f} member-epochs a second",
                "one network as a trial",
                rate / ours,
            )
        yield Row(f"{name}: one network as a trial", f"{ours:.1f}", "its graph", ours / floor)


def precisions(size: Size) -> Iterator[Row]:
    """TF32 and bfloat16 beside float32, for a perceptron and a convolution."""
    data = mnist(size)
    space = load_space("cnn")
    convolution = {**space.fixed, **space.start[0]}
    for name, params in (
        ("784-512-512-10", {**PERCEPTRON, "model.width": 512}),
        ("first cnn", convolution),
    ):
        plain = 0.0
        for label in ("float32", "TF32", "bfloat16"):
            torch.set_float32_matmul_precision("high" if label == "TF32" else "highest")
            torch.backends.cudnn.allow_tf32 = label == "TF32"
            precision = "float32" if label == "TF32" else label
            history, _ = train(params, data, size.device, 3, precision=precision)
            seconds = min(e.seconds for e in history[1:])
            plain = plain or seconds
            figure = f"{seconds:.3f} s an epoch, {history[-1].valid_score:.4f} after 3"
            yield Row(f"{name}: {label}", figure, "float32", plain / seconds)
        torch.set_float32_matmul_precision("highest")


def to_accuracy(size: Size) -> Iterator[Row]:
    """Goal 5: the first start configuration of `cnn` up to 99.3 % on validation rows."""
    data, space = mnist(size), load_space("cnn")
    enough = 0.993 if size.device == "cuda" else 0.1
    params = {**space.fixed, **space.start[0]}
    history, seconds = train(params, data, size.device, 12, enough=enough)
    figure = f"{seconds:.1f} s, {len(history)} epochs, {history[-1].valid_score:.4f}"
    yield Row("first cnn to 99.3 % on validation rows", figure, "goal 3 s", 3 / seconds)


def convolutions(size: Size) -> Iterator[Row]:
    """Three ways to compute the convolutions of several networks."""
    members = size.members[1]
    forms = conv_forms(members, (1, 16, 32), 128 if size.steps > 2 else 4, size.device)
    plain = 0.0
    for name, step in forms.items():
        seconds = seconds_a_step(step, size.device, size.steps)
        plain = plain or seconds
        what = f"two convolutions of {members} networks, {name}"
        yield Row(what, f"{seconds * 1e3:.2f} ms a step", next(iter(forms)), plain / seconds)


def contract(size: Size) -> Iterator[Row]:
    """Every family, normalisation, optimizer and precision as on the CPU."""
    started = time.perf_counter()
    device = check_device(size.device)
    yield Row("contract of devices", f"held on {device}, {time.perf_counter() - started:.0f} s")


def commands_on_cpu() -> Iterator[Row]:
    """Goal 4."""
    words = ["--dataset", "digits", "--family", "mlp", "--device", "cpu", "--trials"]
    yield command(*words, "100", goal=8)
    yield command(*words, "1000", goal=40)


def folds_on_cpu() -> Iterator[Row]:
    """Five folds of 455 rows and 30 columns: as a group, and one after the other; CPU seconds."""
    set_up_worker()
    dataset = load("breast-cancer")
    store = PreparedStore(*split_folds(dataset, Folds(5)))
    for batch in (32, 128):
        for width in (16, 64, 128, 256):
            for depth in (1, 3):
                params = {
                    **{"family": "mlp", "model.width": width, "model.depth": depth},
                    **{"model.normalisation": "batch", "model.dropout": 0.2},
                    **{"training.batch_size": batch, "optimizer.name": "adamw"},
                }
                job = TrainJob(Candidate(0, 1, params, 12), "accuracy", 99, folds=5)
                data = store.get(job.variant)
                alone, group = [], []
                for _ in range(4):
                    alone.append(_cpu_seconds(replace(job, together=(1,) * 5), data))
                    group.append(_cpu_seconds(job, data))
                yield Row(
                    f"5 folds, depth {depth}, width {width}, batch {batch}",
                    f"{min(group):.3f} s as a group",
                    f"{min(alone):.3f} s one after the other",
                    min(alone) / min(group),
                )


def _cpu_seconds(job: TrainJob, data: PreparedData) -> float:
    started = time.process_time()
    result: TrialResult | None = None
    training = run_job(job, data, lambda member=0: None)
    while result is None:
        try:
            next(training)
        except StopIteration as over:
            result = over.value
    return time.process_time() - started


GPU: list[Callable[[Size], Iterator[Row]]] = [
    contract,
    to_accuracy,
    one_network,
    precisions,
    convolutions,
    commands_on_gpu,
]
"""Cheapest first: whoever has a short time learns most."""


def main() -> None:
    """Print the table, a line as soon as it is known."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--rehearse", action="store_true")
    options = parser.parse_args()
    has_gpu = torch.cuda.is_available()
    where = torch.cuda.get_device_name() if has_gpu else "no GPU here"
    print(f"{where}; {available_cores()} cores; torch {torch.__version__}\n")
    print("| what | figure | beside | times as fast |\n| --- | --- | --- | --- |", flush=True)
    parts: list[tuple[str, Callable[[], Iterator[Row]]]]
    if options.rehearse or (has_gpu and not options.cpu):
        until = math.inf if options.rehearse else time.perf_counter() + options.seconds
        size = replace(REHEARSAL if options.rehearse else Size(), until=until)
        parts = [(part.__name__, lambda part=part: part(size)) for part in GPU]
    else:
        parts = [(part.__name__, part) for part in (folds_on_cpu, commands_on_cpu)]
    started = time.perf_counter()
    for name, part in parts:
        if not options.cpu and has_gpu and time.perf_counter() - started > options.seconds:
            print(Row(name, "left out: the seconds were over"), flush=True)
            continue
        try:
            for row in part():
                print(row, flush=True)
        except Exception as error:  # noqa: BLE001 - the other parts tell something all the same
            print(Row(name, f"failed: {type(error).__name__}: {str(error)[:200]}"), flush=True)
            traceback.print_exc()


if __name__ == "__main__":
    main()
