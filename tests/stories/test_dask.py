"""A search over Dask is that of worker processes, whatever becomes of Dask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clusters import Killer, cluster, trial_facts

import automl
from automl.errors import ConfigError, StudyError
from automl.executors import dask
from automl.executors.remote import link
from automl.result import SearchResult
from automl.study.view import StudyView

pytest.importorskip("psutil")
pytest.importorskip("distributed")

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


def test_it_is_the_same_search_though_its_cluster_is_killed(run_search: Search, read: Read) -> None:
    options = {"workers": 2, "deterministic": True, "finalists": 1, "dataset": "digits"}
    observer = Killer("_dask_local")
    there = run_search(study="there", executor="dask", observer=observer, **options)
    assert observer.killed == 1
    here = run_search(study="here", executor="process", **options)
    assert [*map(trial_facts, read("there").records)] == [*map(trial_facts, read("here").records)]
    assert (there.test, there.finalists) == (here.test, here.finalists)
    assert all(record.host for record in read("there").records)


def test_a_scheduler_that_is_lost_is_one_line_and_costs_nothing_that_was_finished(
    run_search: Search, read: Read, one_line: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "ENGINE_SECONDS", 0.5)
    with cluster() as there:

        def end(*told: Any) -> None:
            there.scheduler.kill()
            there.scheduler.wait()

        with pytest.raises(StudyError) as raised:
            run_search(
                study="lost", executor="dask", cluster=there.address, callbacks=[end], trials=2
            )
    said = one_line(str(raised.value))
    assert said.startswith(f"the cluster at {there.address} does not answer: ")
    assert said.endswith("what is finished is kept, and the same command goes on from it")
    kept = read("lost").records
    assert [record.number for record in kept] == [0]
    run_search(study="lost", trials=2)
    assert read("lost").records[0] == kept[0]


@pytest.mark.parametrize(
    ("executor", "address", "said"),
    [
        ("process", "tls://pc1", "--cluster: must go with an executor that joins one"),
        ("dask", "tcp://pc1", "--cluster: must be tls:// beyond this machine, but got 'tcp://pc1'"),
        ("dask", "tls://pc 1", "--cluster: must be HOST, HOST:PORT or tls://HOST:PORT"),
        ("dask", "tcp://127.0.0.1:1", "the cluster at tcp://127.0.0.1:1 does not answer: "),
    ],
)
def test_an_address_that_cannot_be_is_one_line(
    run_search: Search, executor: str, address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 0.2)
    with pytest.raises(ConfigError) as raised:
        run_search(executor=executor, cluster=address)
    assert str(raised.value).startswith(said)
    assert automl.studies().studies == (), "nothing was written"
