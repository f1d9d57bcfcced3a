"""``automl report``, ``dashboard`` and ``watch``: a search to look at."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from automl.errors import StudyError

if TYPE_CHECKING:
    from automl.study.folder import StudyFolder

StudyName = Annotated[str, typer.Argument(help="A name from `automl studies`.")]

LOOK_SECONDS = 1.0
"""How often `watch` reads the database: a glance costs milliseconds, and people no more often."""


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("report")(report)
    app.command("dashboard")(dashboard)
    app.command("watch")(watch)


def report(
    study: StudyName,
    open_page: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write the study's page, report.html, anew; a search that ends has written it already."""
    from automl.report.gather import write_study_report

    path = write_study_report(study)
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
    from automl.dashboard.process import running_dashboard
    from automl.study.view import read_study

    folder = _folder(study)
    read_study(folder.name)  # says what is wrong with it
    # Ctrl-C is the way to end it, so it is no failure: exit code 0.
    try:
        with running_dashboard(folder, port=port, writable=writable) as (address, process):
            print(f"study {folder.name}: {address}", flush=True)
            print("Ctrl-C stops it", flush=True)
            if open_page:
                import webbrowser

                webbrowser.open(address)
            process.wait()
    except KeyboardInterrupt:
        print("\nstopped")
        return
    raise StudyError("the dashboard has ended by itself")


def _folder(study: str | None) -> StudyFolder:
    """The study's folder, or that of the study that was written last."""
    from automl.locations import studies_folder
    from automl.study.folder import StudyFolder
    from automl.study.view import study_names

    if study is not None:
        return StudyFolder.named(study)
    folders = [StudyFolder.named(name) for name in study_names()]
    if not folders:
        raise StudyError(
            f"there are no studies in {studies_folder()}/ yet; make one with `automl search`"
        )
    return max(folders, key=_written)


def _written(folder: StudyFolder) -> float:
    return (folder.database if folder.database.exists() else folder.address).stat().st_mtime


def watch(study: StudyName) -> None:
    """Follow a search from another terminal; ends when the search does."""
    from automl.cli.views.watching import LiveWatch, PlainWatch
    from automl.study.follower import Follower

    follower = Follower(study)
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
