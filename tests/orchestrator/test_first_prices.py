"""What families are expected to take before they are trained, and what is said of it."""

from __future__ import annotations

import numpy as np

from automl.config import SearchConfig
from automl.data import build
from automl.data.raw import Raw
from automl.orchestrator.first_prices import first_prices, not_begun
from automl.orchestrator.observer import Observer
from automl.orchestrator.problem import Problem, load_problem
from automl.trial import TrialRecord, TrialStatus

CONFIG = SearchConfig(dataset="made", time_budget=60.0)


def _problem(steps: int, config: SearchConfig = CONFIG) -> Problem:
    X = np.random.RandomState(0).normal(size=(40, steps, 1))
    dataset = build("made", "sequence", Raw(X, np.arange(40) % 2, ("no", "yes")))
    return load_problem(config, dataset, None, Observer())


def test_long_series_cost_more_and_a_family_that_trains_its_output_alone_least() -> None:
    short, long = (first_prices(CONFIG, _problem(steps)) or {} for steps in (50, 500))
    assert short.keys() == long.keys() >= {"rocket", "inception", "lstm", "transformer"}
    assert all(short[name] < long[name] for name in short)
    assert min(long, key=long.__getitem__) == "rocket"


def test_only_a_time_budget_shares_out_time() -> None:
    for options in ({}, {"time_budget": 60.0, "folds": 0}):
        config = SearchConfig(dataset="made", **options)
        assert first_prices(config, _problem(20, config)) is None, config


def test_the_search_says_what_it_did_not_begin() -> None:
    record = TrialRecord(0, TrialStatus.COMPLETE, {"family": "rocket"})
    prices = {"rocket": 90.0, "inception": 33.4, "cnn": 2.0}
    (line,) = not_begun(prices, [record], left=20.0)
    assert line == "not begun, for a first trial may take more than the time left: inception (33 s)"
    assert list(not_begun(prices, [record], left=50.0)) == []
