from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.evaluation import average, select
from automl.metrics import METRICS

ACCURACY, RMSE = METRICS["accuracy"], METRICS["rmse"]


def two_classes(*second):
    p = np.array(second)
    return np.column_stack([1 - p, p])


def test_two_models_that_make_up_for_each_other_are_chosen_by_hand():
    y = np.array([0, 0, 1, 1])
    models = [
        two_classes(0.9, 0.9, 0.1, 0.1),  # all wrong
        two_classes(0.1, 0.1, 0.6, 0.4),  # wrong about the last row, and not sure
        two_classes(0.1, 0.6, 0.9, 0.9),  # wrong about the second row, and not sure
    ]
    found = select(models, y, ACCURACY)
    assert found.members == (1, 2)
    assert (found.valid_score, found.single, found.single_score) == (1.0, 1, 0.75)


def test_a_model_that_is_worth_more_is_chosen_more_often_by_hand():
    # 3 parts of -1 and 1 part of 3 make 0, and no other mixture of up to four does.
    found = select([np.full(2, 3.0), np.full(2, -1.0)], np.zeros(2), RMSE, max_members=4)
    assert found.members == (0, 1, 1, 1)
    assert found.weights == {0: 0.25, 1: 0.75}
    assert (found.valid_score, found.single_score) == (0.0, 1.0)


def test_the_walk_goes_past_a_step_that_does_not_help():
    # From -1 alone neither a second -1 nor a 3 helps; two steps on, the mixture is better.
    found = select([np.full(2, 3.0), np.full(2, -1.0)], np.zeros(2), RMSE, max_members=3)
    assert found.members == (0, 1, 1)


def test_models_with_errors_of_their_own_help_each_other():
    rng = np.random.default_rng(0)
    y = rng.normal(size=300)
    found = select([y + rng.normal(size=300) for _ in range(4)], y, RMSE)
    assert len(set(found.members)) > 1
    assert found.helps


def test_an_ensemble_that_only_looks_better_on_the_rows_that_chose_it_does_not_help():
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=300)
    found = select([two_classes(*rng.random(300)) for _ in range(10)], y, ACCURACY)
    assert found.valid_score > found.single_score
    assert not found.helps


def test_as_many_different_models_are_chosen_as_there_must_be():
    rng = np.random.default_rng(0)
    y = rng.normal(size=100)
    models = [y, y + rng.normal(size=100), y + 2 * rng.normal(size=100)]
    assert set(select(models, y, RMSE).members) == {0}
    found = select(models, y, RMSE, least=2)
    assert set(found.members) == {0, 1}
    assert found.proof is not None
    assert not found.is_ahead
    assert set(select(models, y, RMSE, least=2, max_members=1).members) == {0}


def test_models_that_were_named_beforehand_are_taken_where_the_choice_is_worse():
    rng = np.random.default_rng(0)
    y, noise = rng.normal(size=100), rng.normal(size=100)
    models = [y + rng.normal(size=100) for _ in range(3)]
    found = select([*models, y + 3 * noise, y - 3 * noise], y, RMSE, floor=(3, 4), max_members=3)
    assert found.members == (3, 4)
    assert found.valid_score == pytest.approx(0, abs=1e-9)
    assert found.proof is not None
    assert found.is_ahead


def test_what_the_rows_cannot_tell_from_models_named_beforehand_shares_with_them():
    rng = np.random.default_rng(0)
    y = rng.normal(size=100)
    models = [y + rng.normal(size=100) for _ in range(6)]
    found = select(models, y, RMSE, floor=(0, 1), max_members=2)
    assert found.weights[0] + found.weights[1] >= 0.5
    assert found.valid_score == pytest.approx(RMSE.score(y, average(models, found.members)))
    worse = [*models, y + 9 * rng.normal(size=100)]
    assert 6 not in select(worse, y, RMSE, floor=(6,), max_members=2).members


def test_one_model_is_no_ensemble():
    found = select([np.zeros(20)], np.arange(20.0), RMSE)
    assert (set(found.members), found.helps, found.proof) == ({0}, False, None)


def test_equal_models_are_no_ensemble_that_helps():
    output = np.arange(20.0)
    assert not select([output, output.copy()], output + 1, RMSE).helps


def test_too_few_rows_prove_nothing():
    found = select([np.full(2, 3.0), np.full(2, -1.0)], np.zeros(2), RMSE)
    assert found.valid_score < found.single_score
    assert not found.helps


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 8))
def test_an_ensemble_is_never_worse_than_its_best_model_on_the_rows_that_chose_it(
    seed, models, max_members
):
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=30)
    outputs = [rng.dirichlet(np.ones(3), size=30) for _ in range(models)]
    found = select(outputs, y, ACCURACY, max_members=max_members)
    assert found.valid_score >= found.single_score
    assert 1 <= len(found.members) <= max_members
    assert sum(found.weights.values()) == pytest.approx(1)
    assert found == select(outputs, y, ACCURACY, max_members=max_members)


def test_the_average_counts_a_repeated_member_as_often():
    outputs = [np.array([0.0, 0.0]), np.array([4.0, 8.0])]
    assert average(outputs, (0, 1, 1, 1)).tolist() == [3.0, 6.0]


def test_no_models_are_refused():
    with pytest.raises(ValueError, match="at least one model"):
        select([], np.zeros(3), RMSE)


def test_outputs_for_other_rows_are_refused():
    with pytest.raises(ValueError, match="shape"):
        select([np.zeros(4)], np.zeros(3), RMSE)


@pytest.mark.parametrize("name", ["roc_auc", "log_loss"])
def test_probabilities_are_averaged_for_metrics_that_read_them(name):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=300)
    outputs = [
        two_classes(*np.clip(0.5 + 0.1 * (2 * y - 1) + 0.3 * rng.normal(size=300), 0.01, 0.99))
        for _ in range(4)
    ]
    found = select(outputs, y, METRICS[name])
    expected = METRICS[name].score(y, average(outputs, found.members))
    assert found.valid_score == pytest.approx(expected)
    assert len(set(found.members)) > 1
    assert found.helps


def test_several_targets_are_averaged_one_by_one():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(300, 2))
    found = select([y + rng.normal(size=y.shape) for _ in range(3)], y, RMSE)
    assert len(set(found.members)) > 1
    assert found.helps
