"""What a candidate's training promises: the same history, the best weights, a clear ending."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_tables import make_table_raw
from safetensors.torch import load_file
from training_jobs import DEFAULTS, curve, make_job, run

from automl.data import PreparedData, build
from automl.data.preprocess.standardise import TargetScaling
from automl.job import run_job
from automl.metrics import METRICS
from automl.training import training as worker
from automl.training.jobs import PredictJob
from automl.training.loop import clip
from automl.training.network import build_network
from automl.training.recipe import Recipe
from automl.trial import EpochResult, Glimpse, Stop, TrialStatus

MakeData = Callable[..., PreparedData]

HARD = {
    "dropout and batch normalisation": {"model.dropout": 0.3, "model.normalisation": "batch"},
    "one cycle": {"optimizer.schedule": "one_cycle", "optimizer.name": "sgd"},
    "penalties": {"regularisation.l1": 1e-4, "regularisation.weight_decay": 0.1},
    "lbfgs with dropout": {"optimizer.name": "lbfgs", "model.dropout": 0.2},
    "smoothing": {"regularisation.label_smoothing": 0.1, "model.activation": "gelu"},
}


@pytest.mark.parametrize("kind", sorted(HARD))
def test_a_candidate_gives_the_same_history_every_time(kind: str, make_data: MakeData) -> None:
    data = make_data()
    first = run(make_job(HARD[kind]), data)
    torch.rand(17)  # what happened in the worker before must not matter
    again = run(make_job(HARD[kind]), data)
    other = run(make_job(HARD[kind], seed=2), data)
    assert curve(first.result) == curve(again.result)
    assert curve(first.result) != curve(other.result)


@pytest.mark.parametrize("kind", sorted(HARD))
def test_a_glimpse_changes_nothing(
    kind: str, make_data: MakeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GLIMPSE_STEPS", 1)
    job, data = make_job({**HARD[kind], "training.batch_size": 8}), make_data()
    plain, looked = run(job, data), run(replace(job, glimpse=True), data)
    glimpses = [e.score for e in looked.epochs if isinstance(e, Glimpse)]
    # An epoch of one step, as L-BFGS takes it here, has no middle.
    assert len(glimpses) == (0 if "lbfgs" in kind else 1)
    assert [looked.result.glimpse] == (glimpses or [None])
    assert isinstance(looked.epochs[0], Glimpse if glimpses else EpochResult)
    assert len(looked.epochs) - len(glimpses) == len(plain.epochs)
    assert curve(looked.result) == curve(plain.result)


def test_a_glimpse_sees_every_class(make_data: MakeData, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in three of these rows has no second class, and ROC AUC no value without it."""
    data = make_data("binary")
    y = np.zeros_like(data.valid_y)
    y[1] = 1
    monkeypatch.setattr(worker, "GLIMPSE_ROWS", len(y) // 3 + 1)
    monkeypatch.setattr(worker, "GLIMPSE_STEPS", 1)
    params = {"training.batch_size": 8}
    job = replace(make_job(params, metric="roc_auc", epochs=1), glimpse=True)
    glimpse = run(job, replace(data, valid_y=y)).result.glimpse
    assert glimpse is not None
    assert 0 <= glimpse <= 1


def test_what_has_diverged_by_its_glimpse_fails(make_data: MakeData) -> None:
    """A NaN would be pruned in the parent, and no reason be kept."""
    exploding = {"optimizer.name": "sgd", "optimizer.learning_rate": 1e3, "training.batch_size": 2}
    job = replace(make_job(exploding, metric="rmse"), glimpse=True)
    trained = run(job, make_data("regression"))
    assert trained.epochs == []
    assert trained.result.status is TrialStatus.FAILED
    assert (trained.result.error or "").startswith("diverged: validation loss is ")


def test_a_trial_can_be_dropped_at_its_glimpse(make_data: MakeData) -> None:
    steps = 0

    def after_the_glimpse() -> Stop | None:
        nonlocal steps
        steps += 1
        return Stop.PRUNE if steps > worker.GLIMPSE_STEPS + 1 else None

    data = make_data()
    batch = len(data.train_X) // (worker.GLIMPSE_AFTER * worker.GLIMPSE_STEPS)
    job = replace(make_job({"training.batch_size": batch}), glimpse=True)
    trained = run(job, data, after_the_glimpse)
    assert [type(e) for e in trained.epochs] == [Glimpse]
    assert trained.result.status is TrialStatus.PRUNED
    assert (trained.result.history, trained.result.best_epoch) == ((), None)
    assert trained.result.valid_score == trained.epochs[0].score  # type: ignore[union-attr]


def test_steps_on_a_batch_are_steps_that_follow_one_another(make_data: MakeData) -> None:
    """With one batch, two steps on it in an epoch are two epochs of one step."""
    full = {"training.batch_size": 1000, "optimizer.name": "sgd", "optimizer.momentum": 0.5}
    data = make_data()
    twice = run(make_job({**full, "training.steps_per_batch": 2}, epochs=2), data)
    once = run(make_job(full, epochs=4), data)
    ends = [once.result.history[i] for i in (1, 3)]
    for both, end in zip(twice.result.history, ends, strict=True):
        assert both.valid_loss == pytest.approx(end.valid_loss, rel=1e-5)
    assert twice.result.history[0].train_loss == pytest.approx(
        (once.result.history[0].train_loss + once.result.history[1].train_loss) / 2, rel=1e-5
    )


def test_a_schedule_counts_every_step_on_a_batch(make_data: MakeData) -> None:
    """It ends at a learning rate of 0, neither before nor after."""
    falling = {"training.batch_size": 1000, "optimizer.schedule": "linear"}
    data = make_data()
    many = run(make_job({**falling, "training.steps_per_batch": 3}, epochs=2), data)
    flat = run(make_job(falling, epochs=6), data)
    assert many.result.history[-1].valid_loss == pytest.approx(
        flat.result.history[-1].valid_loss, rel=1e-5
    )


def test_a_gradient_is_never_longer_than_the_limit() -> None:
    weights = [torch.zeros(2, 2, requires_grad=True), torch.zeros(3, requires_grad=True)]
    for limit, expected in ((1.0, 1.0), (100.0, 5.0)):
        weights[0].grad, weights[1].grad = torch.full((2, 2), 2.0), torch.tensor([3.0, 0.0, 0.0])
        clip(list(weights), limit)
        grads = torch.cat([p.grad.flatten() for p in weights if p.grad is not None])
        assert grads.norm().item() == pytest.approx(expected)
        assert torch.allclose(grads / grads[0], torch.tensor([1, 1, 1, 1, 1.5, 0, 0]))


def test_a_training_with_clipped_gradients_steps_less(make_data: MakeData) -> None:
    sgd = {"optimizer.name": "sgd", "optimizer.momentum": 0.0, "optimizer.learning_rate": 1.0}
    data = make_data()
    free = run(make_job(sgd, epochs=1), data).result.history[0]
    held = run(make_job({**sgd, "training.clip_norm": 1e-6}, epochs=1), data).result.history[0]
    assert held.valid_loss > free.valid_loss


def test_every_epoch_is_said_and_kept(make_data: MakeData) -> None:
    data = make_data()
    trained = run(make_job(epochs=4), data)
    assert trained.result.status is TrialStatus.COMPLETE
    assert [e.epoch for e in trained.epochs] == [1, 2, 3, 4]
    assert tuple(trained.epochs) == trained.result.history
    for epoch in trained.epochs:
        assert math.isfinite(epoch.train_loss)
        assert math.isfinite(epoch.valid_loss)
        assert 0.0 <= epoch.valid_score <= 1.0
        assert epoch.seconds > 0
        assert epoch.samples_per_second > 0
    recipe = Recipe.parse(DEFAULTS)
    network = build_network(recipe, data.preprocessing.inputs, data.task.n_outputs)
    weights = sum(p.numel() for p in network.parameters())
    assert trained.result.n_weights == weights


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_the_best_epochs_weights_are_what_remains(
    kind: str, make_data: MakeData, tmp_path: Path
) -> None:
    data, path = make_data(kind), tmp_path / "deep" / "w.safetensors"
    metric = METRICS["rmse" if kind == "regression" else "accuracy"]
    # A rate this large overshoots: the last epoch is not the best one.
    params = {"optimizer.learning_rate": 0.5, "model.normalisation": "batch"}
    trained = run(make_job(params, epochs=12, weights=path, metric=metric.name), data).result
    assert trained.weights == str(path)
    scores = [metric.sort_key(e.valid_score) for e in trained.history]
    assert trained.best_epoch is not None
    assert scores[trained.best_epoch - 1] == min(scores)
    predictions = tmp_path / "p.npz"
    predict = PredictJob({**DEFAULTS, **params}, str(path), str(predictions))
    assert list(run_job(predict, data, lambda member=0: None)) == []
    valid = np.load(predictions)["valid"]
    pred = valid if kind == "regression" else valid.argmax(axis=1)
    assert metric.score(data.valid_y, pred) == trained.valid_score
    assert [p.name for p in path.parent.iterdir()] == ["w.safetensors"]


def test_early_stopping_ends_a_training_that_makes_no_progress(make_data: MakeData) -> None:
    params = {"optimizer.learning_rate": 0.3, "optimizer.name": "rmsprop"}
    result = run(make_job(params, epochs=200, patience=3), make_data(rows=60)).result
    assert result.status is TrialStatus.COMPLETE
    assert len(result.history) < 200
    assert result.best_epoch is not None
    assert result.best_epoch <= len(result.history) - 3


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam", "adamw"])
def test_a_candidate_that_diverges_fails_with_its_reason(
    name: str, make_data: MakeData, tmp_path: Path
) -> None:
    path = tmp_path / "w.safetensors"
    params = {"optimizer.name": name, "optimizer.learning_rate": 1e3, "model.depth": 4}
    result = run(make_job(params, epochs=30, weights=path), make_data()).result
    assert result.status is TrialStatus.FAILED
    assert result.error is not None
    assert result.error.startswith("diverged: ")
    assert "\n" not in result.error
    assert result.weights is None
    assert not path.exists()


def _stop_after(steps: int, why: Stop) -> Callable[[], Stop | None]:
    asked = iter(range(10**9))
    return lambda: why if next(asked) >= steps else None


def test_a_pruned_candidate_stops_in_the_middle_of_an_epoch(
    make_data: MakeData, tmp_path: Path
) -> None:
    path = tmp_path / "w.safetensors"
    job = make_job({"training.batch_size": 8}, epochs=50, weights=path)
    result = run(job, make_data(), _stop_after(20, Stop.PRUNE)).result  # 9 steps an epoch
    assert result.status is TrialStatus.PRUNED
    assert len(result.history) == 2
    assert result.weights is None
    assert not path.exists()


def test_a_finished_candidate_keeps_its_best_epoch_so_far(
    make_data: MakeData, tmp_path: Path
) -> None:
    path = tmp_path / "w.safetensors"
    data = make_data()
    job = make_job({"training.batch_size": 8}, epochs=50, weights=path)
    result = run(job, data, _stop_after(20, Stop.FINISH)).result
    assert result.status is TrialStatus.COMPLETE
    assert len(result.history) == 2
    assert result.weights == str(path)
    inputs, n_outputs = data.preprocessing.inputs, data.task.n_outputs
    network = build_network(Recipe.parse(DEFAULTS), inputs, n_outputs)
    assert load_file(path).keys() == network.state_dict().keys()


def test_a_candidate_that_is_finished_before_its_first_epoch_fails(make_data: MakeData) -> None:
    result = run(make_job(), make_data(), _stop_after(1, Stop.FINISH)).result
    assert result.status is TrialStatus.FAILED
    assert result.error == "stopped before its first epoch ended"
    assert result.history == ()


def test_regression_is_scored_in_the_targets_own_units(make_data: MakeData) -> None:
    data = make_data("regression")
    result = run(make_job(epochs=1, metric="rmse"), data).result
    assert 2.0 < (result.valid_score or 0.0) < 40.0  # the targets' deviation is about 20
    better = run(make_job({"optimizer.name": "lbfgs"}, epochs=15, metric="rmse"), data).result
    assert (better.valid_score or 99.0) < 3.0


@pytest.mark.parametrize("normalisation", ["none", "batch", "layer"])
def test_a_last_batch_of_one_row_does_no_harm(normalisation: str, make_data: MakeData) -> None:
    data = make_data(rows=120)
    rows = len(data.train_X)
    params = {"model.normalisation": normalisation, "training.batch_size": rows - 1}
    result = run(make_job(params), data).result
    assert result.status is TrialStatus.COMPLETE


def test_batches_of_one_row_train(make_data: MakeData) -> None:
    result = run(make_job({"training.batch_size": 1}, epochs=3), make_data(rows=60)).result
    assert result.history[-1].train_loss < result.history[0].train_loss
    assert result.history[0].train_loss > 0


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_label_smoothing_makes_a_network_less_sure(
    kind: str, make_data: MakeData, tmp_path: Path
) -> None:
    data, sure = make_data(kind), []
    for smoothing in (0.0, 0.4):
        path = tmp_path / "w.safetensors"
        params = {"regularisation.label_smoothing": smoothing}
        run(make_job(params, epochs=30, weights=path), data)
        predict = PredictJob({**DEFAULTS, **params}, str(path), str(tmp_path / "p.npz"))
        list(run_job(predict, data, lambda member=0: None))
        sure.append(float(np.load(tmp_path / "p.npz")["valid"].max(axis=1).mean()))
    assert sure[1] < sure[0] - 0.05


def test_a_batch_larger_than_the_data_is_all_of_it(make_data: MakeData) -> None:
    data = make_data()
    whole, larger = (
        run(make_job({"training.batch_size": size}), data).result for size in (72, 1_000_000)
    )
    assert curve(whole) == curve(larger)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_said(device: str) -> None:
    from automl.errors import ConfigError
    from automl.training.hardware import pick_device

    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if here[device]:
        assert pick_device(device).type == device
        return
    with pytest.raises(ConfigError, match=f"device '{device}' is not available"):
        pick_device(device)


def test_images_of_mnist_are_learned(tmp_path: Path) -> None:
    from automl.data import load

    whole = PreparedData.fit(load("mnist"))
    part: dict[str, Any] = {
        name: getattr(whole, name)[:2000] for name in ("train_X", "train_y", "valid_X", "valid_y")
    }
    data = PreparedData(
        whole.task, whole.preprocessing, whole.target, **part, test_X=whole.test_X[:500]
    )
    path = tmp_path / "w.safetensors"
    result = run(make_job({"model.width": 32}, epochs=3, weights=path), data).result
    assert (result.valid_score or 0.0) > 0.8
    first = path.read_bytes()
    run(make_job({"model.width": 32}, epochs=3, weights=path), data)
    assert path.read_bytes() == first, "one seed, two networks"


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_table_with_embeddings_is_learned(precision: str) -> None:
    table = build("made", "vector", make_table_raw("regression", rows=600))
    job = replace(make_job(epochs=30, metric="rmse"), precision=precision)
    data = PreparedData.fit(table, job.variant)
    assert data.preprocessing.inputs.categories == (41,)
    result = run(job, data).result
    assert (result.valid_score or np.inf) < 0.6 * float(table.valid.y.std())


def test_balanced_class_weights_find_more_of_a_rare_class(make_data: MakeData) -> None:
    data = make_data("binary", rows=400)
    rng = np.random.default_rng(0)
    y = (data.train_X[:, 0] + 1.5 * rng.normal(size=len(data.train_X)) > 2.0).astype(np.int64)
    valid_y = (data.valid_X[:, 0] > 1.0).astype(np.int64)
    rare = replace(data, train_y=y, valid_y=valid_y)
    scores = {
        weights: run(
            make_job({"training.class_weights": weights}, epochs=15, metric="balanced_accuracy"),
            rare,
        ).result.valid_score
        for weights in ("none", "balanced")
    }
    assert scores["balanced"] > scores["none"] + 0.1


def test_hubers_loss_is_pulled_less_by_outliers(make_data: MakeData) -> None:
    data = make_data("regression", rows=400)
    y = data.train_y.copy()
    y[::10] += 2000  # one in ten, always upwards
    spoilt = replace(data, train_y=y, target=TargetScaling.fit(y))
    scores = {
        loss: run(
            make_job(
                {"training.loss": loss, "training.huber_delta": 0.05}, epochs=30, metric="mae"
            ),
            spoilt,
        ).result.valid_score
        for loss in ("squared", "huber")
    }
    assert scores["huber"] < 0.5 * scores["squared"]
