"""``automl search``: what is printed, and where."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ran

from automl.config import SearchConfig
from automl.result import SearchResult

Cli = Callable[..., Ran]


def _loud(args: tuple[str, ...]) -> list[str]:
    return [a for a in args if a != "--quiet"]


def test_plain_lines_tell_of_every_trial(cli: Cli) -> None:
    from commands import SMALL

    ran = cli("search", "--dataset", "iris", "--trials", "3", *_loud(SMALL))
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[2] == "study iris: iris, 90 training rows, 3 trials, 1 worker"
    told = [re.match(r"trial (\d) (complete|pruned|failed) ", line) for line in lines]
    assert [m[1] for m in told if m] == ["0", "1", "2"]
    assert "predicting validation and test rows" in lines
    assert "\x1b" not in ran.out, "no colours in a log"


def test_the_end_says_the_score_and_what_to_type_next(small_search: Cli, studies: Path) -> None:
    ran = small_search()
    result = SearchResult.read(studies / "iris" / "result.json")
    assert result.test is not None
    assert f"test accuracy {result.test.score * 100:.2f} %" in ran.out
    assert result.verdict is not None
    assert result.verdict in ran.out
    assert f"{studies}/iris/best" in ran.out
    assert "next: automl show iris" in ran.out
    assert ran.out.count("study iris: iris") == 0, "--quiet prints the result only"


def test_a_finished_study_says_how_to_ask_for_more(cli: Cli) -> None:
    from commands import SMALL

    args = ("search", "--dataset", "iris", "--trials", "2", *_loud(SMALL))
    first, again = cli(*args), cli(*args)
    assert again.code == 0
    assert "already has 2 trials; ask for more with --trials 4" in again.out
    assert "trial 0 complete" not in again.out
    assert first.out.splitlines()[-1] == again.out.splitlines()[-1]


def test_another_database_is_read_at_the_end(
    small_search: Cli, own_machine: Path, studies: Path
) -> None:
    ran = small_search("--storage", f"sqlite:///{own_machine}/other.db")
    assert (ran.code, ran.err) == (0, "")
    assert not (studies / "iris" / "study.db").exists()


@pytest.mark.parametrize(
    ("text", "names"),
    [("none", ()), ("svm", ("svm",)), ("svm, dummy", ("svm", "dummy")), ("svm,", ("svm",))],
)
def test_baselines_are_separated_by_commas(text: str, names: tuple[str, ...]) -> None:
    assert SearchConfig(dataset="iris", baselines=text).baselines == names


def test_help_names_every_option(cli: Cli) -> None:
    ran = cli("search", "--help")
    assert ran.code == 0
    for option in ("--dataset", "--trials", "--time-budget", "--set", "--sampler", "--pruner"):
        assert option in ran.out


@pytest.mark.parametrize("command", ["search", "studies", "show", "datasets", "spaces"])
def test_every_command_has_help(cli: Cli, command: str) -> None:
    assert cli(command, "--help").code == 0
    assert command in cli("--help").out
