"""The gated recurrent unit (Cho et al. 2014)."""

from __future__ import annotations

from automl.models._recurrent import Recurrent

FAMILY = Recurrent("GRU", gates=3)
