"""Machines of a study: named where there are several, and told where they do not compute alike."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path

from commands import Ran

import automl
from automl.executors import Message, WorkerInfo
from automl.executors._worker import processor_name
from automl.orchestrator.machines import Machines
from automl.orchestrator.observer import Observer
from automl.study.folder import StudyFolder
from automl.study.study import reopen_study
from automl.trial import TrialResult, TrialStatus

Cli = Callable[..., Ran]


class _Listener(Observer):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.hosts: list[tuple[int, str]] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def worker_host(self, worker: int, host: str) -> None:
        self.hosts.append((worker, host))


def _hear(folder: Path, *messages: Message, deterministic: bool = False) -> _Listener:
    view = automl.read_study(folder.name)
    listener = _Listener()
    with reopen_study(StudyFolder(folder), view.title, view.space) as study:
        machines = Machines(study, listener, deterministic=deterministic)
        for message in messages:
            machines.hear(message)
    return listener


def _trained(worker: int, info: WorkerInfo, device: str = "cpu") -> Message:
    result = TrialResult(9, TrialStatus.COMPLETE, (), 1.0, device=device)
    return Message(1, worker, result, final=True, info=info)


def test_a_study_knows_its_machine_and_says_nothing_of_it(small_study: Path, cli: Cli) -> None:
    host, processor = socket.gethostname(), processor_name()
    assert processor
    assert [(m.host, m.processors, m.trained_on) for m in automl.read_study("iris").machines] == [
        (host, (processor,), (processor,))
    ]
    assert host not in cli("show", "iris").out
    assert cli("report", "iris").code == 0
    assert "Which machines" not in (small_study / "report.html").read_text()
    again = _hear(small_study, _trained(0, WorkerInfo(host, 1, processor=processor)))
    assert (again.notes, again.hosts) == ([], [(0, host)])


def test_machines_that_do_not_compute_alike_are_told_once_and_shown(
    small_study: Path, cli: Cli
) -> None:
    host, ours = socket.gethostname(), processor_name()
    pc2 = WorkerInfo("pc2", 7, processor="Other CPU")
    pc3 = WorkerInfo("pc3", 7, 0, "cuda:0", ours, "Some GPU")
    heard = _hear(small_study, _trained(1, pc2), _trained(1, pc2), deterministic=True)
    assert heard.notes == [
        "--deterministic cannot hold: jobs of this study ran on different processors"
        f" ({host}: {ours}; pc2: Other CPU): one seed gives other last digits on each"
    ]
    heard = _hear(
        small_study, Message(3, 0, None, final=False, host="pc3"), _trained(0, pc3, "cuda:0")
    )
    assert heard.hosts == [(0, "pc3")]
    assert len(heard.notes) == 1
    assert "different processors or GPUs" in heard.notes[0]
    shown = cli("show", "iris").out
    assert (
        f"trials of 3 machines: {host} (2; {ours}), pc2 (0; Other CPU), pc3 (0; Some GPU)" in shown
    )
    assert heard.notes[0] in shown
    plain = automl.read_study("iris").to_json()["machines"]
    assert plain[2] == {"host": "pc3", "processors": [ours], "trained_on": ["Some GPU"]}
    assert cli("report", "iris").code == 0
    page = re.sub(r"\s+", " ", (small_study / "report.html").read_text())
    assert "Which machines did it" in page
    assert "Some GPU" in page
