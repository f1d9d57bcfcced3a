"""An executor of each kind, with data."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import is_dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from clusters import cluster, ray_cluster

from automl.data import PreparedData, PreparedStore
from automl.data.preprocess.variants import DEFAULT
from automl.executors import EXECUTORS, Executor, Message
from automl.executors.inline import InlineExecutor
from automl.files import replace_file
from automl.job import Job, relocate
from automl.models._from_file import FamilyFile


@pytest.fixture
def store(make_store: Callable[..., PreparedStore]) -> PreparedStore:
    return make_store()


@pytest.fixture
def data(store: PreparedStore) -> PreparedData:
    return store.get(DEFAULT)


class Elsewhere(InlineExecutor):
    """A worker with a folder of its own, as on another machine: files are carried there and back.

    What an executor plug-in without a shared file system has to do is this much.
    """

    def submit(self, job: Job) -> int:
        self._folder = Path(tempfile.mkdtemp(prefix="elsewhere-"))
        names = [*job.input_files(), *job.output_files()]
        self._there = {p: str(self._folder / f"{i}-{Path(p).name}") for i, p in enumerate(names)}
        self._outputs = job.output_files()
        for path in job.input_files():
            shutil.copyfile(path, self._there[path])
        return super().submit(relocate(job, self._there))

    def next_message(self, timeout: float) -> Message | None:
        message = super().next_message(timeout)
        if message is None or not message.final:
            return message
        for path in self._outputs:
            if Path(self._there[path]).exists():
                Path(path).parent.mkdir(exist_ok=True)
                with replace_file(Path(path)) as partial:
                    shutil.copyfile(self._there[path], partial)
        shutil.rmtree(self._folder)
        here = {there: path for path, there in self._there.items()}
        payload = message.payload
        if isinstance(payload, str):
            payload = here.get(payload, payload)
        elif is_dataclass(payload):
            payload = relocate(payload, here)
        return replace(message, payload=payload)


@pytest.fixture(scope="session")
def joining_dask() -> Iterator[type[Executor]]:
    """The executor of a cluster that is there, of one scheduler and one slot."""
    pytest.importorskip("distributed")
    from automl.executors.dask import DaskExecutor

    with cluster() as there:

        class Joining(DaskExecutor):
            def __init__(self, workers: int, families: Sequence[FamilyFile] = ()) -> None:
                super().__init__(workers, families, there.address)

        yield Joining


@pytest.fixture(scope="session")
def joining_ray() -> Iterator[type[Executor]]:
    """The executor of a Ray cluster that is there, of one slot."""
    if find_spec("ray") is None:
        pytest.skip("ray is not installed: pip install 'automl[ray]'")
    from automl.executors.ray import RayExecutor

    with ray_cluster() as address:

        class Joining(RayExecutor):
            def __init__(self, workers: int, families: Sequence[FamilyFile] = ()) -> None:
                super().__init__(workers, families, address)

        yield Joining


@pytest.fixture(params=[*EXECUTORS.names(), "elsewhere"])
def executor_kind(request: pytest.FixtureRequest) -> type[Executor]:
    if request.param in {"dask", "ray"}:  # one cluster for all tests: each takes seconds to start
        kind: type[Executor] = request.getfixturevalue(f"joining_{request.param}")
        return kind
    return Elsewhere if request.param == "elsewhere" else EXECUTORS.get(request.param)


@pytest.fixture
def executor(
    executor_kind: type[Executor], store: PreparedStore, tmp_path: Path
) -> Iterator[Executor]:
    """One worker of every kind of executor."""
    with executor_kind(1) as executor:
        executor.provide(store, tmp_path / "shared")
        yield executor


def drain(executor: Executor, jobs: int = 1) -> list[Message]:
    """Every message until this many jobs are over."""
    messages = []
    while jobs:
        message = executor.next_message(60.0)
        assert message is not None, "a worker is silent"
        messages.append(message)
        jobs -= message.final
    return messages


@pytest.fixture(name="drain")
def _drain() -> Any:
    return drain


@pytest.fixture
def elsewhere(store: PreparedStore, tmp_path: Path) -> Iterator[Executor]:
    """A worker that shares no file with the parent."""
    with Elsewhere(1) as executor:
        executor.provide(store, tmp_path / "shared")
        yield executor


@pytest.fixture
def elsewhere_kind() -> type[Executor]:
    return Elsewhere
