"""What ``automl watch`` shows: the views of a search, fed from the database."""

from __future__ import annotations

from rich.console import Console

from automl.cli.views.search import LiveView, PlainView
from automl.cli.views.tables import seconds_text
from automl.config import available_cores
from automl.orchestrator.observer import Observer, Overview
from automl.study.follower import News
from automl.study.view import StudyView, read_study


def _overview(view: StudyView) -> Overview:
    """The study as a search would introduce it; what the database does not know is empty."""
    config, folds = view.config, view.folds
    return Overview(
        study=view.folder.name,
        dataset=str(config.get("dataset", "?")),
        rows=0,
        metric=view.metric,
        trials=max(int(config.get("trials", 0)), len(view.records) + view.running),
        before=view.records,
        workers=config.get("workers") or available_cores(),
        max_epochs=folds.total if folds else int(config.get("max_epochs") or 0),
        time_budget=config.get("time_budget"),
        space=view.space,
    )


def _headline(overview: Overview) -> str:
    done = f"{len(overview.before)} of {overview.trials} trials so far"
    return f"watching study {overview.study}: {done}"


class _Watch(Observer):
    """The part that both views share."""

    view: StudyView

    def start(self) -> None:
        """Introduce the study."""
        self.search_started(_overview(self.view))

    def end(self, study: str) -> None:
        """Say how the study stands now that nobody searches it."""
        view = read_study(study)
        print(f"nobody is searching study {study}; it has {len(view.records)} trials")
        if view.result is not None and view.result.verdict:
            print(f"\n{view.result.verdict}")


class PlainWatch(_Watch, PlainView):
    """One line a trial."""

    def __init__(self, view: StudyView) -> None:
        PlainView.__init__(self)
        self.view = view

    def headline(self, overview: Overview) -> str:
        return _headline(overview)

    def show(self, news: News) -> None:
        """Print what is new."""
        for record in news.finished:
            self.trial_finished(record)


class LiveWatch(_Watch, LiveView):
    """A few lines that stay where they are."""

    def __init__(self, view: StudyView, console: Console | None = None) -> None:
        LiveView.__init__(self, console)
        self.view = view
        self._running: list[tuple[int, float]] = []

    def headline(self, overview: Overview) -> str:
        return _headline(overview)

    def busy(self, overview: Overview) -> list[str]:
        return [f"trial {n} for {seconds_text(seconds)}" for n, seconds in self._running]

    def show(self, news: News) -> None:
        """Draw how things stand."""
        for record in news.finished:
            self.trial_finished(record)
        self._running = news.running
        self.tick()
