"""What the study store writes, Optuna reads back whole."""

from __future__ import annotations

import math
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from automl.errors import StudyError
from automl.study.urls import public_url
from automl.study.writer import StudyStore


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'study.db'}"


@pytest.fixture(scope="module")
def store(url: str) -> Any:
    store = StudyStore(url)
    yield store
    store.close()


FLOATS = st.floats(-1e300, 1e300)
DRAWN: st.SearchStrategy[tuple[BaseDistribution, Any]] = st.one_of(
    st.tuples(FLOATS, FLOATS, FLOATS).map(
        lambda t: (FloatDistribution(min(t), max(t)), sorted(t)[1])
    ),
    st.tuples(*[st.floats(1e-12, 1e12)] * 3).map(
        lambda t: (FloatDistribution(min(t), max(t), log=True), sorted(t)[1])
    ),
    st.tuples(*[st.integers(-(2**40), 2**40)] * 3).map(
        lambda t: (IntDistribution(min(t), max(t)), sorted(t)[1])
    ),
    st.lists(
        st.text(st.characters(codec="utf-8")) | st.integers(), min_size=1, max_size=4, unique=True
    ).map(lambda c: (CategoricalDistribution(tuple(c)), c[-1])),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FLOATS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
NUMBERS = st.floats(allow_nan=False)
STATES = st.sampled_from([TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL])


@settings(max_examples=25)
@given(
    drawn=st.dictionaries(KEYS, DRAWN, max_size=5),
    state=STATES,
    value=NUMBERS,
    steps=st.dictionaries(st.integers(0, 10**6), st.floats(), max_size=6),
    user=st.dictionaries(KEYS, JSON, max_size=3),
    system=st.dictionaries(KEYS, JSON, max_size=2),
)
def test_a_trial_is_read_back_by_optuna_as_it_was_written(
    store: StudyStore,
    url: str,
    drawn: dict[str, tuple[BaseDistribution, Any]],
    state: TrialState,
    value: float,
    steps: dict[int, float],
    user: dict[str, Any],
    system: dict[str, Any],
) -> None:
    name = f"study {datetime.now(UTC).timestamp()}"
    study_id = store.create_study(name, "maximize")
    distributions = {n: d for n, (d, _) in drawn.items()}
    params = {n: v for n, (_, v) in drawn.items()}
    trial_id = store.begin_trial(study_id, 0, params, distributions)
    running = optuna.load_study(study_name=name, storage=url).trials[0]
    assert (running.state, running.params) == (TrialState.RUNNING, params)
    told = None if state is TrialState.FAIL else value
    store.finish_trial(
        trial_id, state, value=told, intermediate=steps, user_attrs=user, system_attrs=system
    )
    trial = optuna.load_study(study_name=name, storage=url).trials[0]
    assert (trial.number, trial.state, trial.value) == (0, state, told)
    assert trial.params == params
    assert trial.distributions == distributions
    assert trial.user_attrs == user
    assert trial.system_attrs == system
    assert trial.intermediate_values.keys() == steps.keys()
    for step, wrote in steps.items():
        read = trial.intermediate_values[step]
        assert read == wrote or (math.isnan(read) and math.isnan(wrote))
    assert trial.datetime_start is not None
    assert trial.datetime_complete is not None
    assert trial.datetime_start <= trial.datetime_complete
    assert trial.duration is not None
    assert repr(store.trials(study_id)) == repr([trial]), "our quick reading is Optuna's"


def test_optuna_goes_on_with_what_the_store_has_written(store: StudyStore, url: str) -> None:
    study_id = store.create_study("to go on with", "minimize")
    distributions = {"x": FloatDistribution(0.0, 1.0)}
    for number, x in enumerate((0.2, 0.4)):
        trial_id = store.begin_trial(study_id, number, {"x": x}, distributions)
        store.finish_trial(trial_id, TrialState.COMPLETE, value=x, intermediate={}, user_attrs={})
    study = optuna.load_study(study_name="to go on with", storage=url)
    study.sampler = optuna.samplers.RandomSampler(seed=0)
    assert (study.direction.name, study.best_value) == ("MINIMIZE", 0.2)
    study.optimize(lambda trial: trial.suggest_float("x", 0.0, 1.0), n_trials=1)
    assert [t.number for t in store.trials(study_id)] == [0, 1, 2]


def test_study_attributes_can_be_set_again(store: StudyStore, url: str) -> None:
    study_id = store.create_study("with attributes", "maximize")
    for value in ({"a": [1]}, {"a": [2]}):
        store.set_study_attr(study_id, "key", value)
        assert store.study_attrs(study_id) == {"key": value}
    study = optuna.load_study(study_name="with attributes", storage=url)
    assert study.user_attrs == {"key": {"a": [2]}}


def test_a_study_is_found_by_its_name(store: StudyStore) -> None:
    study_id = store.create_study("to be found", "maximize")
    assert store.find_study("to be found") == study_id
    assert store.find_study("to be foun") is None


def test_what_a_killed_search_left_running_is_failed(store: StudyStore) -> None:
    study_id = store.create_study("killed", "maximize")
    distributions = {"x": IntDistribution(0, 9)}
    done, *_ = (store.begin_trial(study_id, n, {"x": n}, distributions) for n in range(3))
    store.finish_trial(done, TrialState.COMPLETE, value=1.0, intermediate={}, user_attrs={})
    assert list(store.running(study_id)) == [1, 2]
    for trial_id in store.running(study_id).values():
        store.fail(trial_id, "interrupted")
    states = [t.state for t in store.trials(study_id)]
    assert states == [TrialState.COMPLETE, TrialState.FAIL, TrialState.FAIL]
    assert store.trials(study_id)[1].user_attrs == {"error": "interrupted"}
    assert store.running(study_id) == {}


def test_a_trial_that_was_put_back_begins_again(store: StudyStore) -> None:
    study_id = store.create_study("put back", "maximize")
    trial_id = store.begin_trial(study_id, 0, {"x": 3}, {"x": IntDistribution(0, 9)})
    store.put_back(trial_id)
    assert (store.waiting(study_id), store.running(study_id)) == ({0: trial_id}, {})
    (trial,) = store.trials(study_id)
    assert (trial.state, trial.params, trial.datetime_start) == (
        TrialState.WAITING,
        {"x": 3},
        None,
    )
    store.begin_again(trial_id)
    assert (store.waiting(study_id), store.running(study_id)) == ({}, {0: trial_id})
    assert store.trials(study_id)[0].datetime_start is not None


def test_a_finished_trial_is_whole_or_not_there(store: StudyStore) -> None:
    study_id = store.create_study("whole", "maximize")
    trial_id = store.begin_trial(study_id, 0, {}, {})
    with pytest.raises(TypeError, match="not JSON serializable"):
        store.finish_trial(
            trial_id,
            TrialState.COMPLETE,
            value=1.0,
            intermediate={1: 0.5},
            user_attrs={"what": object()},
        )
    (trial,) = store.trials(study_id)
    assert (trial.state, trial.value, trial.intermediate_values) == (TrialState.RUNNING, None, {})


def test_readers_need_not_wait_for_the_writer(store: StudyStore, url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@pytest.mark.parametrize(
    "content",
    [
        b"not a database, but text that is long enough to be one" * 99,
        b"SQLite format 3\0" + b"x" * 4096,
    ],
    ids=["text", "header only"],
)
def test_a_file_that_is_no_database_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"study\.db: cannot be opened: "):
        StudyStore(f"sqlite:///{path}")
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "nonsense://x",
        "sqlite+nonsense:///x.db",
        "mongodb://x",
        "sqlite:////nowhere/at/all.db",
        "postgresql://localhost:notaport/x",
        "://",
        "",
    ],
)
def test_a_wrong_address_is_said(url: str) -> None:
    with pytest.raises(StudyError, match="cannot be opened") as error:
        StudyStore(url)
    assert "\n" not in str(error.value)


def test_another_version_of_optunas_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    StudyStore(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE version_info SET schema_version = 11")
    connection.close()
    with pytest.raises(StudyError):
        StudyStore(f"sqlite:///{path}")


def test_an_address_is_shown_without_its_password() -> None:
    assert "secret" not in public_url("postgresql://me:secret@host/db")
    assert public_url("::::") == "the storage URL"
