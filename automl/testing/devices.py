"""What every device must do: train whatever a space may name, as the CPU does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from automl.data import PreparedData, build
from automl.data.raw import Raw
from automl.job import run_job
from automl.models import FAMILIES
from automl.task import InputKind
from automl.training.hardware import pick_device
from automl.training.jobs import TrainJob
from automl.training.optimizers import OPTIMIZERS
from automl.trial import Candidate, TrialResult, TrialStatus

ROWS = 60

SHAPES: dict[str, tuple[InputKind, tuple[int, ...]]] = {
    "mlp": ("vector", (5,)),
    "cnn": ("image", (3, 7, 9)),
}
"""Rows of these families; the others get `SEQUENCES`."""

SEQUENCES: tuple[InputKind, tuple[int, ...]] = ("sequence", (9, 3))

ODD: dict[str, Any] = {
    **{"depth": 2, "width": 7, "channels": 5, "filters": 3, "head": 7, "heads": 1, "blocks": 2},
    **{"layers": 1, "dropout": 0.0},
}
"""Sizes that no kernel is made for, and no chance, which devices have each in their own way."""

NEAR = {"float32": 0.02, "bfloat16": 0.1}
"""Most that the losses of the first epoch may differ by, as a share, by precision."""


class Case(NamedTuple):
    """A training that must come to its end.

    Attributes
    ----------
    params : mapping of str to scalar
    precision : {"float32", "bfloat16"}
    by_chance : bool
        Whether the device draws random numbers, so that its losses are its own.
    """

    params: Mapping[str, Any]
    precision: str = "float32"
    by_chance: bool = False


def check_device(device: str = "auto") -> str:
    """Hold a device to the CPU, with every family, normalisation, optimizer and precision.

    Parameters
    ----------
    device : str
        As after ``--device``.

    Returns
    -------
    str
        The device that it was, such as ``"cuda:0"``: where there is no GPU, ``auto`` is the CPU.

    Raises
    ------
    AssertionError
        With the training that failed, or came to something else.
    """
    here = str(pick_device(device))
    data = {family: _data(family) for family in FAMILIES.names()}
    for case in _cases():
        family = case.params["family"]
        result = _train(case, data[family], device)
        assert result.status is TrialStatus.COMPLETE, f"{case}: {result.error}"
        if here == "cpu" or case.by_chance:
            continue
        theirs = _train(case, data[family], "cpu").history[0].train_loss
        ours = result.history[0].train_loss
        limit = NEAR[case.precision]
        assert abs(ours - theirs) <= limit * theirs, f"{case}: loss {ours}, and {theirs} on the CPU"
    return here


def _cases() -> Iterator[Case]:
    for family in FAMILIES.names():
        plain = _odd(family)
        choices = _choices(family, "model.normalisation") or [plain.get("model.normalisation")]
        for choice in choices:
            yield Case({**plain, "model.normalisation": choice} if choice else plain)
        yield Case(plain, "bfloat16")
    for family in ("mlp", "cnn"):
        plain = _odd(family)
        for optimizer in OPTIMIZERS:
            yield Case({**plain, "optimizer.name": optimizer})
        for size in (1, 11, 1_000):
            yield Case({**plain, "model.normalisation": "none", "training.batch_size": size})
        for name, value in (
            *(("training.averaging", 0.5), ("training.clip_norm", 0.1)),
            *(("training.class_weights", "balanced"), ("regularisation.label_smoothing", 0.1)),
            *(("regularisation.l1", 1e-3), ("regularisation.weight_decay", 1e-2)),
        ):
            yield Case({**plain, name: value})
        yield Case({**plain, "model.dropout": 0.3}, by_chance=True)
    changes = {"shift": 0.1, "rotation": 10.0, "flip": "horizontal", "cutout": 0.3, "colour": 0.1}
    augmented = {f"augmentation.{name}": value for name, value in changes.items()}
    yield Case({**_odd("cnn"), **augmented}, by_chance=True)


def _odd(family: str) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(FAMILIES.get(family).Settings)}
    sizes = {f"model.{name}": value for name, value in ODD.items() if name in names}
    return {"family": family, "training.batch_size": 16, **sizes}


def _choices(family: str, name: str) -> list[Any]:
    fields = dataclasses.fields(FAMILIES.get(family).Settings)
    return [c for f in fields if f"model.{f.name}" == name for c in f.metadata["choices"]]


def _data(family: str) -> PreparedData:
    kind, shape = SHAPES.get(family, SEQUENCES)
    random = np.random.RandomState(0)
    y = np.arange(ROWS) % 3
    X = random.normal(size=(ROWS, *shape)) + y.reshape(-1, *[1] * len(shape))
    return PreparedData.fit(build("made", kind, Raw(X, y, (0, 1, 2))))


def _train(case: Case, data: PreparedData, device: str) -> TrialResult:
    candidate = Candidate(0, 1, case.params, 2)
    job = TrainJob(candidate, "accuracy", 10, device=device, precision=case.precision)
    training = run_job(job, data, lambda member=0: None)
    while True:
        try:
            next(training)
        except StopIteration as over:
            result: TrialResult = over.value
            return result
