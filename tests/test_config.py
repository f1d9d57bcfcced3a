"""`SearchConfig` checks every option when it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.config import SearchConfig
from automl.errors import ConfigError
from automl.units import parse_duration, parse_size


def test_a_time_budget_alone_leaves_the_trials_to_it() -> None:
    assert SearchConfig(dataset="iris", time_budget="5m").total_trials is None
    assert SearchConfig(dataset="iris", time_budget="5m", trials=7).total_trials == 7


def test_a_data_set_is_all_it_takes() -> None:
    config = SearchConfig(dataset="iris")
    assert (config.total_trials, config.seed, config.sampler, config.pruner) == (
        100,
        0,
        "gp",
        "halving",
    )
    assert config.study_name == "iris"
    assert config.worker_count >= 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"trails": 3}, "unknown option 'trails' (did you mean 'trials'?); known: dataset, "),
        ({"trials": "3"}, "trials: must be a valid integer, but got '3'"),
        ({"trials": 0}, "trials: must be greater than or equal to 1, but got 0"),
        ({"trials": True}, "trials: must be a valid integer, but got True"),
        ({"seed": -1}, "seed: must be greater than or equal to 0, but got -1"),
        ({"seed": 2**63}, "seed: must be less than"),
        ({"time_budget": float("nan")}, "time_budget: "),
        ({"time_budget": "soon"}, "but got 'soon'"),
        ({"sampler": "TPE"}, "unknown sampler 'TPE'; known: gp, forest"),
        (
            {"baselines": 3},
            "baselines: must be names separated by commas, a list of names, or none",
        ),
        ({"baselines": " , "}, "baselines: must be names separated by commas, or none"),
        ({"keep": "much"}, "keep: must be a size such as 500kB, 200MB or 2GB, but got 'much'"),
        ({"study": "a/b"}, "study: must be 1 to 100 letters, digits"),
        ({"study": 3}, "study: must be a valid string, but got 3"),
        ({"fixed": {"model.depth": None}}, "fixed: "),
        ({"workers": 0}, "workers: "),
        ({"patience": 0}, "patience: "),
        ({"finalists": -1}, "finalists: "),
    ],
)
def test_a_wrong_option_is_one_line(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        SearchConfig(dataset="iris", **options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("none", [None, "none", (), ["none"], set()])
def test_no_baselines_can_be_said_in_any_way(none: Any) -> None:
    assert SearchConfig(dataset="iris", baselines=none).baselines == ()


def test_names_come_in_any_collection() -> None:
    config = SearchConfig(dataset="d.csv", drop=pd.Index(["a", "b"]), target=None, family={"mlp"})
    assert (config.drop, config.target, config.family) == (("a", "b"), (), ("mlp",))


def test_an_option_cannot_be_changed_afterwards() -> None:
    config = SearchConfig(dataset="iris")
    with pytest.raises(ValueError, match="frozen"):
        config.trials = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("90s", 90.0), ("5m", 300.0), ("1.5h", 5400.0), (" 2 m ", 120.0), ("0", 0.0)],
)
def test_a_duration_has_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "5 minutes", "-5m", "1e3", "5d", "½h", "1:30"])
def test_what_is_no_duration_is_left_for_the_check(text: str) -> None:
    assert parse_duration(text) == text
    with pytest.raises(ConfigError, match="time_budget"):
        SearchConfig(dataset="iris", time_budget=text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("200MB", 200_000_000), ("1.5 gb", 1_500_000_000), ("500kB", 500_000), ("0", 0)],
)
def test_a_size_has_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert SearchConfig(dataset="iris", keep=text).keep == size


@given(st.text())
def test_any_text_is_a_duration_or_a_config_error(text: str) -> None:
    for option, kind in (("time_budget", float), ("keep", int)):
        try:
            value = getattr(SearchConfig(dataset="iris", **{option: text}), option)
        except ConfigError as error:
            value, said = None, str(error)
        assert type(value) is kind if value is not None else option in said


@given(st.text())
def test_a_study_name_never_leaves_its_folder(name: str) -> None:
    try:
        config = SearchConfig(dataset="iris", study=name)
    except ConfigError:
        return
    assert config.study_name == name
    assert "/" not in name
    assert not name.startswith(".")
    assert 1 <= len(name) <= 100


def test_workers_are_as_many_as_asked_for() -> None:
    assert SearchConfig(dataset="iris", workers=7).worker_count == 7


def test_options_may_be_numbers_of_numpy_and_paths() -> None:
    config = SearchConfig(
        dataset=Path("a.csv"), trials=np.int64(3), fixed={"model.width": np.int64(16)}
    )
    assert config == SearchConfig(dataset="a.csv", trials=3, fixed={"model.width": 16})
    assert type(config.fixed["model.width"]) is int
