"""Failures that end everything, because no other job would fare better."""

from __future__ import annotations

from automl.errors import ConfigError, StudyError
from automl.executors import Executor, JobError
from automl.training.jobs import DeviceJob


def raise_if_hopeless(error: JobError) -> None:
    """Raise when no other job would fare better.

    Raises
    ------
    ConfigError
        When something that the user gave is to blame, such as a device that is not there.
    StudyError
        When the disk is full or read-only.
    """
    if error.blame == "user":
        raise ConfigError(error.reason)
    if error.blame == "disk":
        raise StudyError(
            f"a worker cannot write to the study's folder: {error.reason}; make room, and the same"
            " command goes on from here"
        )


def check_device(executor: Executor, name: str) -> None:
    """Let a worker say whether the device is there: only a worker has torch.

    Raises
    ------
    ConfigError
        When it is not.
    """
    if name in ("auto", "cpu"):
        return
    executor.submit(DeviceJob(name))
    while True:
        message = executor.next_message(1.0)
        if message is not None and message.final:
            break
    if isinstance(message.payload, JobError):
        raise ConfigError(message.payload.reason)
