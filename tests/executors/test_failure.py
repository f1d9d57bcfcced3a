"""What is said of a job's exception, and what is held responsible for it."""

from __future__ import annotations

import pytest
import torch

from automl.executors import JobError
from automl.executors._failure import explain


def _explained(error: Exception) -> JobError:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - as a worker does
        return explain(caught)


@pytest.mark.parametrize(
    "text",
    [
        "CUDA error: misaligned address",
        "CUDA error: device-side assert triggered",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "CUDA driver error: unknown error",
        "HIP error: an illegal memory access was encountered",
        "CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`",
    ],
)
def test_a_failed_kernel_is_the_workers_fault(text: str) -> None:
    found = _explained(RuntimeError(text))
    assert found.blame == "worker"
    assert found.reason == f"RuntimeError: {text}"


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (
            torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of"
                " 79.10 GiB of which 5.00 MiB is free."
            ),
            ": 20.00 GiB could not be allocated",
        ),
        (
            torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of"
                " 79.10 GiB of which 70.00 GiB is free. 1.50 GiB allowed; Of the allocated memory"
            ),
            ": 2.00 GiB could not be allocated, and a trial may have 1.50 GiB in all",
        ),
        (RuntimeError("CUDA error: out of memory"), ""),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)."), ""),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), ""),
    ],
)
def test_too_little_memory_on_a_device_is_the_candidates_fault(
    error: Exception, wanted: str
) -> None:
    found = _explained(error)
    assert found.blame == "candidate"
    assert found.reason == f"out of memory on the device{wanted}"


@pytest.mark.parametrize(
    "error", [ValueError("CUDA error: said by somebody"), RuntimeError("mat1 and mat2 differ")]
)
def test_any_other_error_is_the_candidates_fault(error: Exception) -> None:
    assert _explained(error).blame == "candidate"
