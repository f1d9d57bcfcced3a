"""Forecasts relative to their window, so that a network need not know how large a series is.

Window and forecast are shifted by the same number and divided by the same: the networks see series
of all sizes alike, and a trend that goes on beyond what was ever seen is no extrapolation. After
Zeng et al. (2023), NLinear (arXiv 2205.13504), and Kim et al. (2022), RevIN.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl.task import Window


class Relative(nn.Module):
    """A network between the scaling of its windows and that of its forecasts.

    The forecast of a series that is multiplied, or to which a number is added, is changed alike.

    Parameters
    ----------
    inner : torch.nn.Module
        Maps ``(rows, window.steps, features)`` to ``(rows, horizon)``.
    window : Window
    horizon : int
    """

    def __init__(self, inner: nn.Module, window: Window, horizon: int) -> None:
        super().__init__()
        self.inner = inner
        self.window = window
        self.horizon = horizon

    def forward(self, rows: Tensor) -> Tensor:
        """From ``(rows, lookback, features)``, the target first, to ``(rows, horizon)``."""
        whole = rows[:, :, 0]
        target = whole[:, -self.window.steps :]
        mean = target.mean(1, keepdim=True)
        spread = (target - mean).square().mean(1, keepdim=True).sqrt()
        safe = torch.where(spread > 0, spread, torch.ones_like(spread))
        level = mean if self.window.centre == "mean" else whole[:, -1:]
        scaled = ((target - level) / safe).unsqueeze(2)
        others = rows[:, -self.window.steps :, 1:]
        out: Tensor = self.inner(torch.cat([scaled, others], dim=2))
        if self.window.centre == "season":
            level = self._last_season(whole)
        return level + out * spread

    def _last_season(self, whole: Tensor) -> Tensor:
        """Return the seasonal naive forecast, of shape ``(rows, horizon)``."""
        season = whole[:, -self.window.season :]
        times = -(-self.horizon // self.window.season)
        return season.repeat(1, times)[:, : self.horizon]
