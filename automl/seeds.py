"""Seeds: every random choice comes from the study's seed and a number or two."""

from __future__ import annotations

import numpy as np


def derive_seed(*parts: int) -> int:
    """Derive a seed below 2^63 from every part, such as (study seed, trial number)."""
    state = np.random.SeedSequence(parts).generate_state(1, np.uint64)
    return int(state.item()) >> 1
