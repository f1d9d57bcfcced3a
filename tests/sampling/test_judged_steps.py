"""The steps between two judgements, as they are done together."""

from __future__ import annotations

import pytest

from automl.sampling.judged_steps import steps_together


@pytest.mark.parametrize(
    ("pruner", "steps", "together"),
    [
        ("halving", 5, (1, 4)),
        ("median", 10, (1, 9)),
        ("none", 5, (5,)),
    ],
)
def test_what_comes_after_the_first_judgement_waits_for_it(
    pruner: str, steps: int, together: tuple[int, ...]
) -> None:
    assert steps_together(pruner, steps) == together
