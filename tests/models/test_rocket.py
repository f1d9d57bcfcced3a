"""Random convolutions: fitted once, not trained; and what is learned of a series, to its end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from automl.data import PreparedData, build
from automl.data.raw import Raw
from automl.models.rocket import FAMILY, RocketSettings
from automl.space.file import load_space
from automl.task import Inputs
from automl.training import frozen
from automl.training.jobs import TrainJob
from automl.training.loop import outputs
from automl.training.train import train
from automl.trial import Candidate, TrialResult

FEATURES, LENGTHS = 2, (9, 1, 4, 5, 8)
INPUTS = Inputs("sequence", (max(LENGTHS), FEATURES + 1), masked=True)
PLAIN = Inputs("sequence", (max(LENGTHS), FEATURES))
SETTINGS = RocketSettings(biases=3, pooling="three", differences="yes")


def _rows() -> Tensor:
    """Rows of each length, whose padding is not 0 for once."""
    X = torch.randn(len(LENGTHS), *INPUTS.shape, generator=torch.Generator().manual_seed(0))
    for row, length in zip(X, LENGTHS, strict=True):
        row[:, -1] = (torch.arange(len(row)) < length).float()
    return X


def _fitted(X: Tensor, inputs: Inputs = INPUTS, settings: RocketSettings = SETTINGS) -> nn.Module:
    torch.manual_seed(0)
    network = FAMILY.build(settings, inputs, 3)
    network.features.fit(X)
    return network.eval()


def test_padding_changes_no_prediction_and_nothing_that_is_fitted() -> None:
    X = _rows()
    other = torch.where(X[:, :, -1:] > 0, X, torch.tensor([9.0, -9.0, 0.0]))
    network, same = _fitted(X), _fitted(other)
    out = network(X)
    assert torch.equal(out, same(other))
    for i, length in enumerate(LENGTHS):
        assert torch.allclose(out[i], network(X[i : i + 1, :length])[0], atol=1e-5), length
    plain = FAMILY.build(SETTINGS, PLAIN, 3).eval()
    plain.load_state_dict(network.state_dict())
    assert torch.allclose(out[0], plain(X[:1, :, :FEATURES])[0], atol=1e-5)


def test_features_are_standardised_and_constant_ones_left_out() -> None:
    X = torch.randn(20, 30, 1, generator=torch.Generator().manual_seed(0))
    X[:, :, 0] *= torch.linspace(0.1, 3, 20)[:, None]
    network = _fitted(X, Inputs("sequence", (30, 1)))
    found = network.features(X).detach()
    squares = found.square().sum(0) * found.shape[1] / len(X)
    assert torch.allclose(found.mean(0), torch.zeros(()), atol=1e-5)
    assert torch.allclose(squares[squares > 0], torch.ones(()), atol=1e-3)
    assert (_fitted(X[:1].expand(20, -1, -1), Inputs("sequence", (30, 1))).features(X) == 0).all()


def _with_a_pattern(rows: int) -> PreparedData:
    """Noise in which stands, anywhere, a rise and a fall, or the same steps the other way round."""
    random = np.random.RandomState(0)
    X, y = random.normal(scale=0.2, size=(rows, 60, 1)), np.arange(rows) % 2
    shape = np.array([1.0, 2.0, 3.0, -2.0, -1.0, 0.0])
    for row, label, start in zip(X, y, random.randint(0, 54, rows), strict=True):
        row[start : start + 6, 0] += shape[::-1] if label else shape
    return PreparedData.fit(build("made", "sequence", Raw(X, y, ("up", "down"))))


def _train(data: PreparedData, weights: Path) -> TrialResult:
    space = load_space("rocket")
    params = {**space.fixed, **space.start[1], "model.biases": 10, "model.pooling": "share"}
    job = TrainJob(Candidate(0, 0, params, 5), "accuracy", patience=5, weights=str(weights))
    running = train(job, data, lambda: None)
    while True:
        try:
            next(running)
        except StopIteration as over:
            result: TrialResult = over.value
            return result


def test_a_head_learns_and_the_whole_network_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Features computed once give what a network computed anew in every step gives."""
    data = _with_a_pattern(120)
    kept = _train(data, tmp_path / "kept.safetensors")
    monkeypatch.setattr(frozen, "KEPT", 0)
    anew = _train(data, tmp_path / "anew.safetensors")
    assert kept.history[-1].valid_score > 0.9
    assert [round(e.valid_loss, 3) for e in kept.history] == [
        round(e.valid_loss, 3) for e in anew.history
    ]
    network = FAMILY.build(RocketSettings(biases=10), data.preprocessing.inputs, 1)
    network.load_state_dict(load_file(tmp_path / "kept.safetensors"))
    out = outputs(network, torch.as_tensor(data.valid_X))[:, 0].numpy()
    best = kept.history[(kept.best_epoch or 1) - 1]
    assert np.mean((out > 0) == data.valid_y) == pytest.approx(best.valid_score)
