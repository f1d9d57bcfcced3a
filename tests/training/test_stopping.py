"""Early stopping: which epoch is the best, and when there is no use in going on."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.metrics import METRICS, Metric
from automl.objective import Objective
from automl.training.stopping import EarlyStopping
from automl.trial import EpochResult

ACCURACY, RMSE = METRICS["accuracy"], METRICS["rmse"]


def _run(stopping: EarlyStopping, epochs: list[tuple[float, float]]) -> int | None:
    """The epoch after which it stops."""
    for epoch, (score, loss) in enumerate(epochs, 1):
        stopping.update(epoch, score, loss)
        if stopping.should_stop(epoch):
            return epoch
    return None


def test_the_best_epoch_has_the_best_score() -> None:
    stopping = EarlyStopping(ACCURACY, patience=10)
    assert _run(stopping, [(0.5, 1.0), (0.9, 0.5), (0.8, 0.4)]) is None
    assert stopping.best_epoch == 2


def test_of_equal_scores_the_lower_loss_is_better_and_then_the_earlier() -> None:
    stopping = EarlyStopping(ACCURACY, patience=10)
    _run(stopping, [(0.9, 0.5), (0.9, 0.4), (0.9, 0.4), (0.9, 0.45)])
    assert stopping.best_epoch == 2


@pytest.mark.parametrize("metric", [ACCURACY, RMSE])
@given(scores=st.lists(st.sampled_from([0.0, 0.5, 1.0, math.nan]), min_size=1, max_size=6))
def test_the_best_epoch_is_the_one_that_the_objective_names(
    metric: Metric, scores: list[float]
) -> None:
    history = [
        EpochResult(0, epoch, 0.0, 1.0 / epoch, score, 1.0, 1.0)
        for epoch, score in enumerate(scores, 1)
    ]
    stopping = EarlyStopping(metric, patience=10)
    _run(stopping, [(e.valid_score, e.valid_loss) for e in history])
    assert stopping.best_epoch == Objective(metric).best_epoch(history).epoch


def test_a_metric_that_is_minimised_is_best_where_it_is_lowest() -> None:
    stopping = EarlyStopping(RMSE, patience=10)
    _run(stopping, [(3.0, 1.0), (2.0, 0.9), (2.5, 0.8)])
    assert stopping.best_epoch == 2


def test_it_stops_after_patience_epochs_without_progress() -> None:
    assert _run(EarlyStopping(ACCURACY, patience=3), [(0.9, 0.5)] + [(0.8, 0.6)] * 9) == 4


def test_a_falling_loss_is_progress_while_the_score_stands_still() -> None:
    losses = [1.0 / n for n in range(1, 9)]
    assert _run(EarlyStopping(ACCURACY, patience=2), [(0.9, loss) for loss in losses]) is None


def test_progress_below_min_delta_does_not_count() -> None:
    epochs = [(0.9, 0.5 * (1 - 1e-5) ** n) for n in range(9)]
    assert _run(EarlyStopping(ACCURACY, patience=3, min_delta=1e-3), epochs) == 4


def test_before_the_first_epoch_there_is_no_best_one() -> None:
    assert EarlyStopping(ACCURACY, patience=1).best_epoch is None


SCORES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 9)), min_size=1, max_size=20)


@given(SCORES, st.integers(1, 5))
def test_no_epoch_that_was_seen_beats_the_best_one(
    epochs: list[tuple[float, float]], patience: int
) -> None:
    stopping = EarlyStopping(ACCURACY, patience)
    end = _run(stopping, epochs) or len(epochs)
    assert stopping.best_epoch is not None
    best = epochs[stopping.best_epoch - 1]
    assert all((-s, v) >= (-best[0], best[1]) for s, v in epochs[:end])
    assert end >= min(patience, len(epochs))


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_the_first_epoch_is_always_progress(patience: int) -> None:
    stopping = EarlyStopping(ACCURACY, patience)
    assert stopping.update(1, 0.0, 5.0)
    assert stopping.should_stop(1) is False
