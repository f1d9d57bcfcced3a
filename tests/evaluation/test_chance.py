"""A model's proposals beside candidates at random."""

from __future__ import annotations

import pytest
from made_studies import make_record

from automl.evaluation.chance import FEWEST, compare_with_chance
from automl.metrics import METRICS
from automl.objective import Objective
from automl.trial import DrawnBy, TrialRecord, TrialStatus


def _trials(kind: DrawnBy, best: float, seconds: float = 1.0) -> list[TrialRecord]:
    """As many as are needed, with scores that end at the best."""
    return [make_record(n, best - n / 1000, drawn_by=kind, seconds=seconds) for n in range(FEWEST)]


@pytest.mark.parametrize(("name", "sign"), [("accuracy", 1), ("rmse", -1)])
def test_the_better_kind_is_ahead_in_either_direction(name: str, sign: int) -> None:
    records = _trials("model", 0.9) + _trials("random", 0.8)
    found = compare_with_chance(records, Objective(METRICS[name]))
    assert found is not None
    assert sign * found.difference == pytest.approx(0.1, abs=0.01)
    assert found.low <= found.difference <= found.high
    assert found.seconds == pytest.approx(FEWEST)


def test_at_equal_cost_dear_candidates_are_fewer() -> None:
    cheap = _trials("model", 0.9) + _trials("random", 0.9)
    dear = _trials("model", 0.9, seconds=5.0) + _trials("random", 0.9)
    objective = Objective(METRICS["accuracy"])
    equal, behind = (compare_with_chance(records, objective) for records in (cheap, dear))
    assert equal is not None
    assert behind is not None
    assert behind.best_proposed > equal.best_proposed  # costs: lower is better


def test_of_a_few_trials_or_only_failures_nothing_is_said() -> None:
    few = _trials("model", 0.9) + _trials("random", 0.8)[:-1]
    assert compare_with_chance(few, Objective(METRICS["accuracy"])) is None
    failed = [
        make_record(n, None, drawn_by="random", status=TrialStatus.FAILED) for n in range(FEWEST)
    ]
    records = _trials("model", 0.9) + failed
    assert compare_with_chance(records, Objective(METRICS["accuracy"])) is None
