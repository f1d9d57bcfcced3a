"""What a worker computes on, and in which precision."""

from __future__ import annotations

import torch

from automl.errors import ConfigError
from automl.training.optimizers import LBFGS
from automl.training.recipe import Recipe, family_of

WORTHWHILE = 6e7
"""Operations of a batch forward from which the conversions pay, measured with one thread on a
Xeon with AMX: 784-512-512-10 at batch 128 (1.7e8) gains 1.3 times and at 256 2.6 times, while
64-128-128-10 at batch 512 (2.5e7) gains nothing."""


_PLACE = [0]
"""Which of the workers this process is."""


def take_place(worker: int) -> None:
    """Take note which of the workers this process is: they are spread over the GPUs."""
    _PLACE[0] = worker


def pick_device(name: str) -> torch.device:
    """Return the device of that name; ``auto`` prefers CUDA, then Apple's MPS, then the CPU.

    Of several GPUs, ``cuda`` is that of this worker's turn.

    Raises
    ------
    ConfigError
        When this machine has no such device.
    """
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name.startswith("cuda:"):
        here[name] = int(name.removeprefix("cuda:")) < torch.cuda.device_count()
    if name == "auto":
        name = next((device for device, is_here in here.items() if is_here), "cpu")
    if not here.get(name, True):
        raise ConfigError(
            f"device {name!r} is not available on this machine; auto takes what there is"
        )
    if name == "cuda":
        return torch.device(name, gpu_of(_PLACE[0], torch.cuda.device_count()))
    return torch.device(name)


def gpu_of(worker: int, gpus: int) -> int:
    """Return the GPU of a worker: they take turns."""
    return worker % max(1, gpus)


def limit_memory(device: torch.device, most: int | None) -> None:
    """Let this process take no more of a GPU's memory than so many bytes, or all of it.

    A training that needs more is out of memory, as if the GPU were as small.
    """
    if device.type != "cuda":
        return
    total = torch.cuda.get_device_properties(device).total_memory
    share = 1.0 if most is None else min(1.0, most / total)
    torch.cuda.set_per_process_memory_fraction(share, device)


def use_bfloat16(
    precision: str, recipe: Recipe, operations: int, device: torch.device, rows: int
) -> bool:
    """Decide whether one training computes its products in bfloat16.

    On a CPU with AMX, a product in bfloat16 runs up to five times as fast as in float32. Weights,
    optimizer and loss stay in float32, and so does every evaluation: only the products of training
    lose digits, as in mixed-precision training on a GPU (Kalamkar et al. 2019).

    Parameters
    ----------
    precision : {"auto", "float32", "bfloat16"}
        ``auto`` takes bfloat16 on a CPU that has AMX when the network is large enough, and of a
        family that gains.
    operations : int
        Operations of a row forward; see `automl.models.Cost`.
    rows : int
        Training rows: a batch has at most as many.
    """
    if recipe.optimizer.name == LBFGS:
        return False  # a line search compares losses that differ in the last digits
    if precision != "auto":
        return precision == "bfloat16"
    if device.type != "cpu" or not _has_amx():
        return False
    if not family_of(recipe).gains_by_bfloat16:
        return False
    return operations * min(recipe.training.batch_size, rows) >= WORTHWHILE


def _has_amx() -> bool:
    # Private in torch 2.13, and all that there is to ask.
    return bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)())
