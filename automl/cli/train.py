"""``automl train``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from automl.cli.options import QUIET, add_command

if TYPE_CHECKING:
    from automl import TrainConfig, TrainObserver, TrainResult


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    add_command(app, "train", train, "TrainConfig", {"configuration": "configuration"})


def train(config: TrainConfig, quiet: QUIET = False) -> None:
    """Train one configuration without a search, score it on the test split, and save it."""
    import automl

    result = automl.train(**dict(config), observer=_view(quiet=quiet))
    print_training(result)
    if result.status == "interrupted":
        raise typer.Exit(130)


def _view(*, quiet: bool) -> TrainObserver:
    import automl
    from automl.cli.views.train import LiveTraining, PlainTraining

    if quiet:
        return automl.TrainObserver()
    return LiveTraining() if sys.stdout.isatty() else PlainTraining()


def print_training(result: TrainResult) -> None:
    """Print the test score, where the model lies, and what to type next."""
    from automl.cli.views.tables import short_count
    from automl.evaluation.formatting import format_score, format_seconds, metric_label

    done = f"{len(result.history)} of {result.max_epochs} epochs"
    if result.status == "interrupted":
        print(f"stopped after {done}; the model is what it was then")
    print(
        f"{short_count(result.n_weights)} weights, {done} on {result.rows['train']:,} rows in"
        f" {format_seconds(result.seconds)}; the model is that of epoch {result.kept_epoch}"
    )
    low, score, high = (
        format_score(result.metric, value)
        for value in (result.test.low, result.test.score, result.test.high)
    )
    print(f"test {metric_label(result.metric)} {score} (95 % interval {low} to {high})\n")
    print(f"model  {result.model}")
    print(f'next   automl.load_model("{result.study}"), or automl predict {result.study} DATA')
