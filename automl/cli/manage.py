"""``automl remove``, ``rename`` and ``move``: what becomes of studies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from automl.cli.panels import HOUSEKEEPING
from automl.errors import ConfigError

StudyName = Annotated[str, typer.Argument(help="A name from `automl studies`.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("remove", rich_help_panel=HOUSEKEEPING)(remove)
    app.command("rename", rich_help_panel=HOUSEKEEPING)(rename)
    app.command("move", rich_help_panel=HOUSEKEEPING)(move)


def remove(
    studies: Annotated[list[str], typer.Argument(help="Names from `automl studies`.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete studies with their trials, models and reports; this cannot be undone."""
    import automl

    folders = [str(automl.find_study(name).path) for name in studies]  # all or none
    if not yes:
        _ask(", ".join(folders))
    for name in studies:
        automl.remove_study(name)
        print(f"removed {name}")


def _ask(what: str) -> None:
    if not sys.stdin.isatty():
        raise ConfigError(f"remove: must be confirmed with --yes where nobody can be asked: {what}")
    if input(f"delete {what} for good? [y/N] ").strip().lower() not in ("y", "yes"):
        raise typer.Exit(1)


def rename(
    study: StudyName,
    new: Annotated[str, typer.Argument(help="The new name.")],
) -> None:
    """Rename a study: its folder, its name in the database, and its report."""
    import automl

    print(f"study {study} is now {automl.rename_study(study, new)}")


def move(
    study: StudyName,
    to: Annotated[Path, typer.Argument(help="Folder for studies; it is made if it is missing.")],
) -> None:
    """Move a study to another folder of studies."""
    import automl

    print(f"study {study} is now {automl.move_study(study, to)}")
    print(f"next: AUTOML_STUDIES={to} automl show {study}")
