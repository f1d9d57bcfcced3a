"""Baselines are tuned for no longer than networks are searched."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import pytest

from automl.errors import ConfigError
from automl.followup.reopen import reopen
from automl.orchestrator.baseline_stream import Baselines, find_baselines
from automl.orchestrator.observer import Observer
from automl.result import SearchResult


def test_tuning_ends_when_its_time_is_up_and_the_baseline_is_fitted_all_the_same(
    run_search: Callable[..., SearchResult],
) -> None:
    run_search("iris", trials=1, folds=0)
    with reopen("iris", Observer(), workers=1) as again:
        setup, study = again.setup, again.study
        stream = Baselines(
            ("logistic",), setup.data, setup.metric, 0, study, Observer(), None, seconds=0.0
        )
        again.scheduler.add(stream)
        again.scheduler.run(until=stream)
        tuned = study.store.find_study("iris-logistic")
        assert tuned is not None
        assert len(study.store.trials(tuned)) == 1
    outcome = stream.outcomes["logistic"]
    assert outcome.error is None
    assert outcome.params["C"] == 1.0  # the start configuration


@pytest.mark.skipif(find_spec("catboost") is not None, reason="it is installed")
def test_a_baseline_whose_package_is_missing_says_how_to_add_it() -> None:
    with pytest.raises(ConfigError, match="pip install catboost"):
        find_baselines(["catboost"])
