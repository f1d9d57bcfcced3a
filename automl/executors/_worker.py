"""What every worker does first, and what it tells of itself."""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from automl.executors import WorkerInfo
from automl.models._from_file import FamilyFile, load_files

if TYPE_CHECKING:
    from torch import Tensor


def set_up_worker(families: Sequence[FamilyFile] = (), place: int = 0) -> None:
    """Make a process compute as every worker does, and know the user's families.

    Parameters
    ----------
    families : sequence of FamilyFile
    place : int
        Which of the workers this process is, counted from 0.

    Raises
    ------
    ConfigError
        When a family cannot be loaded.
    """
    from automl.training.hardware import take_place

    load_files(families)
    take_place(place)
    TorchState.of_worker().switch_on()


@dataclass(frozen=True, slots=True)
class TorchState:
    """What torch has once in a process, and a worker sets.

    Attributes
    ----------
    threads : int
        The number of threads decides the last digits.
    flushes : bool
        Whether numbers are zero that are too small for a normal float32.
    random : tuple of Tensor
        State of the random numbers on the CPU, and on each GPU that is in use.
    """

    threads: int
    flushes: bool
    random: tuple[Tensor, ...]

    @classmethod
    def now(cls) -> TorchState:
        """Return how torch is in this process now."""
        import torch

        in_use = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
        gpus = torch.cuda.get_rng_state_all() if in_use else ()
        # torch can be told to flush, and not asked: such a number shows it.
        flushes = bool(torch.tensor(1e-39) * 1.0 == 0.0)
        return cls(torch.get_num_threads(), flushes, (torch.get_rng_state(), *gpus))

    @classmethod
    def of_worker(cls) -> TorchState:
        """Return how it is in every worker."""
        return replace(cls.now(), threads=1, flushes=True)

    def switch_on(self) -> None:
        """Let torch be so."""
        import torch

        torch.set_num_threads(self.threads)
        torch.set_flush_denormal(self.flushes)
        cpu, *gpus = self.random
        torch.set_rng_state(cpu)
        if gpus:
            torch.cuda.set_rng_state_all(gpus)


def here() -> WorkerInfo:
    """Return what there is to say of this process."""
    device, pid = _device(), os.getpid()
    return WorkerInfo(
        socket.gethostname(),
        pid,
        resident_bytes(pid),
        device,
        processor_name(),
        _accelerator(device),
    )


@functools.cache
def processor_name() -> str:
    """Return the model of this machine's processor, which decides the last digits of a sum."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _accelerator(device: str) -> str:
    """Return the model of a GPU."""
    if device.startswith("cuda"):
        import torch

        return str(torch.cuda.get_device_name(device))
    return processor_name() if device.startswith("mps") else ""


def _device() -> str:
    """Return the device that this process has computed on, as far as torch tells."""
    torch = sys.modules.get("torch")
    if torch is None:
        return ""
    if torch.cuda.is_initialized():
        return f"cuda:{torch.cuda.current_device()}"
    if torch.backends.mps.is_available() and torch.mps.current_allocated_memory():
        return "mps:0"
    return "cpu"


def resident_bytes(pid: int) -> int:
    """Return the memory that a process has in RAM, shared pages included; 0 when it is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if sys.platform == "linux":  # the second number, in pages
            pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
            return int(pages) * os.sysconf("SC_PAGE_SIZE")
        command = ["ps", "-o", "rss=", "-p", str(pid)]
        return 1024 * int(subprocess.run(command, capture_output=True, check=False).stdout)
    return 0
