"""What is handed over is what is better by rows that did not choose it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.metrics import METRICS
from automl.option_types import Prefer
from automl.orchestrator.choose_ensemble import (
    FOLD_NETWORKS,
    MAX_NETWORKS,
    Together,
    Wish,
    choose_ensemble,
)
from automl.orchestrator.ensemble_units import Trained, Unit
from automl.study.run import Run

ACCURACY, RMSE = METRICS["accuracy"], METRICS["rmse"]
ROWS = 200


def unit(trial: int, valid: np.ndarray, networks: int = 1) -> Unit:
    run = Run(trial)
    trained = [Trained(run, fold if networks > 1 else None, Path()) for fold in range(networks)]
    return Unit(str(run), tuple(trained), valid, (valid[:5],) * networks, 1.0, 0.5)


def classes(seed: int, y: np.ndarray, skill: float) -> np.ndarray:
    """Probabilities of two classes, with errors of their own."""
    noise = np.random.default_rng(seed).normal(size=len(y))
    p = 1 / (1 + np.exp(-(skill * (2 * y - 1) + noise)))
    return np.column_stack([1 - p, p])


def chosen(
    units: list[Unit],
    y: np.ndarray,
    prefer: Prefer = "auto",
    *,
    named: Sequence[Run] = (),
    winner: int | None = None,
    **limits: Any,
) -> Together:
    metric = ACCURACY if y.dtype.kind == "i" else RMSE
    in_folds = units[0].networks[0].fold is not None
    wish = Wish(prefer, **limits)
    together = choose_ensemble(
        units, y, metric, wish, in_folds=in_folds, named=named, winner=winner
    )
    assert together is not None
    return together


def labels() -> np.ndarray:
    return np.random.default_rng(9).integers(2, size=ROWS)


def test_networks_that_help_each_other_are_handed_over_together() -> None:
    y = labels()
    together = chosen([unit(i, classes(i, y, 0.7)) for i in range(5)], y)
    assert together.found.handed_over
    assert together.found.judged_scores is not None
    ensemble, single = together.found.judged_scores
    assert ensemble > single
    assert "rows that had no part in choosing it" in together.found.why
    assert sum(together.shares) == pytest.approx(1)


def test_a_network_that_is_far_better_is_handed_over_alone() -> None:
    random = np.random.default_rng(0)
    y = random.normal(size=ROWS)
    units = [unit(0, y + 0.01 * random.normal(size=ROWS)), unit(1, random.normal(size=ROWS))]
    together = chosen(units, y)
    assert not together.found.handed_over
    assert len(together.networks) == 2


def test_an_average_without_the_winner_is_not_handed_over_in_its_place() -> None:
    """A time budget may end the winner's trial after a part of its folds."""
    y = labels()
    units = [unit(i, classes(i, y, 0.7), networks=5) for i in range(3)]
    assert chosen(units, y, winner=2).found.handed_over
    together = chosen(units, y, winner=7)
    assert not together.found.handed_over
    assert "not trained on every fold" in together.found.why
    assert chosen(units, y, "ensemble", winner=7).found.handed_over


def test_of_equal_accuracies_the_log_loss_decides() -> None:
    y = labels()
    sure = np.column_stack([1 - y, y]).clip(0.2, 0.8)
    # Both are always right; each is unsure of half of the rows, and not of the same.
    half = np.arange(ROWS) % 2 == 0
    a, b = (np.where(m[:, None], sure, 0.5 + (sure - 0.5) / 30) for m in (half, ~half))
    together = chosen([unit(0, a, networks=2), unit(1, b, networks=2)], y)
    assert together.found.judged_scores == (1.0, 1.0)
    assert together.found.handed_over
    assert "log loss" in together.found.why


@pytest.mark.parametrize(("prefer", "several"), [("single", False), ("ensemble", True)])
def test_what_is_asked_for_is_handed_over(prefer: Prefer, several: bool) -> None:
    y = labels()
    together = chosen([unit(i, classes(i, y, 0.7)) for i in range(5)], y, prefer)
    assert together.found.handed_over is several
    assert f"--prefer {prefer}" in together.found.why


@pytest.mark.parametrize("prefer", ["auto", "ensemble"])
@pytest.mark.parametrize(
    ("limits", "why"),
    [({"max_size": 1}, "--max-size allows 0.001kB"), ({"max_latency": 0.6}, "allows 0.6s")],
)
def test_an_ensemble_that_costs_more_than_is_allowed_is_not_handed_over(
    prefer: Prefer, limits: dict[str, Any], why: str
) -> None:
    y = labels()
    units = [unit(i, classes(i, y, 0.7)) for i in range(5)]
    together = chosen(units, y, prefer, **limits)
    assert not together.found.handed_over
    assert together.found.why.endswith(why)
    assert chosen(units, y, prefer, max_size=10**9, max_latency=1e3).found.handed_over


def test_a_smaller_ensemble_is_chosen_where_a_large_one_costs_too_much() -> None:
    y = labels()
    units = [unit(i, classes(i, y, 0.7)) for i in range(12)]
    free = chosen(units, y)
    limit = free.predict_1000 * 0.6
    together = chosen(units, y, max_latency=limit)
    assert together.found.handed_over
    assert 1 < len(together.networks) < len(free.networks)
    assert together.predict_1000 <= limit


@pytest.mark.parametrize("networks", [1, 2, 5, 7, 20])
def test_there_is_a_limit_to_the_networks(networks: int) -> None:
    y = labels()
    together = chosen([unit(i, classes(i, y, 0.7), networks) for i in range(30)], y)
    assert 1 < len(together.networks) <= (MAX_NETWORKS if networks == 1 else FOLD_NETWORKS)
    assert sum(together.shares) == pytest.approx(1)
    assert together.fit == len(together.found.members) * 1.0


def test_of_one_split_nothing_that_could_not_be_judged_is_handed_over() -> None:
    y = labels()[:4]
    together = chosen([unit(i, classes(i, y, 0.7)) for i in range(3)], y)
    assert not together.found.handed_over
    assert "every validation row had a part in choosing the ensemble" in together.found.why


@pytest.mark.parametrize("runs", [1, 2])
def test_in_cross_validation_the_networks_of_all_folds_are_handed_over(runs: int) -> None:
    random = np.random.default_rng(0)
    y = random.normal(size=ROWS)
    units = [unit(i, y + i * random.normal(size=ROWS), networks=3) for i in range(runs)]
    together = chosen(units, y)
    assert together.found.handed_over
    assert len(together.networks) >= 3
    assert "networks of all folds" in together.found.why
    assert not chosen(units, y, "single").found.handed_over
    assert not chosen(units, y, max_size=1).found.handed_over


def test_what_is_chosen_is_not_worse_than_the_first_configurations_averaged() -> None:
    random = np.random.default_rng(0)
    y = random.normal(size=ROWS)
    # Alone they are the worst, and together they are right.
    noise = 3.0 * random.normal(size=ROWS)
    first = [unit(7, y + noise, 2), unit(8, y - noise, 2)]
    others = [unit(i, y + random.normal(size=ROWS), 2) for i in range(4)]
    assert chosen([*others, *first], y).found.valid_score > 0.01
    together = chosen([*others, *first], y, named=(Run(7), Run(8)))
    assert together.found.members == {"trial 7": 0.5, "trial 8": 0.5}
    assert together.found.valid_score == pytest.approx(0, abs=1e-9)


def test_one_network_is_no_ensemble() -> None:
    y = labels()
    assert choose_ensemble([unit(0, classes(0, y, 0.7))], y, ACCURACY, Wish("ensemble")) is None
