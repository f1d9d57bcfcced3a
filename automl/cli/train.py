"""``automl train``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from automl.cli.options import (
    DROP,
    GROUP,
    KIND,
    METRIC,
    ORDER,
    PLUGIN,
    SEQUENCE,
    TARGET,
    TASK,
    TEST_DATA,
    TIME,
)

if TYPE_CHECKING:
    from automl.orchestrator.train_one import TrainObserver
    from automl.result import TrainResult

Flag = typer.Option


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("train")(train)


def train(
    configuration: Annotated[
        str,
        typer.Argument(
            help="A configuration from `automl spaces`, or a YAML file in which all is fixed."
        ),
    ],
    dataset: Annotated[
        str, Flag(help="A name from `automl datasets`, openml:ID, a file, or a folder.")
    ],
    target: TARGET = None,
    task: TASK = None,
    test_data: TEST_DATA = None,
    group: GROUP = None,
    time: TIME = None,
    drop: DROP = None,
    kind: KIND = None,
    sequence: SEQUENCE = None,
    order: ORDER = None,
    epochs: Annotated[
        int | None, Flag(help="Passes over the rows; by default the configuration's own.")
    ] = None,
    rows: Annotated[
        str | None,
        Flag(
            help="train: keep the epoch that is best on the validation rows; all: train on those"
            " too, and keep the last. By default the configuration's own."
        ),
    ] = None,
    metric: METRIC = None,
    plugin: PLUGIN = None,
    assignments: Annotated[
        list[str] | None, Flag("--set", help="Replace a value: --set model.width=50.")
    ] = None,
    seed: Annotated[int, Flag(help="Every random choice comes from it.")] = 0,
    study: Annotated[
        str | None, Flag(help="Name for the model; by default DATASET-CONFIGURATION.")
    ] = None,
    executor: Annotated[str, Flag(help="process, or inline for debugging.")] = "process",
    device: Annotated[str, Flag(help="auto, cpu, cuda or mps.")] = "auto",
    onnx: Annotated[
        bool, Flag("--onnx/--no-onnx", help="Export the model to model.onnx too.")
    ] = False,
    download: Annotated[bool, Flag("--download", help="Fetch a missing data set.")] = False,
    quiet: Annotated[bool, Flag("--quiet", "-q", help="Print the result only.")] = False,
) -> None:
    """Train one configuration without a search, score it on the test split, and save it."""
    from automl.config import TrainConfig
    from automl.space.file import parse_assignment

    config = TrainConfig(
        configuration=configuration,
        dataset=dataset,
        target=tuple(target or ()),
        task=task,
        test_data=test_data,
        group=group,
        time=time,
        drop=tuple(drop or ()),
        kind=kind,
        sequence=sequence,
        order=order,
        epochs=epochs,
        metric=metric,
        rows=rows,
        plugins=tuple(plugin or ()),
        fixed=dict(parse_assignment(text) for text in assignments or []),
        seed=seed,
        study=study,
        executor=executor,
        device=device,
        onnx=onnx,
        download=download,
    )
    from automl.orchestrator.train_one import train as run_training

    result = run_training(config, _view(quiet=quiet))
    print_training(result)
    if result.status == "interrupted":
        raise typer.Exit(130)


def _view(*, quiet: bool) -> TrainObserver:
    from automl.cli.views.train import LiveTraining, PlainTraining
    from automl.orchestrator.train_one import TrainObserver

    if quiet:
        return TrainObserver()
    return LiveTraining() if sys.stdout.isatty() else PlainTraining()


def print_training(result: TrainResult) -> None:
    """The test score, where the model lies, what to type next."""
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
    print(f"model  {result.folder}/best")
    print(f'next   automl.load_model("{result.study}"), or automl predict {result.study} DATA')
