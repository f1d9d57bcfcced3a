"""``automl search``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

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
    parse_baselines,
    parse_memory,
    parse_time,
)
from automl.errors import ConfigError

Flag = typer.Option


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("search")(search)


def search(
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
    trials: Annotated[int, Flag(help="Trials the study holds at the end.")] = 100,
    time_budget: Annotated[
        str | None, Flag(help="Time for trials and finalists: 90s, 5m, 1h.")
    ] = None,
    trial_timeout: Annotated[
        str | None, Flag(help="Time after which a trial fails: 90s, 5m, 1h.")
    ] = None,
    trial_memory: Annotated[
        str | None, Flag(help="Memory that a trial's worker may have, such as 2GB.")
    ] = None,
    space: Annotated[str | None, Flag(help="A name from `automl spaces`, or a YAML file.")] = None,
    family: Annotated[
        list[str] | None,
        Flag(help="Search this kind of network only, such as mlp or cnn; may be repeated."),
    ] = None,
    plugin: PLUGIN = None,
    assignments: Annotated[
        list[str] | None, Flag("--set", help="Fix a parameter: --set model.depth=2.")
    ] = None,
    metric: METRIC = None,
    folds: Annotated[
        int | None,
        Flag(help="Cross-validate every trial; 0: one split. By default, below 1,000 rows."),
    ] = None,
    study: Annotated[str | None, Flag(help="Name of the study; by default the data set's.")] = None,
    storage: Annotated[
        str | None,
        Flag(help="SQLAlchemy URL, in place of studies/NAME/study.db; passwords are not kept."),
    ] = None,
    seed: Annotated[int, Flag(help="Every random choice comes from it.")] = 0,
    workers: Annotated[
        int | None, Flag(help="Candidates trained at a time; by default one a core.")
    ] = None,
    deterministic: Annotated[
        bool, Flag("--deterministic", help="The same trials for any number of workers; slower.")
    ] = False,
    max_epochs: Annotated[
        int | None, Flag(help="Full budget of a trial; by default, what fits the data.")
    ] = None,
    patience: Annotated[
        int | None, Flag(help="Epochs without progress before a trial stops early.")
    ] = None,
    sampler: Annotated[
        str, Flag(help="tpe, gp (loads torch in the parent), cmaes, random or qmc.")
    ] = "tpe",
    pruner: Annotated[str, Flag(help="halving, hyperband, median or none.")] = "halving",
    executor: Annotated[str, Flag(help="process, or inline for debugging.")] = "process",
    device: Annotated[str, Flag(help="auto, cpu, cuda or mps.")] = "auto",
    finalists: Annotated[
        int, Flag(help="Top trials trained again with fresh seeds before the winner is chosen.")
    ] = 3,
    baselines: Annotated[
        str,
        Flag(help="none, or with commas: svm, logistic, boosting, mlp-sklearn, one-epoch, dummy."),
    ] = "svm,dummy",
    keep: Annotated[
        str, Flag(help="Disk space for the weights of the best trials, such as 200MB.")
    ] = "200MB",
    onnx: Annotated[
        bool, Flag("--onnx/--no-onnx", help="Export the best model to model.onnx at the end.")
    ] = True,
    report: Annotated[
        bool, Flag("--report/--no-report", help="Write report.html at the end.")
    ] = True,
    download: Annotated[bool, Flag("--download", help="Fetch a missing data set.")] = False,
    quiet: Annotated[bool, Flag("--quiet", "-q", help="Print the result only.")] = False,
) -> None:
    """Search for the best network, compare it with baselines, and save it."""
    from automl.config import SearchConfig
    from automl.space.file import parse_assignment

    config = SearchConfig(
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
        trials=trials,
        time_budget=time_budget,
        trial_timeout=parse_time(trial_timeout, "trial-timeout"),
        trial_memory=parse_memory(trial_memory),
        deterministic=deterministic,
        space=space,
        family=tuple(family or ()),
        plugins=tuple(plugin or ()),
        fixed=dict(parse_assignment(text) for text in assignments or []),
        metric=metric,
        folds=folds,
        study=study,
        storage=storage,
        seed=seed,
        workers=workers,
        max_epochs=max_epochs,
        patience=patience,
        sampler=sampler,
        pruner=pruner,
        executor=executor,
        device=device,
        finalists=finalists,
        baselines=parse_baselines(baselines),
        keep=parse_keep(keep),
        onnx=onnx,
        report=report,
        download=download,
    )
    from automl.cli.views.result import print_result
    from automl.orchestrator.search import search as run_search
    from automl.study.view import read_study

    result = run_search(config, _view(quiet=quiet))
    view = read_study(result.study, config.storage)
    print_result(result, view)
    if result.status == "interrupted":
        raise typer.Exit(130)


def parse_keep(text: str) -> int:
    """``200MB`` to bytes."""
    from automl.units import parse_size

    size = parse_size(text)
    if not isinstance(size, int):
        raise ConfigError(f"keep: must be a size such as 500kB, 200MB or 1GB, but got {text!r}")
    return size


def _view(*, quiet: bool) -> Any:
    from automl.cli.views.search import LiveView, PlainView
    from automl.orchestrator.observer import Observer

    if quiet:
        return Observer()
    return LiveView() if sys.stdout.isatty() else PlainView()
