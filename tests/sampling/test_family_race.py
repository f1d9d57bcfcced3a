"""Several families in one search: all get a chance, and those ahead get the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from automl.cli.views.result import families_line
from automl.data import load
from automl.errors import ConfigError, UnknownNameError
from automl.orchestrator.defaults import default_space
from automl.report.gather import gather
from automl.result import SearchResult
from automl.sampling.candidates import Asked
from automl.sampling.family_race import FIRST, FamilySampling
from automl.sampling.rounds import RoundSampling
from automl.sampling.sampler import Sampling
from automl.space.domains import FloatDomain
from automl.space.file import load_space
from automl.space.space import SearchSpace, join
from automl.study.view import StudyView
from automl.trial import EpochResult, TrialResult, TrialStatus

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]

SPACE = join(
    "three",
    [
        SearchSpace("", {"model.x": FloatDomain(0, 1)}, {"family": name}, ({"model.x": 0.5},))
        for name in ("low", "high", "middle")
    ],
)
BONUS = {"low": 0.0, "middle": 1.0, "high": 2.0}


def _sampling(past: list[FrozenTrial] | None = None, **options: Any) -> FamilySampling:
    return FamilySampling(Sampling, SPACE, "maximize", seed=0, past=past or [], **options)


def _result(asked: Asked) -> TrialResult:
    score = BONUS[asked.params["family"]] + float(asked.params["model.x"])
    history = (EpochResult(asked.number, 1, 0.1, 0.1, score, 0.1, 1.0),)
    return TrialResult(asked.number, TrialStatus.COMPLETE, history, 0.1, best_epoch=1)


def _run(sampling: FamilySampling, count: int) -> Iterator[tuple[Asked, FrozenTrial]]:
    for _ in range(count):
        asked = sampling.ask()
        result = _result(asked)
        sampling.report(asked.number, 1, result.history[0].valid_score)
        sampling.tell(asked.number, result)
        yield (
            asked,
            create_trial(
                params=dict(asked.drawn),
                distributions=dict(asked.distributions),
                value=result.valid_score,
                intermediate_values={1: result.history[0].valid_score},
            ),
        )


def test_half_of_the_families_go_on_each_time_with_as_many_trials_again() -> None:
    sampling = _sampling()
    first = Counter(asked.params["family"] for asked, _ in _run(sampling, 3 * FIRST))
    assert first == dict.fromkeys(BONUS, FIRST)
    second = Counter(asked.params["family"] for asked, _ in _run(sampling, 2 * FIRST))
    assert second == {"high": FIRST, "middle": FIRST}
    assert {asked.params["family"] for asked, _ in _run(sampling, 10)} == {"high"}


def test_a_glimpse_does_not_decide_between_families() -> None:
    """It is of few rows and little training, so that luck could be ahead."""
    sampling = _sampling()
    for _ in range(3 * FIRST):
        asked = sampling.ask()
        if asked.params["family"] == "low":
            sampling.report(asked.number, 0, 100.0)
        result = _result(asked)
        sampling.report(asked.number, 1, result.history[0].valid_score)
        sampling.tell(asked.number, result)
    assert {asked.params["family"] for asked, _ in _run(sampling, 4)} == {"high", "middle"}


def test_a_candidate_has_plain_names_and_the_study_its_familys() -> None:
    asked = _sampling().ask()
    assert asked.number == 0
    assert asked.params == {"family": "low", "model.x": 0.5}
    assert asked.drawn == {"family": "low", "low.model.x": 0.5}
    assert asked.distributions.keys() == asked.drawn.keys()


@pytest.mark.parametrize("before", [2, 3 * FIRST - 1, 4 * FIRST])
def test_a_resumed_search_goes_on_with_the_families_that_were_ahead(before: int) -> None:
    sampling = _sampling()
    past = [frozen for _, frozen in _run(sampling, before)]
    for number, trial in enumerate(past):
        trial.number = number
    resumed = _sampling(past)
    for (asked, _), (same, _) in zip(_run(resumed, 6), _run(sampling, 6), strict=True):
        assert (asked.number, asked.params["family"]) == (same.number, same.params["family"])


def test_what_a_killed_search_left_is_asked_first_under_its_own_number() -> None:
    past = [frozen for _, frozen in _run(_sampling(), 4)]
    for number, trial in enumerate(past):
        trial.number = number
    past[1].state, past[1].values = TrialState.RUNNING, None
    sampling = _sampling(past)
    asked = sampling.ask()
    assert (asked.number, asked.drawn) == (1, past[1].params)
    assert sampling.ask().number == 4


def test_in_rounds_nobody_is_asked_before_all_that_decide_are_known() -> None:
    sampling = FamilySampling(RoundSampling, SPACE, "maximize", seed=0, in_rounds=True)
    asked = [sampling.ask() for _ in range(3 * FIRST)]
    assert not sampling.ready
    for one in reversed(asked):
        assert not sampling.ready
        sampling.tell(one.number, _result(one))
    assert sampling.ready


PRICES = {"low": 1.0, "high": 10.0, "middle": 100.0}


def _spend(sampling: FamilySampling, trials: int, seconds: dict[str, float]) -> Counter[str]:
    """Tell so many results, each after the seconds of its family; count trials by family."""
    found: Counter[str] = Counter()
    for _ in range(trials):
        asked = sampling.ask()
        family = asked.params["family"]
        result = replace(_result(asked), seconds=seconds[family])
        sampling.report(asked.number, 1, result.history[0].valid_score)
        sampling.tell(asked.number, result)
        found[family] += 1
    return found


def test_in_a_budget_families_get_as_much_time_and_not_as_many_trials() -> None:
    sampling = _sampling(prices=PRICES, left=lambda: 1000.0)
    assert _spend(sampling, 9, PRICES) == {"low": 9}
    assert _spend(sampling, 22, PRICES) == {"low": 20, "high": 2}


def test_a_family_that_is_quicker_than_expected_gets_more_trials() -> None:
    sampling = _sampling(prices=PRICES, left=lambda: 1000.0)
    found = _spend(sampling, 40, {"low": 1.0, "high": 1.0, "middle": 100.0})
    assert found["high"] > 10


def test_what_does_not_fit_into_the_time_left_is_not_begun_and_drops_nobody() -> None:
    sampling = _sampling(prices=PRICES, left=lambda: 50.0)
    found = _spend(sampling, 20 * FIRST, {**PRICES, "high": 1.0})
    assert "middle" not in found
    assert found["high"] > found["low"], "of those that were begun the better half goes on"
    sampling = _sampling(prices=PRICES, left=lambda: 0.5)
    assert _spend(sampling, 3, PRICES) == {"low": 3}, "when nothing fits, the cheapest"


TINY = """
family: {choice: [mlp, gru]}
training: {batch_size: 64}
mlp:
  model: {depth: 1, width: {int: [4, 8]}, activation: {choice: [relu, tanh]}}
  optimizer: {learning_rate: {float: [1.0e-3, 1.0e-1], log: true}}
gru:
  model: {width: {int: [2, 4]}, readout: {choice: [last, mean]}}
  optimizer: {learning_rate: {float: [1.0e-5, 1.0e-4], log: true}}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    return str(path)


@pytest.fixture
def options(tiny: str) -> dict[str, Any]:
    return {"space": tiny, "trials": 2 * FIRST + 4, "max_epochs": 3, "fixed": {}, "report": True}


def test_a_search_keeps_both_families_apart_and_says_which_one_is_ahead(
    run_search: Search, read: Read, options: dict[str, Any], studies: Path
) -> None:
    result = run_search(**options)
    view = read("iris")
    count = Counter(r.params["family"] for r in view.records)
    assert count == {"mlp": FIRST + 4, "gru": FIRST}
    assert all("model.activation" in r.params for r in view.records if r.params["family"] == "mlp")
    assert all("model.readout" in r.params for r in view.records if r.params["family"] == "gru")
    assert result.best is not None
    assert result.best.params["family"] == "mlp"
    plain = optuna.load_study(study_name="iris", storage=f"sqlite:///{studies}/iris/study.db")
    names = {frozenset(t.params) for t in plain.trials}
    assert names == {
        frozenset(
            ["family", "mlp.model.width", "mlp.model.activation", "mlp.optimizer.learning_rate"]
        ),
        frozenset(
            ["family", "gru.model.width", "gru.model.readout", "gru.optimizer.learning_rate"]
        ),
    }
    facts = gather(view)
    line = families_line(facts.families, view.metric.name)
    assert line.startswith("families, on validation rows: mlp ")
    assert [f.family for f in facts.families] == ["mlp", "gru"]
    assert set(facts.domains) == {"optimizer.learning_rate", "model.width", "model.activation"}
    assert {r.params["family"] for r in facts.siblings} == {"mlp"}
    page = (studies / "iris" / "report.html").read_text()
    assert "Of the families, mlp fits best" in page


def test_a_resumed_search_of_several_families_has_all_its_trials(
    run_search: Search, read: Read, options: dict[str, Any]
) -> None:
    run_search(**{**options, "trials": 5})
    before = read("iris").records
    run_search(**{**options, "trials": 9})
    after = read("iris").records
    assert after[:5] == before
    assert Counter(r.params["family"] for r in after) == {"mlp": 5, "gru": 4}


def test_several_families_are_deterministic_for_any_number_of_workers(
    run_search: Search, read: Read, options: dict[str, Any]
) -> None:
    found = []
    for workers in (1, 2):
        run_search(
            study=f"with-{workers}",
            workers=workers,
            **{**options, "executor": "process", "deterministic": True, "report": False},
        )
        records = read(f"with-{workers}").records
        found.append([(r.number, r.params, r.valid_score, r.status) for r in records])
    assert found[0] == found[1]


def test_the_families_that_are_named_get_their_own_spaces() -> None:
    space = default_space(load("digits"), ["mlp", "cnn"])
    assert space.families == ("mlp", "cnn")
    assert space.of_family("mlp").domains == load_space("mlp-small").domains
    assert default_space(load("iris")).families == ()


def test_a_search_can_be_narrowed_to_a_family(run_search: Search, read: Read, tiny: str) -> None:
    run_search(space=tiny, family=("gru",), trials=2, fixed={})
    assert {r.params["family"] for r in read("iris").records} == {"gru"}
    run_search(family="gru", trials=2, study="default", fixed={"model.width": 2})
    assert {r.params["family"] for r in read("default").records} == {"gru"}


def test_a_family_that_there_is_not_is_refused(run_search: Search, tiny: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown family of this space 'cnn'"):
        run_search(space=tiny, family=("cnn",), fixed={})
    with pytest.raises(UnknownNameError, match="unknown family 'cnm'"):
        run_search(family=("cnm",), fixed={})


def test_a_family_without_a_space_of_its_own_says_how_to_name_one() -> None:
    with pytest.raises(ConfigError, match=r"'mine' comes without a search space; name one with"):
        default_space(load("iris"), ["mine"])
