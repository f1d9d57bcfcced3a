"""Elman's recurrent network: a tanh of the step and of the state before."""

from __future__ import annotations

from automl.models._recurrent import Recurrent

FAMILY = Recurrent("RNN", gates=1)
