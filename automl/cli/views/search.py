"""What a person sees during a search: a calm live view, or plain lines in a log."""

from __future__ import annotations

import math
import time
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from automl import Observer, Overview
from automl.cli.views.tables import seconds_text, short_params
from automl.evaluation.formatting import format_score
from automl.trial import EpochResult, TrialRecord, TrialStatus

REFRESH_SECONDS = 0.25

MAX_WORKER_LINES = 8
"""More would fill a small terminal, and what does not fit would flicker."""

PHASES = {
    "finalists": "the best trials are trained again with fresh seeds",
    "export": "the winner is exported to ONNX, and compared with torch",
    "baselines": "waiting for the baselines",
    "test": "predicting validation and test rows",
    "report": "writing the report",
}


class _Counting(Observer):
    """Keeps the figures that both views show."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.counts = dict.fromkeys(TrialStatus, 0)
        self.best: TrialRecord | None = None
        self.overview: Overview | None = None
        self.started = time.monotonic()
        self.new = 0
        self.hosts: dict[int, str] = {}

    def search_started(self, overview: Overview) -> None:
        self.overview = overview
        self.started = time.monotonic()
        for record in overview.before:
            self._count(record)

    def worker_host(self, worker: int, host: str) -> None:
        self.hosts[worker] = host

    def trial_finished(self, record: TrialRecord) -> None:
        self.new += 1
        self._count(record)

    def _count(self, record: TrialRecord) -> None:
        assert self.overview is not None
        self.counts[record.status] += 1
        metric = self.overview.metric
        if record.status is TrialStatus.COMPLETE and record.valid_score is not None:
            best = self.best.valid_score if self.best else None
            if best is None or metric.better(record.valid_score, best):
                self.best = record

    @property
    def names_hosts(self) -> bool:
        """Whether there are several machines to tell apart."""
        return len(set(self.hosts.values())) > 1

    @property
    def done(self) -> int:
        return sum(self.counts.values())

    def score(self, value: float) -> str:
        assert self.overview is not None
        return format_score(self.overview.metric.name, value)

    def sampled(self, record: TrialRecord) -> str:
        assert self.overview is not None
        return short_params(record.params, self.overview.space.sampled(record.params))


class PlainView(_Counting):
    """One line an event, for logs and pipes."""

    def search_started(self, overview: Overview) -> None:
        super().search_started(overview)
        for line in (*overview.described, self.headline(overview)):
            self._say(line)

    def headline(self, overview: Overview) -> str:
        """Say in one line what is about to be seen."""
        return headline(overview)

    def trial_finished(self, record: TrialRecord) -> None:
        super().trial_finished(record)
        assert self.overview is not None
        score = "-" if record.valid_score is None else self.score(record.valid_score)
        why = record.error or record.note
        host = f" on {record.host}" if record.host and self.names_hosts else ""
        self._say(
            f"trial {record.number} {record.status.value} {score},"
            f" {record.extent}, {record.seconds:.1f} s{host}: " + (why or self.sampled(record))
        )

    def phase(self, name: str) -> None:
        if name in PHASES:
            self._say(PHASES[name])

    def note(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str) -> None:
        print(text, flush=True)


class LiveView(_Counting):
    """A few lines that stay where they are."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console)
        self._live = Live(console=self.console, auto_refresh=False, transient=True)
        self._workers: dict[int, str] = {}
        self._phase = "trials"
        self._drawn = 0.0

    def search_started(self, overview: Overview) -> None:
        super().search_started(overview)
        for line in overview.described:
            self.console.print(Text(line))
        self.console.print(Text(self.headline(overview), style="bold"))
        self._live.start()

    def headline(self, overview: Overview) -> str:
        """Say in one line what is about to be seen."""
        return headline(overview)

    def epoch(self, worker: int, result: EpochResult) -> None:
        assert self.overview is not None
        self._show(worker, f"trial {result.number}", result, f"/{self.overview.max_epochs}")

    def finalist_epoch(self, run: tuple[int, int], worker: int, result: EpochResult) -> None:
        self._show(worker, f"trial {run[0]} again, seed {run[1]}", result)

    def _show(self, worker: int, what: str, result: EpochResult, of: str = "") -> None:
        assert self.overview is not None
        # One that was lost with its machine was at it before.
        self._workers = {w: t for w, t in self._workers.items() if not t.startswith(f"{what}: ")}
        self._workers[worker] = (
            f"{what}: {result.unit} {result.epoch}{of},"
            f" {self.overview.metric.label} {self.score(result.valid_score)}"
        )

    def trial_finished(self, record: TrialRecord) -> None:
        super().trial_finished(record)
        self._workers.pop(record.worker, None)

    def phase(self, name: str) -> None:
        self._phase = name
        self._workers.clear()

    def note(self, text: str) -> None:
        self.console.print(Text(text))  # a reason may hold what rich would take for markup

    def tick(self) -> None:
        if time.monotonic() - self._drawn < REFRESH_SECONDS or self.overview is None:
            return
        self._drawn = time.monotonic()
        self._live.update(self._draw(self.overview), refresh=True)

    def close(self) -> None:
        self._live.stop()

    def _draw(self, overview: Overview) -> Group:
        counts = self.counts
        lines: list[Any] = [
            self._bar(overview),
            Text(
                f"{counts[TrialStatus.COMPLETE]} complete, {counts[TrialStatus.PRUNED]} pruned,"
                f" {counts[TrialStatus.FAILED]} failed"
            ),
        ]
        if self.best is not None and self.best.valid_score is not None:
            score = self.score(self.best.valid_score)
            lines.append(Text(f"best: {score} (trial {self.best.number})", style="green"))
            lines.append(Text("  " + self.sampled(self.best), style="dim", overflow="fold"))
        if self._phase in PHASES:
            lines.append(Text(PHASES[self._phase], style="bold"))
        busy = self.busy(overview)
        lines += [Text(line, no_wrap=True, overflow="ellipsis") for line in busy[:MAX_WORKER_LINES]]
        if len(busy) > MAX_WORKER_LINES:
            lines.append(Text(f"and {len(busy) - MAX_WORKER_LINES} more"))
        return Group(*lines)

    def busy(self, overview: Overview) -> list[str]:
        """Return a line for each worker, with its machine where there are several.

        Workers may have come since the start.
        """
        named = self.hosts if self.names_hosts else {}
        return [
            f"worker {w}{f' on {named[w]}' if w in named else ''}  {self._workers.get(w, '…')}"
            for w in sorted({*range(overview.workers), *self._workers})
        ]

    def _bar(self, overview: Overview) -> Table:
        row = Table.grid(padding=(0, 1))
        row.add_row(
            Text(_of(self.done, overview.trials)),
            ProgressBar(total=overview.trials, completed=self.done, width=30),
            Text(self._left(overview)),
        )
        return row

    def _left(self, overview: Overview) -> str:
        elapsed = time.monotonic() - self.started
        text = seconds_text(elapsed)
        if not self.new or self._phase != "trials":
            return text
        left = math.inf
        if overview.trials is not None:
            left = elapsed / self.new * max(0, overview.trials - self.done)
        if overview.time_budget is not None:
            left = min(left, max(0.0, overview.time_budget - elapsed))
        return f"{text}, about {seconds_text(left)} left"


def _of(done: int, trials: int | None) -> str:
    return f"{done} trials" if trials is None else f"{done}/{trials} trials"


def headline(overview: Overview) -> str:
    """Say in one line what is about to happen."""
    before = f", {len(overview.before)} done before" if overview.before else ""
    limits = [
        *([] if overview.trials is None else [f"{overview.trials} trials"]),
        *([seconds_text(overview.time_budget)] if overview.time_budget else []),
    ]
    folds = f" in {overview.folds} folds" if overview.folds else ""
    workers = f"{overview.workers} worker" + ("s" if overview.workers > 1 else "")
    return (
        f"study {overview.study}: {overview.dataset}, {overview.rows:,} training rows{folds},"
        f" {' or '.join(limits)}{before}, {workers}"
    )
