"""TPE with scipy's function draws what Optuna's own would have drawn."""

from __future__ import annotations

import numpy as np
from optuna.samplers._tpe import _truncnorm
from scipy.special import log_ndtr

from automl.sampling.tpe_patch import speed_up


def test_scipy_agrees_with_optunas_function_to_twelve_digits() -> None:
    x = np.concatenate([np.linspace(-40, 8, 2001), [-1e3, -20.0, 6.0, 0.0]])
    own = np.array([_truncnorm._log_ndtr_single(float(value)) for value in x])
    np.testing.assert_allclose(log_ndtr(x), own, rtol=1e-12, atol=1e-15)


def test_the_function_is_where_it_is_replaced() -> None:
    assert speed_up()
    assert _truncnorm._log_ndtr is log_ndtr
