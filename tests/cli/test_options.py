"""The options of the command line are the fields of the configurations."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import typer
from commands import Ran
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.baselines import BASELINES
from automl.cli.options import from_config
from automl.config import DataConfig, SearchConfig, TrainConfig
from automl.errors import ConfigError
from automl.executors import EXECUTORS
from automl.metrics import METRICS
from automl.option_types import ONE_EPOCH, PRUNERS, SAMPLERS
from automl.orchestrator.baseline_stream import find_baselines

NAMES = st.text("abcXYZ019 ,;'\"$-_.äß=", min_size=1).filter(lambda t: not t.startswith("-"))
LISTS = st.lists(NAMES, max_size=3)
SECONDS = st.floats(0.001, 1e9)
BYTES = st.integers(1, 10**12)

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(["target", "drop", "known", "missing", "family", "plugins"], LISTS),
    "header": st.booleans(),
    "delimiter": st.sampled_from([",", ";", "\t", " ", "x"]),
    "encoding": st.sampled_from(["utf-8", "latin-1", "cp1250"]),
    "decimal": st.sampled_from([".", ","]),
    "thousands": st.sampled_from([",", ".", " ", "'"]),
    "date_format": st.sampled_from(["%d/%m/%Y", "%Y%m%d"]),
    **dict.fromkeys(["time_budget", "trial_timeout", "max_latency"], SECONDS),
    **dict.fromkeys(["keep", "trial_memory", "max_size"], BYTES),
    **dict.fromkeys(["test_data", "group", "time", "sequence", "order"], NAMES),
    **dict.fromkeys(["space", "metric", "storage", "executor", "cluster"], NAMES),
    **dict.fromkeys(["onnx", "report", "download", "deterministic", "history"], st.booleans()),
    **dict.fromkeys(
        ["trials", "max_epochs", "patience", "horizon", "season"], st.integers(1, 1000)
    ),
    **dict.fromkeys(["folds", "finalists"], st.integers(0, 100)),
    "workers": st.integers(1, 1024),
    "seed": st.integers(0, 2**63 - 1),
    "task": st.sampled_from(["binary", "multiclass", "regression", "forecast"]),
    "kind": st.sampled_from(["image", "sequence"]),
    "sampler": st.sampled_from(SAMPLERS),
    "pruner": st.sampled_from(PRUNERS),
    "ensemble": st.sampled_from(["networks", "all"]),
    "prefer": st.sampled_from(["auto", "single", "ensemble"]),
    "device": st.sampled_from(["auto", "cpu", "cuda", "cuda:1", "mps"]),
    "study": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    "baselines": st.lists(st.sampled_from(["svm", "dummy", "one-epoch"]), max_size=3),
    "fixed": st.dictionaries(
        st.from_regex(r"[a-z]+\.[a-z_]+", fullmatch=True),
        st.sampled_from(["adam", "relu"]) | st.integers(-99, 99) | st.floats(1e-12, 1e12),
    ),
}
"""A value of every option, as a program gives it."""


@cache
def _command(kind: type[DataConfig]) -> Any:
    app = typer.Typer()
    app.command()(from_config(lambda config: config, kind))
    return typer.main.get_command(app)  # made once: it takes as long as hundred parses


def _parse(words: list[str], kind: type[DataConfig]) -> DataConfig:
    config: DataConfig = _command(kind).main(words, standalone_mode=False)
    return config


def test_no_option_was_forgotten() -> None:
    assert {"dataset", *FIELDS} == SearchConfig.model_fields.keys()


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_command_line_makes_the_search_that_it_was_made_of(name: str, data: Any) -> None:
    value = data.draw(FIELDS[name])
    config = SearchConfig(dataset="a b.csv", **{name: value})
    words = shlex.split(config.command_line())
    assert words[:2] == ["automl", "search"]
    assert _parse(words[2:], SearchConfig) == config


@given(st.fixed_dictionaries({}, optional=FIELDS))
def test_several_options_go_together(options: dict[str, Any]) -> None:
    try:
        config = SearchConfig(dataset="iris", **options)
    except ConfigError:
        return  # some exclude each other
    assert _parse(shlex.split(config.command_line())[2:], SearchConfig) == config


@pytest.mark.parametrize("kind", [SearchConfig, TrainConfig])
def test_every_option_has_its_help(kind: type[DataConfig]) -> None:
    for name, field in kind.model_fields.items():
        assert field.description, name
        assert field.description[-1] == ".", name


def test_help_names_all_that_can_be_chosen(cli: Callable[..., Ran]) -> None:
    def said(name: str) -> str:
        return str(SearchConfig.model_fields[name].description)

    assert all(name in said("baselines") for name in [*BASELINES.names(), ONE_EPOCH])
    assert find_baselines([ONE_EPOCH]) == (ONE_EPOCH,)
    compared = cli("compare", "--help").out
    assert all(name in compared for name in [*BASELINES.names(), ONE_EPOCH])
    assert all(name in said("executor") for name in EXECUTORS.names())
    assert all(name in said("metric") for name in METRICS)


def test_a_negative_and_a_repeated_option_are_understood(cli: Callable[..., Ran]) -> None:
    config = _parse(["--dataset", "iris", "--no-onnx", "--drop", "a", "--drop=-b"], SearchConfig)
    assert isinstance(config, SearchConfig)
    assert (config.onnx, config.drop) == (False, ("a", "-b"))
    assert "[default: 200MB]" in " ".join(cli("search", "--help").out.split())
