"""``automl report``, ``dashboard`` and ``watch``: a search to look at."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from automl.cli.panels import STUDIES
from automl.errors import StudyError

StudyName = Annotated[str, typer.Argument(help="A name from `automl studies`.")]

LOOK_SECONDS = 1.0
"""How often `watch` reads the database: a glance costs milliseconds, and people no more often."""


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("report", rich_help_panel=STUDIES)(report)
    app.command("dashboard", rich_help_panel=STUDIES)(dashboard)
    app.command("watch", rich_help_panel=STUDIES)(watch)


def report(
    study: StudyName,
    open_page: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write a study's report.html again; a search writes it at its end."""
    import automl

    path = automl.write_report(study)
    print(path)
    if open_page:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())


def dashboard(
    study: Annotated[
        str | None, typer.Argument(help="A name from `automl studies`; by default the newest.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = 0,
    writable: Annotated[
        bool, typer.Option("--writable", help="Allow the page to change and delete studies.")
    ] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Open optuna-dashboard on a study, on this machine only, until Ctrl-C is pressed."""
    import automl

    # Ctrl-C is the way to end it, so it is no failure: exit code 0.
    try:
        with automl.open_dashboard(study, port=port, writable=writable) as running:
            print(f"study {running.study}: {running.address}", flush=True)
            print("Ctrl-C stops it", flush=True)
            if open_page:
                import webbrowser

                webbrowser.open(running.address)
            running.process.wait()
    except KeyboardInterrupt:
        print("\nstopped")
        return
    raise StudyError("the dashboard has ended by itself")


def watch(study: StudyName) -> None:
    """Follow a search from another terminal; ends when the search does."""
    import automl
    from automl.cli.views.watching import LiveWatch, PlainWatch

    follower = automl.follow(study)
    view = LiveWatch(follower.view) if sys.stdout.isatty() else PlainWatch(follower.view)
    view.start()
    try:
        while True:
            news = follower.news()
            view.show(news)
            if news.ended:
                break
            time.sleep(LOOK_SECONDS)
    finally:
        view.close()
        follower.close()
    view.end(study)
