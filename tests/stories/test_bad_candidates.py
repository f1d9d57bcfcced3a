"""A bad candidate costs only itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faulty_jobs import Faulty, Spoiled

from automl.errors import ConfigError, StudyError
from automl.orchestrator.trial_jobs import TrialSettings
from automl.result import SearchResult
from automl.study.run import Run
from automl.study.view import StudyView
from automl.trial import TrialStatus

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]
Spoil = Callable[[dict[int, str]], None]


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Spoil:
    """Give trials, by number, a fault; -1 stands for all of them."""
    real = TrialSettings.job

    def begin(faults: dict[int, str]) -> None:
        def job(self: TrialSettings, run: Run, *args: Any, **options: Any) -> Any:
            whole = real(self, run, *args, **options)
            fault = faults.get(run.trial, faults.get(-1))
            return Faulty(whole, fault, str(tmp_path / f"died-{run.trial}")) if fault else whole

        monkeypatch.setattr(TrialSettings, "job", job)

    return begin


def test_candidates_that_die_hang_eat_and_raise_fail_alone(
    run_search: Search, read: Read, spoil: Spoil
) -> None:
    spoil({1: "raise", 2: "die", 3: "die once", 4: "hang", 5: "eat"})
    options = {"pruner": "none", "trial_timeout": 12.0, "trial_memory": 1_500_000_000}
    result = run_search(trials=9, executor="process", workers=2, **options)
    records = read("iris").records
    errors = {r.number: r.error for r in records if r.error}
    assert result.trials.total == 9
    assert sorted(errors) == [1, 2, 4, 5], errors
    assert errors[1] == "ValueError: the soup is cold"
    assert errors[2].startswith("the worker process was killed by SIGKILL")
    assert errors[4] == "took longer than --trial-timeout, 12 s"
    assert errors[5].startswith("needed more memory than --trial-memory, 1,500 MB")
    assert all(r.status is TrialStatus.FAILED for r in records if r.error)
    assert [len(r.history) for r in records if r.error] == [1, 1, 1, 1], "what it did is kept"
    assert [e.epoch for e in records[3].history] == [1, 2], "begun anew, and no epoch twice"


def test_a_device_error_spoils_no_later_trial(run_search: Search, read: Read, spoil: Spoil) -> None:
    spoil({0: "spoil device once", 2: "spoil device", -1: "device"})
    run_search(trials=5, pruner="none", executor="process", workers=1)
    records = read("iris").records
    assert {r.number for r in records if r.error} == {2}, "and that failed twice"
    assert records[2].error is not None
    assert records[2].error.startswith("RuntimeError: CUDA error: misaligned address")
    assert [e.epoch for e in records[0].history] == [1, 2], "begun anew, and no epoch twice"


def test_the_sampler_does_not_propose_again_what_failed(
    run_search: Search, read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every wide network dies after a good epoch; the sampler has to find that out."""
    real = TrialSettings.job

    def job(self: TrialSettings, run: Run, params: Any, *args: Any, **options: Any) -> Any:
        whole = real(self, run, params, *args, **options)
        return Faulty(whole, "raise", "") if params["model.dropout"] > 0.25 else whole

    monkeypatch.setattr(TrialSettings, "job", job)
    run_search(trials=60, pruner="none", max_epochs=1)
    failed = [r.status is TrialStatus.FAILED for r in read("iris").records]
    assert sum(failed[:10]) >= 3, "half the space fails"
    assert sum(failed[40:]) <= 4


def test_a_search_of_which_every_trial_fails_stops_early_and_says_why(
    run_search: Search, read: Read, spoil: Spoil
) -> None:
    spoil({-1: "raise"})
    with pytest.raises(StudyError) as error:
        run_search(trials=200, pruner="none")
    said = str(error.value)
    assert said.startswith("none of 20 trials is complete (20 failed, 0 pruned); 20 of them: Value")
    assert "ValueError: the soup is cold" in said
    assert "`automl show iris` lists them" in said
    assert len(read("iris").records) == 20
    assert read("iris").running == 0


def test_a_full_disk_is_no_candidates_fault(run_search: Search, read: Read, spoil: Spoil) -> None:
    spoil({2: "disk"})
    with pytest.raises(StudyError, match="a worker cannot write to the study's folder") as error:
        run_search(trials=5, pruner="none")
    assert "No space left on device" in str(error.value)
    view = read("iris")
    assert view.running == 0
    assert [r.status for r in view.records[:2]] == [TrialStatus.COMPLETE] * 2


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_a_device_that_is_not_there_is_refused_before_anything_is_made(
    run_search: Search, studies: Path, executor: str
) -> None:
    with pytest.raises(ConfigError, match="device 'mps' is not available on this machine"):
        run_search(device="mps", executor=executor)
    assert not studies.exists()


def test_a_worker_that_dies_while_it_predicts_is_replaced(
    run_search: Search, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from automl.orchestrator.predict_runs import predict_jobs as real

    faults = {"now": "die once"}

    def predict_jobs(*args: Any) -> Any:
        jobs = real(*args)
        return {k: Spoiled(job, faults["now"], str(tmp_path / "died")) for k, job in jobs.items()}

    monkeypatch.setattr("automl.orchestrator.phases.predict_jobs", predict_jobs)
    assert run_search(trials=2, executor="process", workers=1).test is not None
    faults["now"] = "die"
    with pytest.raises(StudyError, match="the winner's test rows could not be predicted: the work"):
        run_search(trials=3, executor="process", workers=1)


def test_a_network_above_the_size_limit_is_not_trained_and_not_handed_over(
    run_search: Search, read: Read
) -> None:
    limit = 1_000
    small: dict[str, Any] = {"pruner": "none", "max_epochs": 1, "finalists": 0}
    assert run_search(trials=2, **small).best.n_weights * 4 > limit
    result = run_search(trials=8, max_size=limit, **small)
    records = read("iris").records
    refused = [r for r in records if r.status is TrialStatus.FAILED]
    kept = [r for r in records if r.status is TrialStatus.COMPLETE]
    assert refused, "the space has larger ones"
    assert kept, "and smaller ones"
    assert all("and --max-size allows 1kB" in (r.error or "") for r in refused)
    assert all(not r.history for r in refused)
    assert all(4 * r.n_weights <= limit for r in kept[2:])
    assert result.best.n_weights * 4 <= limit
