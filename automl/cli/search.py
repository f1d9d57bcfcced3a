"""``automl search``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from automl.cli.options import QUIET, add_command

if TYPE_CHECKING:
    from automl import Observer, SearchConfig


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    add_command(app, "search", search, "SearchConfig")


def search(config: SearchConfig, quiet: QUIET = False) -> None:
    """Search for the best network, compare it with baselines, and save it."""
    import automl
    from automl.cli.views.result import print_result

    result = automl.search(**dict(config), observer=_view(quiet=quiet))
    print_result(result, automl.read_study(result.study, config.storage))
    if result.status == "interrupted":
        raise typer.Exit(130)


def _view(*, quiet: bool) -> Observer:
    import automl
    from automl.cli.views.search import LiveView, PlainView

    if quiet:
        return automl.Observer()
    return LiveView() if sys.stdout.isatty() else PlainView()
