"""``automl datasets``, ``spaces``, ``studies`` and ``show``."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ran

import automl
from automl.cli.views.tables import seconds_text, short_params
from automl.data.sources import SOURCES
from automl.space.file import load_space, space_names
from automl.study.view import read_study

Cli = Callable[..., Ran]


def test_every_data_set_is_listed_with_its_rows(cli: Cli) -> None:
    ran = cli("datasets")
    assert ran.code == 0
    for name in SOURCES.names():
        (line,) = [line for line in ran.out.splitlines() if line.split()[:1] == [name]]
        assert f"{SOURCES.get(name).rows:,}" in line
        assert SOURCES.get(name).task in line


def test_every_space_is_listed_with_its_parameters(cli: Cli) -> None:
    ran = cli("spaces")
    assert ran.code == 0
    spaces, configurations = " ".join(ran.out.split()).split("Single configurations, ")
    for name in space_names():
        space = load_space(name)
        assert f" {name} " in (configurations if space.is_configuration else spaces)
        for parameter in space.domains:
            assert parameter in spaces


def test_without_studies_it_says_how_to_make_one(cli: Cli) -> None:
    ran = cli("studies")
    assert (ran.code, ran.err) == (0, "")
    assert "automl search" in ran.out


def test_studies_are_listed_with_their_scores(
    small_search: Cli, small_study: Path, cli: Cli
) -> None:
    small_search("--study", "other", "--trials", "3")
    ran = cli("studies")
    assert ran.code == 0
    lines = {line.split()[0]: line.split() for line in ran.out.splitlines() if "iris" in line}
    assert lines["iris"][1:3] == ["iris", "2"]
    assert lines["other"][1:3] == ["iris", "3"]
    assert "%" in lines["iris"]


def test_a_model_that_was_trained_without_a_search_is_listed_too(cli: Cli, studies: Path) -> None:
    options = ("--dataset", "xor-table", "--executor", "inline", "--quiet")
    assert cli("train", "xor-lbfgs", *options).code == 0
    ran = cli("studies")
    assert ran.code == 0
    assert "xor-table-xor-lbfgs" in ran.out
    assert cli("best", "xor-table-xor-lbfgs").code == 0


def test_a_study_that_cannot_be_read_does_not_hide_the_others(
    small_study: Path, cli: Cli, studies: Path
) -> None:
    (studies / "broken").mkdir()
    (studies / "broken" / "study.db").write_text("no database")
    ran = cli("studies")
    assert ran.code == 2
    assert ran.err.startswith("broken: ")
    assert "iris" in ran.out


def test_the_version_is_told(cli: Cli) -> None:
    ran = cli("--version")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"automl {automl.__version__}\n"


def test_a_search_that_is_running_does_not_disturb_the_list(
    small_study: Path, cli: Cli, studies: Path
) -> None:
    (studies / "begun").mkdir()  # its database is not there yet
    assert cli("studies").code == 0


def test_a_study_is_shown_with_its_trials_and_verdict(small_search: Cli, cli: Cli) -> None:
    small_search("--trials", "4", "--pruner", "none")
    view = read_study("iris")
    ran = cli("show", "iris")
    assert ran.code == 0
    assert ran.out.startswith("study iris: 4 trials (")
    for record in view.ranked():
        assert f"{record.n_weights:,}" in ran.out
    assert view.result is not None
    assert view.result.verdict is not None
    assert view.result.verdict in ran.out


def test_only_the_top_trials_are_shown(small_search: Cli, cli: Cli) -> None:
    small_search("--trials", "4", "--pruner", "none")
    shown = [
        line.split()[0]
        for line in cli("show", "iris", "--top", "2").out.splitlines()
        if line.strip()
    ]
    numbers = [r.number for r in read_study("iris").ranked()]
    assert [int(word) for word in shown if word.isdigit()] == numbers[:2]


def test_a_trial_is_shown_with_its_epochs(small_search: Cli, cli: Cli) -> None:
    small_search("--pruner", "none")
    record = read_study("iris").records[1]
    ran = cli("show", "iris", "--trial", "1")
    assert f"on {socket.gethostname()}, cpu; its worker had " in ran.out
    record = automl.read_study("iris").trial(1)
    assert (record.host, record.device) == (socket.gethostname(), "cpu")
    assert record.memory > 1_000_000
    assert ran.code == 0
    assert ran.out.startswith("trial 1: complete")
    shown = json.loads(ran.out[ran.out.index("{") : ran.out.index("}") + 1])
    assert shown == dict(record.params)
    for epoch in record.history:
        assert f"{epoch.train_loss:.4f}" in ran.out
    assert f"{record.best_epoch}*" in ran.out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (42.4, "0:42"), (59.6, "1:00"), (725, "12:05"), (3725, "1:02:05")],
)
def test_seconds_read_like_a_clock(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_parameters_are_shown_without_their_sections() -> None:
    params = {
        "family": "mlp",
        "model.depth": 2,
        "optimizer.name": "adam",
        "optimizer.rate": 0.0012345,
    }
    assert short_params(params) == "family=mlp depth=2 optimizer=adam rate=0.00123"
    assert short_params(params, ["model.depth", "model.gone"]) == "depth=2"


def test_a_study_is_printed_as_json_for_programs(small_search: Cli, cli: Cli) -> None:
    small_search("--trials", "3", "--pruner", "none")
    ran = cli("show", "iris", "--json")
    assert (ran.code, ran.err) == (0, "")
    shown = json.loads(ran.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    view = read_study("iris")
    assert shown == view.to_json()
    assert [t["number"] for t in shown["trials"]] == [0, 1, 2]
    assert shown["best"] == view.ranked()[0].number
    assert shown["config"]["dataset"] == "iris"
    assert shown["space"].keys() == view.space.domains.keys()
    assert shown["result"] == json.loads(view.folder.result.read_text())
    one = json.loads(cli("show", "iris", "--trial", "1", "--json").out)
    assert one == view.records[1].to_json() == shown["trials"][1]


def test_no_studies_are_listed_as_json(cli: Cli) -> None:
    assert json.loads(cli("studies", "--json").out)["studies"] == []


def test_studies_are_listed_as_json(small_study: Path, cli: Cli, studies: Path) -> None:
    (studies / "broken").mkdir()
    (studies / "broken" / "study.db").write_text("no database")
    ran = cli("studies", "--json")
    assert ran.code == 2
    listed = json.loads(ran.out)
    assert listed["folder"] == str(studies)
    assert listed["unreadable"].keys() == {"broken"}
    (study,) = listed["studies"]
    view = read_study("iris")
    assert study["study"] == study["dataset"] == "iris"
    assert study["trials"] == len(view.records)
    assert study["best_valid_score"] == view.ranked()[0].valid_score
    assert view.result is not None
    assert view.result.test is not None
    assert study["test_score"] == view.result.test.score
