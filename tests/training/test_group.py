"""Folds that train as a group come to what they come to alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from training_jobs import make_job, run

from automl.data import PreparedData, PreparedStore, load
from automl.data.preprocess.variants import Variant
from automl.data.split.folds import Folds, split_folds
from automl.training.group import Group
from automl.trial import Stop, TrialStatus

FOLDS = 4
ALONE = (1,) * FOLDS


def _folds(name: str) -> PreparedData:
    return PreparedStore(*split_folds(load(name), Folds(FOLDS))).get(Variant(folds=FOLDS))


@pytest.fixture(scope="module")
def data() -> dict[str, PreparedData]:
    """Three classes, two classes, and a number; folds of wine differ by a row."""
    return {name: _folds(name) for name in ("wine", "breast_cancer", "diabetes")}


RECIPES: list[tuple[str, dict[str, Any]]] = [
    ("wine", {"model.depth": 2, "model.dropout": 0.3, "model.activation": "silu"}),
    ("wine", {"model.normalisation": "batch", "optimizer.name": "adamw"}),
    ("wine", {"model.normalisation": "layer", "model.activation": "sigmoid"}),
    ("wine", {"optimizer.name": "sgd", "optimizer.momentum": 0.0, "regularisation.l1": 1e-3}),
    ("wine", {"training.batch_size": 11, "training.steps_per_batch": 2}),  # one row is left over
    ("breast_cancer", {"training.class_weights": "balanced", "optimizer.name": "rmsprop"}),
    ("diabetes", {"training.loss": "huber", "optimizer.schedule": "one_cycle"}),
    ("diabetes", {"optimizer.name": "sgd", "regularisation.weight_decay": 0.01}),
]


@pytest.mark.parametrize(("name", "params"), RECIPES)
def test_a_member_is_what_it_is_alone(
    name: str, params: dict[str, Any], data: dict[str, PreparedData], tmp_path: Path
) -> None:
    metric = "rmse" if name == "diabetes" else "accuracy"
    job = replace(make_job(params, epochs=4, metric=metric), folds=FOLDS)
    kept = {}
    for together in (ALONE, (FOLDS,), (1, 2, 1)):
        paths = tuple(str(tmp_path / f"{len(together)}-{i}.safetensors") for i in range(FOLDS))
        trained = run(replace(job, fold_weights=paths, together=together), data[name])
        assert trained.result.status is TrialStatus.COMPLETE
        kept[together] = trained.result.history, [load_file(path) for path in paths]
    history, weights = kept.pop(ALONE)
    for others, their_weights in kept.values():
        for one, other in zip(history, others, strict=True):
            assert one.fold is not None
            assert other.fold is not None
            assert one.fold.best_epoch == other.fold.best_epoch
            assert one.valid_score == pytest.approx(other.valid_score, rel=1e-4)
            assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
        for fold, same in zip(weights, their_weights, strict=True):
            assert fold.keys() == same.keys()
            for key, value in fold.items():
                torch.testing.assert_close(value, same[key], rtol=1e-3, atol=1e-4)


def test_members_end_when_they_would_alone(data: dict[str, PreparedData]) -> None:
    job = replace(make_job(epochs=40, patience=2), folds=FOLDS)
    alone = run(replace(job, together=ALONE), data["wine"])
    group = run(job, data["wine"])
    best = [[e.fold.best_epoch for e in t.epochs if e.fold] for t in (alone, group)]
    assert best[0] == best[1]
    assert len(set(best[0])) > 1


def test_a_member_that_diverges_fails_the_candidate_after_those_before_it(
    data: dict[str, PreparedData],
) -> None:
    splits = data["wine"].splits
    bad = replace(splits[2], train_X=splits[2].train_X * 1e30)
    spoilt = replace(splits[0], more=(splits[1], bad, splits[3]))
    trained = run(replace(make_job(epochs=3), folds=FOLDS), spoilt)
    assert trained.result.status is TrialStatus.FAILED
    assert str(trained.result.error).startswith("fold 3: diverged")
    assert len(trained.result.history) == 2


@pytest.mark.parametrize("why", [Stop.PRUNE, Stop.FINISH])
def test_a_group_stops_when_it_is_told_to(why: Stop, data: dict[str, PreparedData]) -> None:
    asked: list[int] = []

    def stop() -> Stop | None:
        asked.append(1)
        return why if len(asked) > 12 else None  # in its third epoch

    result = run(replace(make_job(epochs=50), folds=FOLDS), data["wine"], stop).result
    if why is Stop.PRUNE:
        assert (result.status, result.history) == (TrialStatus.PRUNED, ())
    else:
        assert (result.status, len(result.history)) == (TrialStatus.COMPLETE, 1)
        assert result.cut


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer.name": "lbfgs"},
        {"training.averaging": 0.5},
        {"training.clip_norm": 1.0},
        {"model.width": 1024, "model.depth": 2},
    ],
)
def test_what_is_no_quicker_in_a_group_trains_alone(
    params: dict[str, Any], data: dict[str, PreparedData]
) -> None:
    job = make_job(params)
    assert Group.begin([job, job], data["wine"].splits[:2]) is None
    assert Group.begin([make_job(), make_job()], data["wine"].splits[:2]) is not None
