"""``automl report``, ``dashboard``, ``watch``, and the views behind them."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from automl.cli.views.search import LiveView
from automl.cli.views.watching import LiveWatch, PlainWatch
from automl.metrics import METRICS
from automl.orchestrator.observer import Overview
from automl.space.domains import FloatDomain, IntDomain
from automl.space.space import SearchSpace
from automl.study.folder import StudyFolder
from automl.study.follower import Follower, News
from automl.study.view import read_study
from automl.trial import EpochResult, TrialRecord, TrialStatus

AUTOML = [
    sys.executable,
    "-c",
    "import sys; sys.argv[0] = 'automl'; from automl.cli import main; main()",
]


def test_report_writes_the_page_anew_and_prints_where(
    cli, small_study: Path, studies: Path
) -> None:
    page = studies / "iris" / "report.html"
    page.unlink()
    ran = cli("report", "iris")
    assert (ran.code, ran.out.strip()) == (0, str(page))
    assert "What was found?" in page.read_text(encoding="utf-8")


def test_report_open_shows_the_page_in_a_browser(
    cli, small_study: Path, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    cli("report", "iris", "--open")
    assert opened == [(studies / "iris" / "report.html").resolve().as_uri()]


def test_report_of_a_study_where_every_trial_failed_says_why(
    cli, small_search, studies: Path
) -> None:
    ran = small_search(
        *("--set", "optimizer.name=sgd", "--set", "optimizer.learning_rate=1000.0"),
        *("--set", "optimizer.momentum=0.99", "--set", "model.normalisation=none"),
        *("--set", "model.activation=relu", "--set", "training.batch_size=1"),
        *("--set", "regularisation.l1=1.0", "--set", "model.depth=4"),
    )
    assert ran.code == 2
    assert cli("report", "iris").code == 0
    text = (studies / "iris" / "report.html").read_text(encoding="utf-8")
    assert "No model was found" in text
    assert "finite" in text


@pytest.mark.parametrize("command", ["report", "dashboard", "watch"])
def test_an_unknown_study_is_one_line_with_the_known_ones(
    cli, small_study: Path, one_line: Callable[[str], str], command: str
) -> None:
    ran = cli(command, "nobody")
    assert ran.code == 2
    assert "known: iris" in one_line(ran.err)


def test_dashboard_without_studies_says_how_to_make_one(
    cli, one_line: Callable[[str], str]
) -> None:
    ran = cli("dashboard")
    assert ran.code == 2
    assert "automl search" in one_line(ran.err)


def test_watching_a_study_that_nobody_searches_tells_how_it_stands_and_ends(
    cli, small_search
) -> None:
    small_search("--baselines", "dummy")
    ran = cli("watch", "iris")
    assert ran.code == 0
    assert "watching study iris: 2 of 2 trials so far" in ran.out
    assert "nobody is searching study iris; it has 2 trials" in ran.out
    assert "The network has accuracy" in ran.out


def test_watch_follows_a_running_search_to_its_end(studies: Path, own_machine: Path) -> None:
    options = ["--dataset", "iris", "--trials", "100000", "--baselines", "none", "--workers", "1"]
    small = ["--pruner", "none", "--sampler", "random", "--no-onnx", "--set", "model.width=16"]
    with subprocess.Popen(
        [*AUTOML, "search", *options, *small], stdout=subprocess.PIPE, text=True, cwd=own_machine
    ) as search:
        assert search.stdout is not None
        search.stdout.readline()  # the headline: the study is there
        search.stdout.readline()  # its first trial has finished
        with subprocess.Popen(
            [*AUTOML, "watch", "iris"], stdout=subprocess.PIPE, text=True, cwd=own_machine
        ) as watch:
            assert watch.stdout is not None
            seen = [watch.stdout.readline() for _ in range(3)]
            search.send_signal(signal.SIGINT)
            seen += watch.stdout.readlines()
            assert watch.wait() == 0
        search.stdout.read()
        assert search.wait() == 130
    said = "".join(seen)
    before = int(re.findall(r"(\d+) of 100000 trials so far", said)[0])
    followed = [int(n) for n in re.findall(r"^trial (\d+) ", said, re.MULTILINE)]
    assert sorted(followed) == list(range(before, before + len(followed)))
    assert f"it has {before + len(followed)} trials" in said
    assert "\x1b" not in said


def test_looking_whether_a_study_is_held_does_not_hold_it(small_study: Path, studies: Path) -> None:
    folder = StudyFolder(studies / "iris")
    assert not folder.is_held()
    lock = folder.lock()
    try:
        assert folder.is_held()
    finally:
        lock.release()
    assert not folder.is_held()
    assert not StudyFolder(studies / "nobody").is_held()


def test_a_follower_gives_each_trial_once(small_study: Path) -> None:
    follower = Follower("iris")
    follower._seen = {0}
    assert [r.number for r in follower.news().finished] == [1]
    assert follower.news().finished == []
    assert follower.news().ended
    follower.close()


def _overview(workers: int = 2) -> Overview:
    names = ("depth", "width", "taper", "activation", "normalisation", "dropout")
    domains = {f"model.{name}": IntDomain(1, 9) for name in names}
    domains["optimizer.learning_rate"] = FloatDomain(1e-4, 1e-1, log=True)
    return Overview(
        study="a-study-with-a-rather-long-name",
        dataset="mnist",
        rows=50_000,
        metric=METRICS["accuracy"],
        trials=10_000,
        before=[],
        workers=workers,
        max_epochs=12,
        time_budget=36_000.0,
        space=SearchSpace("mlp", domains, {}),
    )


def _record(number: int, **changes: object) -> TrialRecord:
    params = dict.fromkeys(_overview().space.domains, 0.123456789)
    epochs = (EpochResult(number, 1, 1.0, 1.0, 0.9, 0.1, 100.0),)
    status = TrialStatus.COMPLETE
    return TrialRecord(number, status, params, 0.9876, epochs, 1, **changes)  # type: ignore[arg-type]


def _screen(width: int, **options: object) -> Console:
    """A terminal that keeps what was written to it."""
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        width=width,
        height=24,
        highlight=False,
        **options,  # type: ignore[arg-type]
    )


def _lines(view: LiveView, width: int) -> list[str]:
    assert view.overview is not None
    sheet = Console(file=io.StringIO(), width=width, color_system=None)
    sheet.print(view._draw(view.overview))
    return sheet.file.getvalue().splitlines()  # type: ignore[attr-defined]


def _busy_view(console: Console, workers: int = 2) -> LiveView:
    view = LiveView(console)
    view.search_started(_overview(workers))
    view.trial_finished(_record(9_998))
    for worker in range(workers):
        view.epoch(worker, EpochResult(9_999, 12, 1.0, 1.0, 0.9876, 0.1, 100.0))
    return view


@pytest.mark.parametrize("width", [80, 60, 40])
def test_the_live_view_fits_the_terminal(width: int) -> None:
    view = _busy_view(_screen(width))
    lines = _lines(view, width)
    view.close()
    assert max(map(len, lines)) <= width
    assert any("98.76 %" in line for line in lines)


def test_the_live_view_stays_low_however_many_workers_there_are() -> None:
    view = _busy_view(_screen(80), workers=64)
    lines = _lines(view, 80)
    view.close()
    assert len(lines) < 20
    assert "and 56 more" in lines[-1]


def test_the_live_view_leaves_nothing_behind_and_does_not_scroll() -> None:
    console = _screen(80)
    view = _busy_view(console)
    for _ in range(3):
        view._drawn = 0.0
        view.tick()
    view.close()
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[2J" not in written  # the screen is never cleared: that is what flickers
    assert "\x1b[1A" in written  # it goes up again, and writes over what stood there


def test_a_note_is_printed_as_it_is() -> None:
    console = _screen(80)
    view = _busy_view(console)
    view.note("baseline svm: failed: [red]no[/] such thing")
    view.close()
    assert "[red]no[/] such thing" in console.file.getvalue()  # type: ignore[attr-defined]


def test_no_color_leaves_colours_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console = _screen(80)
    view = _busy_view(console)
    view._drawn = 0.0
    view.tick()
    view.close()
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert not re.search(r"\x1b\[[\d;]*3[0-7]", written)


def test_the_live_watch_shows_running_trials(small_study: Path) -> None:
    console = _screen(80)
    watch = LiveWatch(read_study("iris"), console)
    watch.start()
    watch.show(News([], [(7, 75.0)], ended=False))
    watch.close()
    assert "trial 7 for 1:15" in console.file.getvalue()  # type: ignore[attr-defined]


def test_the_plain_watch_prints_one_line_a_trial(small_study: Path, capfd) -> None:
    capfd.readouterr()
    watch = PlainWatch(read_study("iris"))
    watch.start()
    watch.show(News(read_study("iris").records, [], ended=True))
    lines = capfd.readouterr().out.strip().splitlines()
    assert lines[0].startswith("watching study iris")
    assert [line.split()[1] for line in lines[1:]] == ["0", "1"]


def test_show_lists_five_parameters_within_80_columns(
    cli, small_search, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_search("--trials", "4", "--pruner", "none")
    monkeypatch.setenv("COLUMNS", "80")
    out = cli("show", "iris").out
    table = [line for line in out.splitlines() if re.match(r" +\d+ ", line)]
    assert len(table) == 4
    assert max(map(len, table)) <= 80
    assert all(len(line.split()) >= 11 for line in table)
