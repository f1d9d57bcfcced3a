"""How large the networks are that a search draws: what it has time for."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from automl.config import SearchConfig
from automl.data import PreparedStore, load
from automl.data.split.folds import make_splits
from automl.metrics import METRICS
from automl.orchestrator.network_prices import dearest_within, make_limit, without_dear_starts
from automl.orchestrator.problem import Problem
from automl.sampling.make import make_candidates
from automl.space.domains import Params
from automl.space.file import load_space
from automl.space.space import join
from automl.trial import EpochResult, TrialResult, TrialStatus

SPACE = join("both", [load_space("mlp-image"), load_space("cnn")])


@pytest.fixture(scope="module")
def problem() -> Problem:
    dataset = load("digits")
    data = PreparedStore(*make_splits(dataset, None))
    return Problem(dataset, SPACE, METRICS["accuracy"], 12, None, data)


def _channels(problem: Problem, sampler: Any) -> list[Any]:
    """Channels of 24 candidates of `cnn`, where more of them are better."""
    space = SPACE.of_family("cnn")
    allows = make_limit(replace(problem, space=space))
    few = without_dear_starts(space, allows)
    config = SearchConfig(dataset="digits", sampler=sampler, pruner="none")
    candidates = make_candidates(config, few, "maximize", 1, [], allows=allows)
    found = []
    for _ in range(24):
        asked = candidates.ask()
        found.append(asked.params["model.channels"])
        score = float(np.log(float(found[-1])))
        history = (EpochResult(asked.number, 1, 0.1, 0.1, score, 0.1, 1.0),)
        done = TrialResult(asked.number, TrialStatus.COMPLETE, history, 0.1, 1)
        candidates.tell(asked.number, done)
        assert asked.number < len(few.start) or allows is None or allows(asked.params)
    return found


@pytest.mark.parametrize("sampler", ["gp", "tpe"])
def test_what_is_drawn_is_within_the_limit_whatever_draws_it(
    problem: Problem, sampler: str
) -> None:
    small = _channels(replace(problem, dearest=1.5), sampler)
    large = _channels(replace(problem, dearest=50.0), sampler)
    assert np.median(large[-10:]) > np.median(small[-10:])


def test_a_start_configuration_that_is_too_dear_is_left_out(problem: Problem) -> None:
    limit = make_limit(replace(problem, dearest=1.5))
    assert limit is not None
    kept = without_dear_starts(SPACE, limit)
    assert len(kept.start) < len(SPACE.start)
    wide: Params = {"family": "cnn", "model.channels": 64, "model.stages": 3}
    assert not limit(wide)
    assert make_limit(problem) is None


def test_more_time_never_makes_networks_smaller() -> None:
    dearest = [dearest_within(full) for full in range(1_000)]
    assert dearest == sorted(dearest)
    assert dearest[0] == 1.0
    assert dearest_within(math.inf) == math.inf
