"""The same again: the same seed, the same trials, to the bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from automl.errors import ConfigError
from automl.followup.replay import first_difference, rerun
from automl.followup.study_setup import StudySetup
from automl.result import SearchResult
from automl.sampling.rounds import ROUND
from automl.study.view import StudyView
from automl.trial import TrialRecord

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


def _facts(record: TrialRecord) -> dict[str, Any]:
    """All of a trial but the clock and the worker."""
    return {
        "number": record.number,
        "status": record.status,
        "params": record.params,
        "score": record.valid_score,
        "best_epoch": record.best_epoch,
        "weights": record.n_weights,
        "error": record.error,
        "note": record.note,
        "history": [(e.epoch, e.train_loss, e.valid_loss, e.valid_score) for e in record.history],
    }


@pytest.fixture
def trials(run_search: Search, read: Read) -> Callable[..., list[dict[str, Any]]]:
    """The trials of a search of its own."""

    def run(study: str, **options: Any) -> list[dict[str, Any]]:
        run_search(study=study, **options)
        return [_facts(record) for record in read(study).records]

    return run


def test_one_worker_does_the_same_twice(trials: Callable[..., list[dict[str, Any]]]) -> None:
    options = {"trials": 24, "max_epochs": 9, "executor": "process", "workers": 1, "seed": 3}
    assert trials("once", **options) == trials("twice", **options)


def test_deterministic_is_the_same_for_any_number_of_workers(
    run_search: Search, read: Read
) -> None:
    options = {
        **{"trials": 4 * ROUND + 3, "max_epochs": 9, "executor": "process", "seed": 3},
        **{"deterministic": True, "finalists": 2},
    }
    found = []
    for workers in (1, 3):
        result = run_search(study=f"with-{workers}", workers=workers, **options)
        assert result.best is not None
        winner = (result.best.number, result.best.valid_score, result.finalists, result.test)
        found.append(([_facts(r) for r in read(result.study).records], winner))
    assert found[0] == found[1]
    trials, _ = found[0]
    assert len(trials) == options["trials"]
    assert len({t["status"] for t in trials}) == 2, "some were pruned, and some were not"


@pytest.mark.parametrize(
    ("option", "why"),
    [({"time_budget": 60.0}, "--time-budget"), ({"pruner": "hyperband"}, "pruner halving")],
)
def test_what_depends_on_time_is_refused(
    run_search: Search, option: dict[str, Any], why: str
) -> None:
    with pytest.raises(ConfigError, match=f"--deterministic .*{why}"):
        run_search(deterministic=True, **option)


def test_with_several_workers_each_trials_history_is_the_same_when_it_is_replayed(
    run_search: Search, read: Read
) -> None:
    run_search(trials=10, max_epochs=9, executor="process", workers=2)
    view = read("iris")
    here = replace(view, config={**view.config, "executor": "inline"})
    setup = StudySetup.load(here)
    for record in view.records:
        result = rerun(setup, record.number)
        assert first_difference(record, result) is None, record.number
