"""Two searches in one program, each in a thread of its own, come out as they do alone.

So they leave alone what the program has once: its answer to Ctrl-C, its environment, the level of
Optuna's log, and between two messages of a job torch's switches and random numbers.
"""

from __future__ import annotations

import io
import logging
import os
import random
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np
import optuna
import pytest
import torch

import automl
from automl.result import SearchResult
from automl.study.view import StudyView
from automl.trial import EpochResult, TrialRecord

Search = Callable[..., SearchResult]

DATA = {"iris": 1, "wine": 2}
"""Data sets, each with a seed of its own."""


def test_two_searches_at_the_same_time_are_those_that_they_are_alone(
    run_search: Search, read: Callable[[str], StudyView]
) -> None:
    errors: list[BaseException] = []

    def work(name: str, study: str, executor: str) -> None:
        options: dict[str, Any] = {"trials": 3, "workers": 1}
        try:
            run_search(name, study=study, seed=DATA[name], executor=executor, **options)
        except BaseException as error:
            errors.append(error)
            raise

    for name in DATA:
        work(name, f"{name}-alone", "inline")
    environment, filters = dict(os.environ), list(warnings.filters)  # torch has left its own by now
    for executors in (["inline", "inline"], ["process", "process"], ["inline", "process"]):
        threads = [
            threading.Thread(target=work, args=(name, "-".join([name, *executors]), executor))
            for name, executor in zip(DATA, executors, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert (dict(os.environ), warnings.filters) == (environment, filters)
        for name in DATA:
            alone, beside = read(f"{name}-alone"), read("-".join([name, *executors]))
            assert [(r.params, r.valid_score, r.status) for r in alone.records] == [
                (r.params, r.valid_score, r.status) for r in beside.records
            ]


def _of_the_program() -> dict[str, Any]:
    """What a program has once, and may have set itself."""
    return {
        "Ctrl-C": signal.getsignal(signal.SIGINT),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "warnings": list(warnings.filters),
        "log of Optuna": (optuna.logging.get_verbosity(), logging.getLogger("optuna").handlers[:]),
        "threads of torch": torch.get_num_threads(),
        "random numbers": (
            random.getstate(),
            str(np.random.get_state()),
            torch.get_rng_state().tolist(),
        ),
    }


class Looking(automl.Observer):
    """Looks at the program at every epoch and after every trial."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def epoch(self, worker: int, result: EpochResult) -> None:
        self.seen.append(_of_the_program())

    def trial_finished(self, record: TrialRecord) -> None:
        self.seen.append(_of_the_program())


def _answer(number: int, frame: FrameType | None) -> None:
    """What the program does on Ctrl-C."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a program reads in Optuna's log that has an answer to Ctrl-C and two threads."""
    handler, verbosity = signal.getsignal(signal.SIGINT), optuna.logging.get_verbosity()
    threads, text = torch.get_num_threads(), io.StringIO()
    reader = logging.StreamHandler(text)
    signal.signal(signal.SIGINT, _answer)
    logging.getLogger("optuna").addHandler(reader)
    optuna.logging.set_verbosity(optuna.logging.INFO)
    torch.set_num_threads(2)
    yield text
    logging.getLogger("optuna").removeHandler(reader)
    signal.signal(signal.SIGINT, handler)
    optuna.logging.set_verbosity(verbosity)
    torch.set_num_threads(threads)


def test_a_search_leaves_what_the_program_has_once_as_it_is(
    run_search: Search, log: io.StringIO
) -> None:
    options: dict[str, Any] = {"workers": 1, "baselines": "logistic", "sampler": "qmc"}
    enough = 15  # for importances
    run_search(**options, trials=enough)  # libraries set what they set when they are loaded
    for executor, trials in (("inline", enough), ("process", 2)):
        before, looking = _of_the_program(), Looking()
        run_search(
            **options, trials=trials, executor=executor, observer=looking, study=f"in-{executor}"
        )
        assert len(looking.seen) > trials
        for seen in [*looking.seen, _of_the_program()]:
            assert seen == before
    assert log.getvalue() == ""
    optuna.create_study(study_name="the program's own")
    assert "the program's own" in log.getvalue()


def test_the_answer_to_ctrl_c_is_python_s_again_after_a_search(run_search: Search) -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    looking = Looking()
    run_search(trials=1, observer=looking)
    assert looking.seen[0]["Ctrl-C"] is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
