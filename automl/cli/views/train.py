"""What a person sees during one training: an epoch a line."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from automl import Plan, TrainObserver
from automl.evaluation.formatting import format_score
from automl.trial import EpochResult

KEPT_LINES = 8
"""Epochs that the live view shows; more would fill a small terminal."""


def headline(plan: Plan) -> str:
    """Say in one line what is about to happen."""
    rows = f"{plan.rows:,} training rows" + ("" if plan.validates else ", validation included")
    epochs = f"{plan.max_epochs} epoch" + ("s" if plan.max_epochs > 1 else "")
    return f"{plan.configuration} on {plan.dataset}: {rows}, {epochs}"


def epoch_line(plan: Plan, result: EpochResult) -> str:
    """Describe an epoch, without what was measured on rows that are trained on."""
    parts = [f"epoch {result.epoch}/{plan.max_epochs}", f"train loss {result.train_loss:.4g}"]
    if plan.validates:
        score = format_score(plan.metric.name, result.valid_score)
        parts += [f"valid loss {result.valid_loss:.4g}", f"valid {plan.metric.label} {score}"]
    return "  ".join([*parts, f"{result.seconds:.2f} s"])


class PlainTraining(TrainObserver):
    """One line an epoch, for logs and pipes."""

    def started(self, plan: Plan) -> None:
        self._plan = plan
        print(headline(plan), flush=True)

    def data_note(self, text: str) -> None:
        print(text, flush=True)

    def epoch(self, result: EpochResult) -> None:
        print(epoch_line(self._plan, result), flush=True)


class LiveTraining(TrainObserver):
    """A bar and the last few epochs, which stay where they are."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._live = Live(console=self.console, refresh_per_second=8)
        self._lines: list[str] = []

    def started(self, plan: Plan) -> None:
        self._plan = plan
        self.console.print(Text(headline(plan), style="bold"))
        self._live.start()

    def data_note(self, text: str) -> None:
        self.console.print(Text(text))

    def epoch(self, result: EpochResult) -> None:
        self._lines = [*self._lines, epoch_line(self._plan, result)][-KEPT_LINES:]
        self._live.update(self._draw(result.epoch))

    def close(self) -> None:
        self._live.stop()

    def _draw(self, done: int) -> Group:
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            Text(f"{done}/{self._plan.max_epochs} epochs"),
            ProgressBar(total=self._plan.max_epochs, completed=done, width=30),
        )
        lines = [Text(line, no_wrap=True, overflow="ellipsis") for line in self._lines]
        return Group(bar, *lines)
