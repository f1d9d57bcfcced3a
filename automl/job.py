"""Jobs: plain data that the parent sends to a worker, which names what runs it there.

A job crosses machines as well as processes. It imports nothing that only a worker has, and says
which files it needs and which it leaves, so that an executor without a shared file system can
carry them.
"""

from __future__ import annotations

import functools
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar, cast

from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.variants import Variant
from automl.trial import Stop

T = TypeVar("T")


class Job(ABC):
    """Work for one worker: a picklable dataclass.

    Attributes
    ----------
    runs : str
        ``"module:function"``. The function is called in the worker with the job, the data of
        `variant`, and a `ShouldStop`. It is a generator: it yields progress and returns the
        result, both plain picklable data.
    inputs : tuple of str
        Names of the fields with the path of a file, or a tuple of paths, that must be there before
        the job runs.
    outputs : tuple of str
        Names of the fields with the path of a file, or a tuple of paths, that the job leaves,
        whole or not at all; a field that is None leaves none.
    says : tuple of type
        Dataclasses and enumerations in what it yields and returns, beside numbers, text and their
        collections. Only these are read when they come from another machine.
    """

    runs: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ()
    says: ClassVar[tuple[type, ...]] = ()

    @property
    @abstractmethod
    def variant(self) -> Variant:
        """Return which form of the data the job needs."""

    @property
    def members(self) -> int:
        """Return how many members, such as candidates, the job advances together."""
        return 1

    def input_files(self) -> tuple[str, ...]:
        """Return the paths of the files that the job needs."""
        return _files(self, self.inputs)

    def output_files(self) -> tuple[str, ...]:
        """Return the paths of the files that the job may leave."""
        return _files(self, self.outputs)


class ShouldStop(Protocol):
    """Asked by a running job, before every step, whether it should stop and why."""

    def __call__(self, member: int = 0) -> Stop | None:
        """Return why this member should stop, or None to go on."""


@dataclass(frozen=True, slots=True)
class MemberMessage:
    """What one member of a job has to say; anything else that a job yields is of member 0.

    Attributes
    ----------
    member : int
        Counted from 0.
    payload : object
        Progress of this member.
    """

    member: int
    payload: Any


def run_job(
    job: Job, data: PreparedData | None, should_stop: ShouldStop
) -> Generator[Any, None, Any]:
    """Begin a job in this process, with the function that it names.

    Parameters
    ----------
    job : Job
    data : PreparedData or None
        None for a job that needs no data.
    should_stop : ShouldStop
    """
    return _function(job.runs)(job, data, should_stop)


def relocate(value: T, paths: Mapping[str, str]) -> T:
    """Return a job, or a result, with other paths in place of these.

    An executor that carries files gives the job the paths in the worker's folder, and its result
    those that the parent knows.

    Parameters
    ----------
    value : dataclass
        Jobs inside of a job are relocated too.
    paths : mapping of str to str
    """
    changed = {}
    for field in fields(cast(Any, value)):
        old = getattr(value, field.name)
        new = old
        if isinstance(old, str):
            new = paths.get(old, old)
        elif isinstance(old, tuple):
            moved = tuple(paths.get(v, v) if isinstance(v, str) else v for v in old)
            new = old if moved == old else moved
        elif is_dataclass(old) and not isinstance(old, type):
            new = relocate(old, paths)
        if new is not old:
            changed[field.name] = new
    return cast(T, replace(cast(Any, value), **changed)) if changed else value


@functools.cache
def _function(name: str) -> Callable[..., Generator[Any, None, Any]]:
    module, _, function = name.partition(":")
    return cast(
        Callable[..., Generator[Any, None, Any]],
        getattr(importlib.import_module(module), function),
    )


def _files(job: Job, names: tuple[str, ...]) -> tuple[str, ...]:
    values = [value for name in names if (value := getattr(job, name)) is not None]
    return tuple(path for v in values for path in (v if isinstance(v, tuple) else (v,)))
