"""A temperature is found where there is one, and kept only where it helps."""

from __future__ import annotations

import numpy as np
import pytest

from automl.bundle.members import soften
from automl.orchestrator.calibrate import RANGE, best_temperature, calibrate


def honest(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of three classes, and labels that are drawn by them."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.full(3, 0.7), size=rows).clip(1e-6)
    p /= p.sum(axis=1, keepdims=True)
    y = (random.random((rows, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(max=2)
    return p, y


@pytest.mark.parametrize("temperature", [0.5, 2.0, 4.0])
def test_what_made_a_model_too_sure_or_too_modest_is_undone(temperature: float) -> None:
    p, y = honest(4000)
    changed = soften(p, 1 / temperature)
    assert best_temperature(changed, y) == pytest.approx(temperature, rel=0.1)
    found = calibrate(changed.astype(np.float32), y)
    assert found is not None
    assert found.temperature == pytest.approx(temperature, rel=0.1)
    assert found.log_loss_after < 0.99 * found.log_loss_before


def test_an_honest_model_is_left_as_it_is() -> None:
    p, y = honest(4000)
    assert best_temperature(p, y) == pytest.approx(1.0, abs=0.1)
    assert calibrate(p, y) is None


@pytest.mark.parametrize("rows", [3, 6, 12])
def test_few_rows_are_no_reason_to_change_anything_by_chance(rows: int) -> None:
    kept = [calibrate(*honest(rows, seed)) for seed in range(40)]
    assert sum(found is not None for found in kept) <= 20


@pytest.mark.parametrize("rows", [20, 50, 1000])
def test_a_model_that_is_always_right_is_believed_as_far_as_its_rows_go(rows: int) -> None:
    p = np.tile([[0.9, 0.1], [0.1, 0.9]], (rows, 1))
    found = calibrate(p, np.tile([0, 1], rows))
    assert found is not None
    confidence = soften(p[:1], found.temperature).max()
    # Limited by the temperatures that are tried, too.
    most = soften(p[:1], RANGE[0]).max()
    assert confidence == pytest.approx(min((rows + 1) / (rows + 2), most), abs=1e-3)
