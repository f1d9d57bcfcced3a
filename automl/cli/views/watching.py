"""What ``automl watch`` shows: the views of a search, fed from the database."""

from __future__ import annotations

from rich.console import Console

import automl
from automl import News, Observer, Overview, StudyView
from automl.cli.views.search import LiveView, PlainView
from automl.cli.views.tables import seconds_text


def _headline(overview: Overview) -> str:
    total = "" if overview.trials is None else f" of {overview.trials}"
    done = f"{len(overview.before)}{total} trials so far"
    return f"watching study {overview.study}: {done}"


class _Watch(Observer):
    """The part that both views share."""

    view: StudyView

    def start(self) -> None:
        """Introduce the study."""
        self.search_started(automl.overview_of(self.view))

    def end(self, study: str) -> None:
        """Say how the study stands now that nobody searches it."""
        view = automl.read_study(study)
        print(f"nobody is searching study {study}; it has {len(view.records)} trials")
        if view.result is not None and view.result.verdict:
            said = [view.result.headline, view.result.verdict]
            print("\n" + "\n\n".join(text for text in said if text))


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
