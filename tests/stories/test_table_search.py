"""A search on a table with every kind of column, in worker processes, and what it hands over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_tables import COLUMNS, by_name, make_table_raw

import automl
from automl.data import DataOptions, Dataset, build, load
from automl.data.schema import Column
from automl.orchestrator.defaults import default_space, fit_space
from automl.result import SearchResult
from automl.space.file import load_space
from automl.study.view import StudyView
from automl.training.jobs import variant_of

Read = Callable[[str], StudyView]


@pytest.fixture(params=["binary", "regression"])
def csv(request: pytest.FixtureRequest, own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(own_machine)
    path = own_machine / "shop.csv"
    raw = make_table_raw(request.param)
    labels = np.array(raw.classes)[raw.y] if raw.classes else raw.y
    pd.DataFrame(by_name(raw.X)).assign(bought=labels).to_csv(path, index=False)
    return path


def run(csv: Path, **options: Any) -> SearchResult:
    small: dict[str, Any] = {
        "trials": 4,
        "max_epochs": 3,
        "workers": 2,
        "finalists": 2,
        "baselines": ("logistic",),
        "onnx": False,
        "target": "bought",
        "keep": "200MB",
        "fixed": {"model.width": 16, "optimizer.name": "adamw"},
    }
    return automl.search(str(csv), **{**small, **options})


def test_what_a_search_on_a_table_reports_is_what_its_model_predicts(
    csv: Path, read: Read, cli: Callable[..., Any]
) -> None:
    result = run(csv)
    assert result.status == "finished"
    view = read("shop")
    variants = {variant_of(r.params).settings for r in view.records}
    assert {v.numeric for v in variants} >= {"standard", "piecewise", "quantile"}
    # The model takes the rows as they stood in the file, and scores what was reported.
    model = automl.load_model("shop")
    frame = pd.read_csv(csv)
    dataset = load(str(csv), options=DataOptions(target=("bought",)))
    assert [column.name for column in model.inputs.columns] == [c.name for c in dataset.columns]
    assert result.test is not None
    if dataset.task.is_classification:
        test = np.array(dataset.task.classes)[dataset.test.unlock()]
        assert model.score(dataset.test.X, test) == result.test.score
        assert set(model.predict(frame)) <= {"no", "yes"}
    else:
        error = model.predict(dataset.test.X) - dataset.test.unlock()
        assert np.sqrt(np.mean(error**2)) == pytest.approx(result.test.score, rel=1e-5)
    # So do the commands.
    ran = cli("predict", "shop", str(csv))
    assert ran.code == 0
    assert len(ran.out.splitlines()) == len(frame) + 1
    assert cli("replay", "shop", "--trial", "0").code == 0
    assert cli("best", "shop").out.count("`town` (4 categories)") == 1
    assert cli("export", "shop", "--format", "torch", "--trial", "0", "--to", "zero").code == 0
    zero = automl.load_model("zero")
    prepared = zero.info["recipe"]["preprocessing"]
    assert (prepared["numeric"], prepared["embed_above"]) == ("quantile", 20)


def test_a_choice_that_makes_no_difference_is_not_sampled() -> None:
    table = build("made", "vector", make_table_raw("binary"))
    names = {"preprocessing.numeric", "preprocessing.embed_above"}

    def sampled(dataset: Dataset) -> set[str]:
        space = fit_space(load_space("mlp-table"), dataset)
        assert all(start.keys() == space.domains.keys() for start in space.start)
        return names & space.domains.keys()

    def only(*kinds: str) -> Dataset:
        kept = [i for i, column in enumerate(COLUMNS) if column.kind in kinds]
        X = table.train.X[:, kept]
        columns: tuple[Column, ...] = tuple(COLUMNS[i] for i in kept)
        return replace(table, train=replace(table.train, X=X), columns=columns)

    assert sampled(table) == names
    assert sampled(only("number", "date")) == {"preprocessing.numeric"}
    assert sampled(only("category")) == {"preprocessing.embed_above"}
    assert sampled(only("date", "boolean")) == set()
    assert sampled(load("iris")) == {"preprocessing.numeric"}
    assert sampled(load("digits")) == {"preprocessing.numeric"}, "images can stay as they are"


def test_tables_have_a_space_of_their_own() -> None:
    table = build("made", "vector", make_table_raw("binary"))
    assert default_space(table).source == "mlp-table-small.yaml"
    assert default_space(load("iris")).source == "mlp-small.yaml"
    many = replace(table, train=replace(table.train, y=np.zeros(6000), X=np.zeros((6000, 7))))
    assert default_space(many).source == "mlp-table.yaml"
