"""A Gaussian process in NumPy: small enough for the parent process, which never loads torch."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

Numbers = NDArray[np.float64]

STEPS = 12
"""Steps of the search for hyperparameters, which goes on from where the last one ended."""

SHORTEST, LONGEST = 0.03, 50.0
"""Length scales of columns between 0 and 1."""

LEAST_NOISE = 1e-6
"""Variance that keeps the kernel's matrix positive definite where rows repeat."""

TYPICAL_NOISE = math.exp(-4)

_DEVIATIONS = (1.0, 1.0, 1.5)
"""Prior standard deviations of the logarithms of a length scale, the variance and the noise."""


class GaussianProcess:
    """Regression with a Matern kernel of 5/2 and a length scale for each column.

    Rasmussen and Williams 2006, chapters 2, 4.2 and 5.4. The hyperparameters are those of the
    greatest posterior density, under log-normal priors; the length scales are expected to grow
    with the root of the number of columns, as in Hvarfner et al. 2024 (arXiv 2402.02229), since
    distances do.

    Parameters
    ----------
    X : array of shape (n, columns)
    y : array of shape (n,)
        With a standard deviation of about 1.
    start : array of shape (columns + 2,), optional
        `theta` of an earlier fit.

    Attributes
    ----------
    theta : array of shape (columns + 2,)
        Logarithms of the length scales, the variance and the noise.
    """

    def __init__(self, X: Numbers, y: Numbers, start: Numbers | None = None) -> None:
        columns = X.shape[1]
        self._X, self._mean = X, float(y.mean())
        self._y = y - self._mean
        length = 0.5 * math.log(columns) - 0.7
        self._expected = np.append(np.full(columns, length), [0.0, math.log(TYPICAL_NOISE)])
        self._deviations = np.append(np.full(columns, _DEVIATIONS[0]), _DEVIATIONS[1:])
        self._squares = np.square(X[:, None, :] - X[None, :, :])
        lengths = (math.log(SHORTEST), math.log(LONGEST))
        self.theta: Numbers = minimize(
            self._loss,
            self._expected if start is None else start,
            jac=True,
            method="L-BFGS-B",
            bounds=[*[lengths] * columns, (-4.0, 4.0), (-9.0, 1.0)],
            options={"maxiter": STEPS},
        ).x
        covariance, _ = _matern(self._squares @ np.exp(-2 * self.theta[:-2]), self.theta[-2])
        self._lower = cholesky(self._noisy(covariance, self.theta), lower=True)
        self._weights = cho_solve((self._lower, True), self._y)
        del self._squares

    def predict(self, X: Numbers) -> tuple[Numbers, Numbers]:
        """Return the mean and the standard deviation at each row, without noise."""
        scale = np.exp(-self.theta[:-2])
        A, B = X * scale, self._X * scale
        squares = np.square(A).sum(axis=1)[:, None] + np.square(B).sum(axis=1) - 2 * A @ B.T
        covariance, _ = _matern(squares, self.theta[-2])
        solved = solve_triangular(self._lower, covariance.T, lower=True)
        variance = np.exp(self.theta[-2]) - np.square(solved).sum(axis=0)
        return self._mean + covariance @ self._weights, np.sqrt(np.maximum(variance, 1e-10))

    def _noisy(self, covariance: Numbers, theta: Numbers) -> Numbers:
        noisy = covariance.copy()
        np.fill_diagonal(noisy, noisy.diagonal() + np.exp(theta[-1]) + LEAST_NOISE)
        return noisy

    def _loss(self, theta: Numbers) -> tuple[float, Numbers]:
        """Return the negative logarithm of the posterior density, and its gradient."""
        inverse_squares = np.exp(-2 * theta[:-2])
        covariance, slope = _matern(self._squares @ inverse_squares, theta[-2])
        lower = cholesky(self._noisy(covariance, theta), lower=True)
        inverse = cho_solve((lower, True), np.eye(len(self._y)))
        weights = inverse @ self._y
        loss = 0.5 * self._y @ weights + np.log(lower.diagonal()).sum()
        # Rasmussen and Williams, (5.9): half the trace of (inverse - w w') dK / d theta.
        outer = 0.5 * (inverse - np.outer(weights, weights))
        gradient = np.empty_like(theta)
        by_column = np.tensordot(outer * slope, self._squares, axes=2)
        gradient[:-2] = -2 * by_column * inverse_squares
        gradient[-2] = (outer * covariance).sum()
        gradient[-1] = outer.trace() * np.exp(theta[-1])
        apart = (theta - self._expected) / self._deviations
        return float(loss + 0.5 * apart @ apart), gradient + apart / self._deviations


def _matern(squares: Numbers, log_variance: float) -> tuple[Numbers, Numbers]:
    """Return the kernel at squared distances, and its derivative by them."""
    root = np.sqrt(5.0 * np.maximum(squares, 1e-16))
    falling = math.exp(log_variance) * np.exp(-root)
    slope: Numbers = -5.0 / 6.0 * (1.0 + root) * falling
    return (1.0 + root + root**2 / 3.0) * falling, slope
