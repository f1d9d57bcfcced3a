"""What a study leaves: what it tried and what came of it, and nothing of the test split."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from made_past import facts, past_study
from made_studies import make_record, make_records

from automl.errors import StudyError
from automl.history.past import KEPT, PastStudy
from automl.metrics import METRICS
from automl.objective import Objective
from automl.trial import TrialStatus

BY_ACCURACY = Objective(METRICS["accuracy"])


def leave(records: list[Any]) -> PastStudy:
    return PastStudy.of("a", "a", "sha", facts(), BY_ACCURACY, records)


def test_it_is_read_as_it_was_written() -> None:
    past = past_study()
    again = PastStudy.from_json("a", json.loads(json.dumps(past.to_json())))
    assert again == past


def test_nothing_of_the_data_or_the_test_split_is_left() -> None:
    plain = leave(make_records(20)).to_json()
    assert set(plain) == {
        *("format", "dataset", "fingerprint", "facts", "metric", "unit", "trials"),
    }
    assert set(plain["trials"][0]) == {"number", "params", "curve", "cost", "seconds"}
    assert "test" not in plain["trials"][0]["params"]


def test_a_dropped_trial_counts_for_what_it_promised() -> None:
    # Complete trials gained 0.02 from their first epoch to their third.
    whole = [make_record(i, 0.80 + i / 100) for i in range(4)]
    dropped = make_record(9, 0.85, status=TrialStatus.PRUNED, epochs=1)
    costs = {trial.number: trial.cost for trial in leave([*whole, dropped]).trials}
    assert costs[9] == pytest.approx(-0.87)
    assert costs[3] == pytest.approx(-0.83)


def test_a_failure_is_the_worst() -> None:
    failed = make_record(1, None, status=TrialStatus.FAILED, error="diverged")
    past = leave([make_record(0), failed])
    assert [trial.number for trial in past.trials] == [0, 1]
    assert math.isinf(past.trials[1].cost)
    assert past.standings()[0] < past.standings()[1]


def test_a_long_study_leaves_its_best_and_some_of_the_others() -> None:
    numbers = [t.number for t in leave([make_record(i, 1 - i / 1000) for i in range(900)]).trials]
    assert len(numbers) == KEPT
    assert numbers[: KEPT // 2] == list(range(KEPT // 2))
    assert numbers[-1] > 800


@pytest.mark.parametrize(
    "damage",
    [
        lambda plain: [],
        lambda plain: plain | {"format": 2},
        lambda plain: plain | {"facts": 3},
        lambda plain: plain | {"facts": plain["facts"] | {"rows": {"train": "many"}}},
        lambda plain: plain | {"facts": plain["facts"] | {"classes": 3}},
        lambda plain: plain | {"trials": [plain["trials"][0] | {"params": {"a": math.nan}}]},
        lambda plain: plain | {"trials": [{}]},
        lambda plain: plain | {"trials": [plain["trials"][0] | {"cost": "low"}]},
        lambda plain: plain | {"trials": [plain["trials"][0] | {"params": {"a": []}}]},
        lambda plain: {k: v for k, v in plain.items() if k != "trials"},
    ],
)
def test_what_is_damaged_or_foreign_is_refused(damage: Any) -> None:
    with pytest.raises(StudyError):
        PastStudy.from_json("a", damage(past_study().to_json()))
