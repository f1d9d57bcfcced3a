"""``automl train``: what is printed, and where."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from commands import Ran
from rich.console import Console

from automl.cli.views.train import KEPT_LINES, LiveTraining
from automl.metrics import METRICS
from automl.orchestrator.observer import Plan
from automl.trial import EpochResult

Cli = Callable[..., Ran]

XOR = ("train", "xor-lbfgs", "--dataset", "xor-table", "--executor", "inline")


def test_plain_lines_tell_of_every_epoch(cli: Cli, studies: Path) -> None:
    ran = cli(*XOR, "--epochs", "3")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == ("xor-lbfgs on xor-table: 24 training rows, validation included, 3 epochs")
    told = [re.match(r"epoch (\d)/3  train loss [\d.e-]+  [\d.]+ s$", line) for line in lines]
    assert [m[1] for m in told if m] == ["1", "2", "3"]
    assert "validation included" in lines[0]
    assert "test accuracy 100.00 % (95 % interval" in ran.out
    assert f"model  {studies}/xor-table-xor-lbfgs/best" in lines
    assert "\x1b" not in ran.out, "no colours in a log"


def test_with_validation_rows_their_score_is_told(cli: Cli) -> None:
    ran = cli(*XOR, "--rows", "train", "--epochs", "1", "--set", "model.width=3")
    line = ran.out.splitlines()[1]
    assert re.search(r"valid loss [\d.e-]+  valid accuracy [\d.]+ %  ", line)
    assert "13 weights, 1 of 1 epochs on 20 rows" in ran.out


def test_quiet_prints_the_result_only(cli: Cli) -> None:
    ran = cli(*XOR, "-q", "--study", "mine")
    assert "epoch 1/" not in ran.out
    assert "test accuracy" in ran.out
    assert "automl predict mine DATA" in ran.out


def test_the_model_can_be_used_at_once(cli: Cli, own_machine: Path) -> None:
    cli(*XOR)
    (own_machine / "rows.csv").write_text("0,1\n1,1\n")
    ran = cli("predict", "xor-table-xor-lbfgs", str(own_machine / "rows.csv"))
    assert ran.out.split() == ["prediction", "1", "0"]
    best = cli("best", "xor-table-xor-lbfgs")
    assert best.code == 0
    assert "automl train xor-lbfgs --dataset xor-table --onnx" in best.out


def test_showing_its_trials_is_answered_with_what_it_is(
    cli: Cli, one_line: Callable[[str], str]
) -> None:
    cli(*XOR)
    ran = cli("show", "xor-table-xor-lbfgs")
    assert ran.code == 2
    assert "was trained without a search" in one_line(ran.err)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nonsense", "--dataset", "iris"), "unknown search space 'nonsense'"),
        (("xor-lbfgs", "--dataset", "irsi"), "unknown data set 'irsi'"),
        (("mlp", "--dataset", "iris"), "a configuration must fix every value"),
        (
            ("xor-lbfgs", "--dataset", "iris", "--rows", "some"),
            "unknown rows 'some'",
        ),
        (("xor-lbfgs", "--dataset", "iris", "--set", "model.width=x"), "model.width: must be"),
        (("xor-lbfgs", "--dataset", "iris", "--device", "tpu"), "unknown device 'tpu'"),
    ],
)
def test_a_mistake_is_one_line(
    cli: Cli, args: tuple[str, ...], said: str, one_line: Callable[[str], str], studies: Path
) -> None:
    ran = cli("train", *args)
    assert ran.code == 2
    assert said in one_line(ran.err)
    assert not studies.exists()


def test_the_live_view_keeps_the_last_epochs() -> None:
    out = StringIO()
    view = LiveTraining(Console(file=out, force_terminal=True, width=100))
    plan = Plan("mine", "iris", 90, True, METRICS["accuracy"], 20)
    view.started(plan)
    for epoch in range(1, 21):
        view.epoch(EpochResult(0, epoch, 1 / epoch, 0.5, 0.9, 0.1, 100.0))
    drawn = Console(file=StringIO(), width=100)
    with drawn.capture() as shown:
        drawn.print(view._draw(20))
    view.close()
    assert "20/20 epochs" in shown.get()
    assert shown.get().count("valid accuracy 90.00 %") == KEPT_LINES
    assert "epoch 20/20" in out.getvalue()
