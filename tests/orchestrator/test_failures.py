"""What failed trials have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from automl.orchestrator.failures import in_common, why_none
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain
from automl.space.space import SearchSpace, join
from automl.trial import TrialRecord, TrialStatus

SPACE = SearchSpace(
    "made.yaml",
    {
        "rate": FloatDomain(1e-4, 1e0, log=True),
        "width": IntDomain(1, 1000),
        "name": ChoiceDomain(("sgd", "adam")),
    },
    {},
)


def _failed(number: int, error: str = "diverged", **params: Any) -> TrialRecord:
    return TrialRecord(number, TrialStatus.FAILED, params, error=error)


def test_a_choice_and_a_part_of_a_range_are_named() -> None:
    failed = [_failed(i, rate=0.1 + 0.1 * i, width=1 + 200 * i, name="sgd") for i in range(5)]
    assert in_common(failed, SPACE) == ["rate from 0.1 to 0.5", "name=sgd"]


def test_a_few_failures_lie_together_by_chance() -> None:
    failed = [_failed(i, rate=0.1, width=10 + i, name=n) for i, n in enumerate(["sgd", "adam"])]
    assert in_common(failed, SPACE) == ["rate=0.1"]


def test_of_several_families_a_common_one_is_named_with_its_parameters() -> None:
    space = join("several", [replace(SPACE, fixed={"family": name}) for name in ("mlp", "cnn")])
    failed = [_failed(i, family="cnn", rate=0.1, width=1 + i, name="sgd") for i in range(2)]
    assert in_common(failed, space) == ["family=cnn", "rate=0.1", "name=sgd"]
    assert in_common([*failed, _failed(2, family="mlp", rate=0.1)], space) == []


def test_the_reason_is_the_most_frequent_whatever_its_numbers() -> None:
    errors = ["loss is nan after 32 steps", "the soup is cold", "loss is inf after 64 steps"]
    records = [
        _failed(i, error, rate=0.1**i, width=1 + i, name="adam") for i, error in enumerate(errors)
    ]
    pruned = TrialRecord(3, TrialStatus.PRUNED, {})
    assert why_none([*records, pruned], SPACE, "mine") == (
        "none of 4 trials is complete (3 failed, 1 pruned); 2 of them: loss is nan after 32 steps;"
        " the 3 that failed have in common: name=adam; `automl show mine` lists them"
    )


def test_a_search_without_a_trial_says_so() -> None:
    assert "before a trial was complete" in why_none([], SPACE, "mine")
