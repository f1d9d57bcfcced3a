"""How long a training is in a time budget that was given alone."""

from __future__ import annotations

import pytest

from automl.orchestrator.plan_epochs import FEW, LEAST, LONGEST, MANY, make_plan


@pytest.mark.parametrize(
    ("usual", "fits", "epochs"),
    [
        (12, (FEW + MANY) / 2, 12),
        (12, FEW / 2, 6),
        (12, 0.01, LEAST),
        (12, 2 * MANY, 24),
        (12, 100 * MANY, LONGEST),
        (120, 100 * MANY, 120),  # small data has more than the longest of large data
        (2, 0.01, 2),
        (90, FEW / 3, 30),  # fitting as many of the 45 after which early stopping ends them
    ],
)
def test_a_budget_shortens_and_lengthens(usual: int, fits: float, epochs: int) -> None:
    length = min(usual, max(20, usual // 2))
    assert make_plan(usual, {"cnn": 5.0}, fits * 5.0 * length).epochs == epochs


def test_a_longer_budget_never_makes_trainings_shorter() -> None:
    epochs = [make_plan(12, {"cnn": 5.0}, float(budget)).epochs for budget in range(1, 20_000, 50)]
    assert epochs == sorted(epochs)


def test_it_says_why() -> None:
    said = str(make_plan(12, {"cnn": 5.0}, 120.0))
    assert said == (
        "an epoch of cnn takes about 5 s, so there is time for about 2 trainings of up to 12"
        " epochs: a training has 4 epochs, in place of 12; --max-epochs decides otherwise"
    )


def test_of_several_families_one_slow_one_does_not_cut_all_short() -> None:
    seconds = {"mlp": 1.0, "cnn": 5.0, "transformer": 50.0}
    assert make_plan(12, seconds, 600.0).epochs == 12  # by cnn, of which 10 fit
    assert make_plan(12, seconds, 12 * 5.0 * 2 * MANY).epochs == 12  # not by mlp
    assert make_plan(12, {"mlp": 1.0, "cnn": 5.0}, 120.0).epochs == 4
