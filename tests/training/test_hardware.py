"""Devices: one contract for all, and who computes on which."""

from __future__ import annotations

import warnings

import pytest

from automl.config import SearchConfig
from automl.errors import ConfigError
from automl.testing import check_device
from automl.training.hardware import gpu_of, pick_device


def test_the_device_that_is_here_trains_whatever_a_space_may_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a GPU has to say of its kernels
        device = check_device()
    with capsys.disabled():
        print(f"\nthe contract of devices was run on {device}", end="")


def test_workers_take_turns_on_the_gpus() -> None:
    assert [gpu_of(worker, 3) for worker in range(5)] == [0, 1, 2, 0, 1]
    assert gpu_of(4, 1) == 0


def test_a_gpu_beyond_those_that_are_there_is_said() -> None:
    with pytest.raises(ConfigError, match=r"device 'cuda:99' is not available on this machine"):
        pick_device("cuda:99")


@pytest.mark.parametrize("name", ["cuda:", "cuda:x", "cuda:-1", "gpu", "CUDA"])
def test_a_device_that_no_machine_has_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown device '{name}'"):
        SearchConfig(dataset="iris", trials=1, device=name)
    assert SearchConfig(dataset="iris", trials=1, device="cuda:1").device == "cuda:1"
