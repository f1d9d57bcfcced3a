"""The inception network: what it can learn, and that a row is read to its own end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.svm import SVC
from torch import Tensor, nn

from automl.data import PreparedData, build
from automl.data.raw import Raw
from automl.models.inception import FAMILY, InceptionSettings
from automl.space.file import load_space
from automl.task import Inputs
from automl.training.jobs import TrainJob
from automl.training.train import train
from automl.trial import Candidate

FEATURES, LENGTHS = 2, (9, 1, 4, 5, 8)
INPUTS = Inputs("sequence", (max(LENGTHS), FEATURES + 1), masked=True)
SETTINGS = InceptionSettings(depth=4, filters=3, kernel=0.8)
SHORTENED = replace(SETTINGS, resolution=4)


def _rows() -> Tensor:
    """Rows of each length, whose padding is not 0 for once."""
    X = torch.randn(len(LENGTHS), *INPUTS.shape, generator=torch.Generator().manual_seed(0))
    for row, length in zip(X, LENGTHS, strict=True):
        row[:, -1] = (torch.arange(len(row)) < length).float()
    return X


def _build(settings: InceptionSettings, inputs: Inputs = INPUTS) -> nn.Module:
    torch.manual_seed(0)
    return FAMILY.build(settings, inputs, 3)


@pytest.mark.parametrize("settings", [SETTINGS, SHORTENED])
def test_padding_changes_no_prediction(settings: InceptionSettings) -> None:
    network, X = _build(settings).eval(), _rows()
    out = network(X)
    for i, length in enumerate(LENGTHS):
        assert torch.allclose(out[i], network(X[i : i + 1, :length])[0], atol=1e-5), length
    plain = _build(settings, Inputs("sequence", (max(LENGTHS), FEATURES))).eval()
    plain.load_state_dict(dict(zip(plain.state_dict(), network.state_dict().values(), strict=True)))
    assert torch.allclose(out[0], plain(X[:1, :, :FEATURES])[0], atol=1e-5)


@pytest.mark.parametrize("settings", [SETTINGS, SHORTENED])
def test_padding_changes_nothing_in_training(settings: InceptionSettings) -> None:
    """Norms are over the steps that are there: neither the outputs, nor a gradient, nor what is
    kept for predictions depends on what stands behind an end, or on how much.
    """
    X = _rows()[1:4]
    other = torch.where(X[:, :, -1:] > 0, X, torch.tensor([9.0, -9.0, 0.0]))
    found = []
    for rows in (X, other, X[:, :5]):
        network = _build(settings).train()
        out = network(rows)
        out.square().sum().backward()
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        found.append([out, *gradients, *network.buffers()])
    for one, *others in zip(*found, strict=True):
        for another in others:
            assert torch.allclose(one, another, atol=1e-5)


def test_a_long_series_costs_what_a_short_one_does() -> None:
    def operations(steps: int, resolution: int) -> int:
        settings = InceptionSettings(depth=6, resolution=resolution)
        return FAMILY.cost(settings, Inputs("sequence", (steps, 1)), 3).operations

    assert operations(1500, 150) < 2 * operations(150, 150) < operations(1500, 1500) / 20


def _with_a_pattern(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise in which stands, anywhere, a rise and a fall, or the same steps the other way round.

    Both have the same values, so that no statistic of a series' values tells them apart.
    """
    random = np.random.RandomState(0)
    X, y = random.normal(scale=0.2, size=(rows, 60, 1)), np.arange(rows) % 2
    shape = np.array([1.0, 2.0, 3.0, -2.0, -1.0, 0.0])
    for row, label, start in zip(X, y, random.randint(0, 54, rows), strict=True):
        row[start : start + 6, 0] += shape[::-1] if label else shape
    return X, y


def test_it_learns_a_pattern_that_may_stand_anywhere() -> None:
    X, y = _with_a_pattern(240)
    raw = Raw(X, y, ("up", "down"))
    data = PreparedData.fit(build("made", "sequence", raw))
    space = load_space("inception-small")
    params = {**space.fixed, **space.start[0], "model.filters": 4}
    job = TrainJob(Candidate(0, 0, params, max_epochs=20), "accuracy", patience=20)
    running, score = train(job, data, lambda: None), 0.0
    for message in running:
        score = max(score, getattr(message, "valid_score", 0.0))
        if score == 1.0:
            break
    assert score > 0.97
    rows, flat = data.train_X[:, :, 0], data.valid_X[:, :, 0]
    assert SVC().fit(rows, data.train_y).score(flat, data.valid_y) < 0.8
    statistics = SVC().fit(np.sort(rows), data.train_y).score(np.sort(flat), data.valid_y)
    assert statistics < 0.8
