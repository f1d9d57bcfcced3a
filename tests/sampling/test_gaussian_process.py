"""The Gaussian process: what it predicts, and the gradient by which it is fitted."""

from __future__ import annotations

import numpy as np
from scipy.optimize import check_grad

from automl.sampling.gaussian_process import GaussianProcess


def test_it_predicts_a_smooth_function_and_knows_where_it_does_not() -> None:
    rng = np.random.default_rng(0)
    X = rng.random((60, 3))
    X[:, 0] *= 0.7

    def f(X: np.ndarray) -> np.ndarray:
        return np.asarray(np.sin(4 * X[:, 0]) + 2 * X[:, 1])

    process = GaussianProcess(X, f(X))
    new = rng.random((50, 3))
    new[:, 0] *= 0.7
    mean, spread = process.predict(new)
    assert np.abs(mean - f(new)).max() < 0.15
    far = process.predict(np.array([[1.0, 0.5, 0.5]]))[1]
    assert far[0] > 2 * spread.mean()
    assert process.theta[2] > max(process.theta[:2]), "the third column changes nothing"


def test_its_gradient_is_that_of_its_loss() -> None:
    rng = np.random.default_rng(1)
    X = rng.random((12, 2))
    process = GaussianProcess(X, rng.normal(size=12))
    process._squares = np.square(X[:, None, :] - X[None, :, :])
    for theta in rng.normal(0.0, 0.5, (3, 4)):
        apart = check_grad(lambda t: process._loss(t)[0], lambda t: process._loss(t)[1], theta)
        assert apart < 1e-4
