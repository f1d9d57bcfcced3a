"""What a job's exception means, in one line."""

from __future__ import annotations

import re
import traceback
from typing import Literal

from automl.errors import DISK_ERRORS, AutomlError, ConfigError
from automl.executors import JobError

REASON_LENGTH = 300
"""Characters of a reason; torch can print a page."""

_DEVICE_ERROR = re.compile(
    r"\b(CUDA|HIP|XPU|cuDNN|cuBLAS)( driver| runtime)? error\b|\b(CUDNN|CUBLAS|CUFFT)_STATUS_"
    r"|misaligned address|illegal memory access|device-side assert|unspecified launch failure",
    re.IGNORECASE,
)
"""How torch reports that a kernel has failed."""

_DEVICE_MEMORY = re.compile(
    r"\b(CUDA|HIP|XPU|MPS)\b.*out of memory|_STATUS_ALLOC_FAILED", re.IGNORECASE
)

_ALLOWED = re.compile(r"([\d.]+ \w+) allowed", re.IGNORECASE)
"""What torch says where a process may not take all the memory of its GPU."""

_WANTED = re.compile(r"tried to allocate ([\d.]+ \w+)", re.IGNORECASE)


def explain(error: Exception) -> JobError:
    """Return the `JobError` of an exception that a job has raised, while it is being handled."""
    name = type(error).__name__
    text = " ".join(str(error).split())
    if isinstance(error, ConfigError):
        return JobError(text, blame="user")
    if _is_disk(error):
        return JobError(text, traceback.format_exc(), blame="disk")
    if _is_device_memory(error, text):
        wanted = _WANTED.search(text)
        asked = f": {wanted[1]} could not be allocated" if wanted else ""
        if allowed := _ALLOWED.search(text):
            asked += f", and a trial may have {allowed[1]} in all"
        return JobError(f"out of memory on the device{asked}", traceback.format_exc())
    if isinstance(error, MemoryError) or ("alloc" in text and "memory" in text):
        text = f"out of memory: {text}"
    if isinstance(error, AutomlError):
        return JobError(text[:REASON_LENGTH])
    blame: Literal["candidate", "worker"] = "candidate"
    if _spoils_process(error, text):
        blame = "worker"
    return JobError(f"{name}: {text}"[:REASON_LENGTH], traceback.format_exc(), blame)


def _is_disk(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in DISK_ERRORS
    # safetensors is written in Rust and has the number in its text alone.
    found = re.search(r"\(os error (\d+)\)", str(error))
    return found is not None and int(found[1]) in DISK_ERRORS


def _is_device_memory(error: Exception, text: str) -> bool:
    """Return whether the device had too little memory, which leaves the process usable."""
    return _is_a(error, "OutOfMemoryError") or bool(_DEVICE_MEMORY.search(text))


def _spoils_process(error: Exception, text: str) -> bool:
    """Return whether a kernel has failed on the device.

    After most such errors every later call to the device fails in the same way, whatever it asks
    for: on one GPU, 65 of 100 trials failed after a few had.
    """
    is_torchs = isinstance(error, RuntimeError)
    return _is_a(error, "AcceleratorError") or (is_torchs and bool(_DEVICE_ERROR.search(text)))


def _is_a(error: Exception, name: str) -> bool:
    """Compare by name: the parent, which imports this module too, never loads torch."""
    return any(kind.__name__ == name for kind in type(error).__mro__)
