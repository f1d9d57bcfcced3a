"""Successive halving with a quota: what goes on, and what a resumed study remembers."""

from __future__ import annotations

import random

import optuna
import pytest

from automl.sampling.quota_halving import QuotaHalvingPruner

RUNGS = (1, 3, 9)

EPOCHS = 15


def run_trial(study: optuna.Study, score: float) -> int:
    """Train a trial whose score never changes; returns the epochs that it was given."""
    trial = study.ask()
    for epoch in range(1, EPOCHS + 1):
        trial.report(score, epoch)
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return epoch
    study.tell(trial, score)
    return EPOCHS


@pytest.fixture(params=["maximize", "minimize"])
def study(request: pytest.FixtureRequest) -> optuna.Study:
    pruner = QuotaHalvingPruner(first=1, reduction=3, max_epochs=EPOCHS)
    return optuna.create_study(direction=request.param, pruner=pruner)


def better(study: optuna.Study, rank: int) -> float:
    return float(rank if study.direction == optuna.study.StudyDirection.MAXIMIZE else -rank)


def test_the_first_trial_is_trained_in_full(study: optuna.Study) -> None:
    assert run_trial(study, 0.5) == EPOCHS


def test_of_trials_that_tend_to_get_better_hardly_more_than_a_third_goes_on(
    study: optuna.Study,
) -> None:
    noise = random.Random(0)
    scores = [better(study, i + noise.randrange(100)) for i in range(81)]
    epochs = [run_trial(study, score) for score in scores]
    reached = {rung: sum(e >= rung for e in epochs) for rung in RUNGS}
    assert 27 <= reached[3] <= 27 + 10, "a tenth of 81 is spared the rung, and counts for nothing"
    assert 9 <= reached[9] <= 18


def test_no_trial_is_ended_with_less_than_a_third_to_go() -> None:
    pruner = QuotaHalvingPruner(first=1, reduction=3, max_epochs=12)
    late = optuna.create_study(direction="maximize", pruner=pruner)
    noise = random.Random(0)
    epochs = {run_trial(late, noise.random()) for _ in range(60)}
    assert epochs == {1, 3, EPOCHS}


def test_trials_that_get_worse_end_at_the_first_rung_unless_they_are_spared(
    study: optuna.Study,
) -> None:
    epochs = [run_trial(study, better(study, -i)) for i in range(300)]
    assert epochs[0] == EPOCHS
    assert sum(e > 1 for e in epochs[1:100]) == pytest.approx(10, abs=1)
    assert sum(e > 1 for e in epochs[100:]) == pytest.approx(40, abs=2)
    assert max(epochs[100:]) == 3, (
        "one that is still the worst after the first rung is spared no more"
    )


def test_a_spared_trial_that_was_only_slow_at_first_is_trained_to_its_end(
    study: optuna.Study,
) -> None:
    def run(number: int) -> int:
        trial = study.ask()
        slow = number >= 100
        for epoch in range(1, EPOCHS + 1):
            trial.report(better(study, -number if slow and epoch < 3 else number % 10), epoch)
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                return epoch
        study.tell(trial, 0.0)
        return EPOCHS

    epochs = [run(number) for number in range(300)]
    assert sum(e > 1 for e in epochs[100:]) == pytest.approx(40, abs=2)
    assert sum(e == EPOCHS for e in epochs[100:]) >= 3


def test_a_trial_outside_the_top_third_ends_although_the_quota_has_room(
    study: optuna.Study,
) -> None:
    for rank in (10, 1, 1, 1, 1, 1):
        run_trial(study, better(study, rank))
    assert run_trial(study, better(study, 0)) == 1


def test_of_what_is_seen_at_a_glimpse_the_better_half_goes_on(study: optuna.Study) -> None:
    went_on = 0
    for i in range(40):
        trial = study.ask()
        trial.report(better(study, (i * 17) % 40), 0)
        went_on += not trial.should_prune()
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    assert 18 <= went_on <= 22


def test_the_best_of_all_goes_on_whenever_it_comes(study: optuna.Study) -> None:
    for i in range(60):
        run_trial(study, better(study, (i * 37) % 60))
    assert run_trial(study, better(study, 100)) == EPOCHS


def test_nan_is_pruned_at_a_rung(study: optuna.Study) -> None:
    run_trial(study, 0.5)
    assert run_trial(study, float("nan")) == 1


def test_a_resumed_study_decides_as_if_it_had_never_stopped(study: optuna.Study) -> None:
    scores = [better(study, (i * 7) % 23) for i in range(40)]
    whole = [run_trial(study, s) for s in scores]
    first = optuna.create_study(
        direction=study.direction,
        pruner=QuotaHalvingPruner(first=1, reduction=3, max_epochs=EPOCHS),
    )
    before = [run_trial(first, s) for s in scores[:20]]
    second = optuna.create_study(
        direction=study.direction,
        pruner=QuotaHalvingPruner(first=1, reduction=3, max_epochs=EPOCHS),
    )
    second.add_trials(first.get_trials())
    assert before + [run_trial(second, s) for s in scores[20:]] == whole
