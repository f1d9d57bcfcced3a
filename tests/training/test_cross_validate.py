"""Cross-validation in a worker: what a fold says, and how a candidate ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from safetensors.torch import load_file
from training_jobs import curve, make_job, run

from automl.data import PreparedData, PreparedStore, load
from automl.data.preprocess.variants import Variant
from automl.data.split.folds import Folds, split_folds
from automl.trial import Stop, TrialStatus


@pytest.fixture(scope="module")
def iris() -> PreparedData:
    return PreparedStore(*split_folds(load("iris"), Folds(4))).get(Variant(folds=4))


def test_a_step_is_the_mean_over_the_folds_so_far(iris: PreparedData) -> None:
    trained = run(replace(make_job(epochs=4), folds=4), iris)
    assert trained.result.status is TrialStatus.COMPLETE
    assert [e.epoch for e in trained.epochs] == [1, 2, 3, 4]
    scores = [e.fold.score for e in trained.epochs if e.fold]
    assert len(set(scores)) > 1
    for i, step in enumerate(trained.epochs):
        assert step.valid_score == pytest.approx(fmean(scores[: i + 1]))
    assert trained.result.history == tuple(trained.epochs)
    assert trained.result.valid_score == trained.epochs[-1].valid_score


def test_a_fold_is_a_training_on_its_split_and_the_weights_are_the_firsts(
    iris: PreparedData, tmp_path: Path
) -> None:
    path = tmp_path / "folds.safetensors"
    job = replace(make_job(epochs=3, weights=path), folds=4)
    trained = run(job, iris)
    first = trained.epochs[0]
    seed = int(np.random.SeedSequence((1, 0)).generate_state(1, np.uint64)[0]) >> 1
    alone = run(make_job(epochs=3, seed=seed, weights=tmp_path / "alone.safetensors"), iris)
    assert first.fold is not None
    assert first.valid_score == first.fold.score == alone.result.valid_score
    assert first.fold.best_epoch == alone.result.best_epoch
    kept, expected = load_file(path), load_file(tmp_path / "alone.safetensors")
    assert all(np.allclose(kept[name], expected[name], atol=1e-5) for name in expected)


def test_the_same_seed_gives_the_same_folds(iris: PreparedData) -> None:
    job = replace(make_job({"model.dropout": 0.3}, epochs=3), folds=4)
    assert curve(run(job, iris).result) == curve(run(job, iris).result)


def _after(steps: int, why: Stop) -> tuple[list[int], Callable[[], Stop | None]]:
    asked: list[int] = []

    def stop() -> Stop | None:
        asked.append(1)
        return why if len(asked) > steps else None

    return asked, stop


@pytest.mark.parametrize(("why", "status"), [(Stop.PRUNE, "pruned"), (Stop.FINISH, "complete")])
def test_a_fold_in_the_middle_is_dropped_when_it_is_told_to_stop(
    iris: PreparedData, why: Stop, status: str
) -> None:
    job = replace(make_job(epochs=3), folds=4, together=(1, 1, 1, 1))
    asked, never = _after(10**9, why)
    run(job, iris, never)
    _, stop = _after(len(asked) * 5 // 8, why)  # in the third of four folds
    trained = run(job, iris, stop)
    assert trained.result.status.value == status
    assert len(trained.result.history) == 2
    assert trained.result.error is None


def test_a_fold_that_diverges_fails_the_candidate(iris: PreparedData) -> None:
    hopeless = {
        "optimizer.name": "sgd",
        "optimizer.learning_rate": 1000.0,
        "model.depth": 4,
    }
    trained = run(replace(make_job(hopeless, epochs=40), folds=4), iris)
    assert trained.result.status is TrialStatus.FAILED
    assert str(trained.result.error).startswith("fold 1: diverged")


def test_a_number_of_epochs_that_was_given_is_kept_to(iris: PreparedData, tmp_path: Path) -> None:
    job = make_job(epochs=20, patience=1, weights=tmp_path / "w.safetensors")
    result = run(replace(job, epochs=7), iris).result
    assert (result.status, result.best_epoch) == (TrialStatus.COMPLETE, 7)
    assert len(result.history) == 7
    assert curve(result)[:3] == curve(run(replace(job, patience=100), iris).result)[:3], (
        "the learning rate is planned for the full budget"
    )
