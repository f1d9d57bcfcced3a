"""Long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000)."""

from __future__ import annotations

from automl.models._recurrent import Recurrent

FAMILY = Recurrent("LSTM", gates=4)
