"""A search over Ray is that of worker processes, whatever becomes of Ray."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import pytest
from clusters import Killer, trial_facts

from automl.errors import ConfigError
from automl.result import SearchResult
from automl.study.view import StudyView

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]

with_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason="ray is not installed: pip install 'automl[ray]'"
)


@with_ray
def test_it_is_the_same_search_though_its_cluster_is_killed(run_search: Search, read: Read) -> None:
    pytest.importorskip("psutil")
    options = {"workers": 2, "deterministic": True, "finalists": 1, "dataset": "digits"}
    observer = Killer("_ray_driver")
    there = run_search(study="there", executor="ray", observer=observer, **options)
    assert observer.killed == 1
    here = run_search(study="here", executor="process", **options)
    assert [*map(trial_facts, read("there").records)] == [*map(trial_facts, read("here").records)]
    assert (there.test, there.finalists) == (here.test, here.finalists)
    assert all(record.host for record in read("there").records)


@with_ray
def test_a_cluster_that_is_not_there_is_one_line(run_search: Search) -> None:
    with pytest.raises(ConfigError) as raised:
        run_search(executor="ray", cluster="127.0.0.1:1")
    assert str(raised.value).startswith(
        "the cluster at 127.0.0.1:1 does not answer: it cannot be reached: "
    )


@pytest.mark.skipif(find_spec("ray") is not None, reason="ray is installed")
def test_without_ray_it_says_what_to_install(run_search: Search) -> None:
    with pytest.raises(ConfigError) as raised:
        run_search(executor="ray")
    assert str(raised.value) == "Ray needs the extra ray: pip install 'automl[ray]'"
