"""Questions that come after a search: more baselines, the control, how cost grows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
import pytest

from automl.errors import StudyError
from automl.followup.compare import compare_later
from automl.followup.scaling import ScalingPoint, fit_exponents, measure_scaling
from automl.orchestrator.baseline_stream import find_baselines
from automl.result import SearchResult
from automl.study.view import StudyView

RunSearch = Callable[..., SearchResult]


def test_baselines_that_come_later_join_those_that_were_there(run_search: RunSearch) -> None:
    before = run_search(baselines=("dummy",))
    after = compare_later("iris", ("logistic",))
    assert before.baselines.keys() == {"dummy"}
    assert after.baselines.keys() == {"dummy", "logistic"}
    assert after.baselines["logistic"].test is not None
    assert "logistic" in (after.verdict or "")
    assert after.best == before.best


def test_every_comparison_counts_as_one_more_look_at_the_test_split(
    run_search: RunSearch, studies: Path
) -> None:
    assert run_search().test_reads == 1
    compare_later("iris", ("dummy",))
    result = compare_later("iris", ("logistic",))
    assert result.test_reads == 3
    assert "test split was read 3 times" in (result.verdict or "")
    assert SearchResult.read(studies / "iris" / "result.json") == result


@pytest.mark.parametrize("name", ["logistic", "one-epoch"])
def test_what_was_fitted_before_is_not_fitted_again(run_search: RunSearch, name: str) -> None:
    seconds = run_search(baselines=(name,)).baselines[name].seconds
    assert compare_later("iris", (name,)).baselines[name].seconds == seconds


def test_a_control_of_fewer_trials_is_not_kept(run_search: RunSearch) -> None:
    """It would be beaten for nothing: it chose among the trials that there were."""
    few = run_search(baselines=("one-epoch",), trials=1).baselines["one-epoch"]
    assert run_search(trials=4).baselines.keys() == set()
    assert compare_later("iris", ("one-epoch",)).baselines["one-epoch"].seconds != few.seconds


def test_a_baseline_has_one_name_however_it_is_spelled(run_search: RunSearch) -> None:
    assert find_baselines(("mlp_sklearn", "mlp-sklearn")) == ("mlp-sklearn",)
    assert run_search(baselines=("one_epoch", "dummy")).baselines.keys() == {"one-epoch", "dummy"}
    assert compare_later("iris", ("one_epoch",)).baselines.keys() == {"one-epoch", "dummy"}


def test_the_dashboard_finds_the_verdict_under_our_prefix(
    run_search: RunSearch, studies: Path
) -> None:
    run_search()
    result = compare_later("iris", ("dummy",))
    storage = f"sqlite:///{studies / 'iris' / 'study.db'}"
    attrs = optuna.load_study(study_name="iris", storage=storage).user_attrs
    assert attrs["automl:verdict"] == result.verdict
    assert all(name.startswith("automl:") for name in attrs)


def test_a_study_that_is_not_finished_cannot_be_compared(
    run_search: RunSearch, studies: Path
) -> None:
    run_search()
    (studies / "iris" / "result.json").unlink()
    with pytest.raises(StudyError, match="no finished search"):
        compare_later("iris", ("dummy",))


def test_the_control_is_the_best_after_one_epoch_trained_in_full(
    run_search: RunSearch, read: Callable[[str], StudyView]
) -> None:
    result = run_search(
        trials=6, max_epochs=4, pruner="none", finalists=1, baselines=("one-epoch",)
    )
    control = result.baselines["one-epoch"]
    leader = min(read("iris").records, key=lambda r: (-r.history[0].valid_score, r.number))
    assert control.description.endswith(f": {leader.number}")
    assert control.test is not None
    assert control.comparison is not None


def test_the_control_later_on_is_the_control_at_once(
    run_search: RunSearch,
) -> None:
    options = {"trials": 4, "max_epochs": 3, "finalists": 1}
    at_once = run_search(**options, baselines=("one-epoch",)).baselines["one-epoch"]
    run_search(**options, study="later")
    later = compare_later("later", ("one-epoch",)).baselines["one-epoch"]
    assert (later.test, later.valid_score) == (at_once.test, at_once.valid_score)


def test_scaling_fits_both_models_on_growing_parts_and_leaves_the_test_split_shut(
    run_search: RunSearch, studies: Path
) -> None:
    result = run_search(baselines=("svm",))
    said: list[ScalingPoint] = []
    found = measure_scaling("iris", said=said.append)
    rows = result.rows["train"]
    for model in ("network", "svm"):
        assert [p.rows for p in found.points if p.model == model] == [
            rows // share for share in (16, 8, 4, 2, 1)
        ]
    assert tuple(said) == found.points
    assert found.exponents.keys() == {"network", "svm"}
    stored = json.loads((studies / "iris" / "scaling.json").read_text())
    assert stored["points"][0]["model"] == "network"
    assert SearchResult.read(studies / "iris" / "result.json").test_reads == 1


def test_scaling_obeys_its_time_budget(run_search: RunSearch) -> None:
    run_search()
    found = measure_scaling("iris", time_budget=1e-9)
    assert found.points == ()
    assert found.stopped == "stopped by the time budget"


def test_the_exponent_of_a_square_law_is_two() -> None:
    points = [ScalingPoint("svm", n, 3e-6 * n**2, 0.9) for n in (100, 200, 400, 800)]
    points += [ScalingPoint("network", n, 0.1 * n, 0.9) for n in (100, 200)]
    found = fit_exponents([*points, ScalingPoint("lone", 100, 1.0, 0.9)])
    assert found.keys() == {"svm", "network"}
    np.testing.assert_allclose([found["svm"], found["network"]], [2.0, 1.0])
