"""Which parameters mattered."""

from __future__ import annotations

import optuna
import pytest
from made_studies import DOMAINS, make_record
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

from automl.metrics import METRICS
from automl.report.collect.importance import importance
from automl.report.collect.matter import position
from automl.trial import TrialRecord, TrialStatus

ACCURACY = METRICS["accuracy"]
RATE = "optimizer.learning_rate"


def _records(count: int, status: TrialStatus = TrialStatus.COMPLETE) -> list[TrialRecord]:
    """The score is where the learning rate lies, and nothing else."""
    plain = [make_record(n) for n in range(count)]
    return [
        make_record(r.number, position(DOMAINS[RATE], r.params[RATE]), status=status) for r in plain
    ]


def test_the_parameter_that_decides_the_score_comes_first() -> None:
    found = importance(_records(80), DOMAINS, ACCURACY)
    assert next(iter(found)) == RATE
    assert found[RATE] > 0.5
    assert sum(found.values()) == pytest.approx(1.0)


def test_with_complete_trials_only_it_is_optunas_own_number() -> None:
    records = _records(80)
    study = optuna.create_study(direction="maximize")
    distributions = {
        "model.depth": optuna.distributions.IntDistribution(1, 4),
        "model.width": optuna.distributions.IntDistribution(16, 256, log=True),
        RATE: optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True),
        "optimizer.name": optuna.distributions.CategoricalDistribution(("adam", "sgd")),
    }
    for r in records:
        params = {name: r.params[name] for name in DOMAINS}
        study.add_trial(
            optuna.trial.create_trial(
                params=params, distributions=distributions, value=r.valid_score
            )
        )
    theirs = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    assert importance(records, DOMAINS, ACCURACY) == pytest.approx(theirs)


def test_pruned_trials_count_with_the_score_they_reached() -> None:
    pruned = _records(80, TrialStatus.PRUNED)
    assert importance(pruned, DOMAINS, ACCURACY) == importance(_records(80), DOMAINS, ACCURACY)


def test_failed_trials_count_as_the_worst() -> None:
    records = _records(80)
    high = [r for r in records if r.params["optimizer.name"] == "sgd"]
    failed = [
        make_record(r.number, None, status=TrialStatus.FAILED) if r in high else r for r in records
    ]
    found = importance(failed, DOMAINS, ACCURACY)
    assert found["optimizer.name"] > importance(records, DOMAINS, ACCURACY)["optimizer.name"]


def test_too_few_trials_tell_nothing() -> None:
    assert importance(_records(14), DOMAINS, ACCURACY) == {}


def test_trials_that_are_all_alike_tell_nothing() -> None:
    records = [make_record(n, 0.5) for n in range(40)]
    assert importance(records, DOMAINS, ACCURACY) == {}


def test_a_single_good_trial_among_equals_raises_no_warning() -> None:
    records = [make_record(n, 0.5) for n in range(40)] + [make_record(40, 0.9)]
    importance(records, DOMAINS, ACCURACY)
