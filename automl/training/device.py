"""Which device a worker computes on."""

from __future__ import annotations

import torch

from automl.errors import ConfigError

DEVICES = ("auto", "cpu", "cuda", "mps")


def pick_device(name: str) -> torch.device:
    """The device of that name; ``auto`` prefers CUDA, then Apple's MPS, then the CPU.

    Raises
    ------
    ConfigError
        When this machine has no such device.
    """
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next((device for device, is_here in here.items() if is_here), "cpu")
    if not here.get(name, True):
        raise ConfigError(
            f"device {name!r} is not available on this machine; auto takes what there is"
        )
    return torch.device(name)
