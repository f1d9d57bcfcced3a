"""``automl search``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from automl.cli.options import QUIET, add_command

if TYPE_CHECKING:
    from automl.config import SearchConfig
    from automl.orchestrator.observer import Observer


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    add_command(app, "search", search, "SearchConfig")


def search(config: SearchConfig, quiet: QUIET = False) -> None:
    """Search for the best network, compare it with baselines, and save it."""
    from automl.cli.views.result import print_result
    from automl.orchestrator.search import search as run_search
    from automl.study.view import read_study

    result = run_search(config, _view(quiet=quiet))
    view = read_study(result.study, config.storage)
    print_result(result, view)
    if result.status == "interrupted":
        raise typer.Exit(130)


def _view(*, quiet: bool) -> Observer:
    from automl.cli.views.search import LiveView, PlainView
    from automl.orchestrator.observer import Observer

    if quiet:
        return Observer()
    return LiveView() if sys.stdout.isatty() else PlainView()
