"""A loaded model behaves as scikit-learn's do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from made_rows import make_rows
from sklearn.metrics import accuracy_score, r2_score

from automl.bundle import model as model_module
from automl.bundle.archive import copy_bundle
from automl.bundle.model import load_model
from automl.errors import DataError, DataWarning

MakeBundle = Callable[..., Path]


def test_folder_zip_and_study_name_give_the_same_model(
    make_bundle: MakeBundle, tmp_path: Path, studies: Path
) -> None:
    link = make_bundle(link=studies / "mine" / "best")
    copy_bundle(link, tmp_path / "mine.zip")
    copy_bundle(link, tmp_path / "copy")
    X = make_rows("vector")
    expected = load_model("mine").predict_proba(X)
    for source in (link, str(link), studies / "mine", tmp_path / "mine.zip", tmp_path / "copy"):
        np.testing.assert_array_equal(load_model(source).predict_proba(X), expected)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_probabilities_are_in_the_order_of_the_classes(make_bundle: MakeBundle, task: str) -> None:
    model = load_model(make_bundle(task))
    X = make_rows("vector")
    proba = model.predict_proba(X)
    assert proba.shape == (len(X), len(model.classes_))
    np.testing.assert_allclose(proba.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(model.predict(X), model.classes_[proba.argmax(axis=1)])


def test_numpy_pandas_and_torch_give_the_same(make_bundle: MakeBundle) -> None:
    model = load_model(make_bundle())
    X = make_rows("vector")
    expected = model.predict_proba(X)
    frame = pd.DataFrame(X, columns=list("abcd"))
    for rows in (X.tolist(), frame, frame.astype(object), frame.convert_dtypes(), torch.tensor(X)):
        np.testing.assert_array_equal(model.predict_proba(rows), expected)
    single = torch.tensor(X, dtype=torch.float32, requires_grad=True)
    np.testing.assert_allclose(model.predict_proba(single), expected, atol=1e-5)


@pytest.mark.parametrize("unit", [1, 16])
def test_pixels_on_another_scale_than_those_of_training_are_told(
    make_bundle: MakeBundle, unit: int
) -> None:
    rows = make_rows("image") / (16.0 / unit)
    model = load_model(make_bundle(kind="image", rows=rows))
    model.predict(rows[:3])
    with pytest.warns(DataWarning, match=r"values from 0 to (1|16), where those of training go"):
        model.predict(rows * (16 if unit == 1 else 1 / 16))


@pytest.mark.parametrize(("limit", "most"), [("BATCH_ROWS", 4), ("BATCH_NUMBERS", 13)])
@pytest.mark.parametrize("rows", [0, 1, 3, 4, 9])
def test_batches_change_nothing(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch, rows: int, limit: str, most: int
) -> None:
    model = load_model(make_bundle())
    X = make_rows("vector")[:rows]
    expected = model.predict_proba(X)
    monkeypatch.setattr(model_module, limit, most)
    found = model.predict_proba(X)
    assert found.shape == (rows, 3)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_regression_answers_in_the_targets_own_units(make_bundle: MakeBundle) -> None:
    model = load_model(make_bundle("regression"))
    X = make_rows("vector")
    pred = model.predict(X)
    with torch.no_grad():
        out = model.module(torch.as_tensor(model.preprocessing.transform(X)))
    np.testing.assert_allclose(pred, 200.0 + 30.0 * out[:, 0].numpy(), rtol=1e-6)
    assert not hasattr(model, "classes_")
    with pytest.raises(AttributeError, match="classification"):
        model.predict_proba(X)


def test_score_is_scikit_learns(make_bundle: MakeBundle) -> None:
    X = make_rows("vector")
    model = load_model(make_bundle("multiclass"))
    y = np.array([3, 5, 8, 5] * 10)
    expected = accuracy_score(y, model.predict(X))
    for targets in (y, list(y), pd.Series(y), torch.tensor(y)):
        assert model.score(X, targets) == expected
    regression = load_model(make_bundle("regression"))
    target = 200.0 + np.arange(40.0)
    assert regression.score(X, target) == pytest.approx(r2_score(target, regression.predict(X)))


def test_score_knows_labels_of_text(make_bundle: MakeBundle) -> None:
    model = load_model(make_bundle("binary"))
    X = make_rows("vector")
    assert model.score(X, model.predict(X)) == 1.0
    assert model.score(X, pd.Series(model.predict(X))) == 1.0


def test_score_refuses_another_number_of_targets(make_bundle: MakeBundle) -> None:
    model = load_model(make_bundle())
    with pytest.raises(DataError, match="y must have the shape"):
        model.score(make_rows("vector"), [3, 5])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.zeros((3, 5)), r"must have the shape \(4,\)"),
        (np.zeros(4), r"must have the shape \(4,\)"),
        (np.full((2, 4), np.nan), "finite"),
        (np.array([["a", "b", "c", "d"]]), "numbers"),
        (pd.DataFrame({"a": [1], "b": ["x"], "c": [1], "d": [2]}), "numbers"),
        (np.zeros((2, 4), dtype=complex), "numbers"),
    ],
)
def test_rows_of_another_kind_are_refused(
    make_bundle: MakeBundle, rows: object, reason: str
) -> None:
    with pytest.raises(DataError, match=reason):
        load_model(make_bundle()).predict(rows)


def test_the_module_is_a_plain_network_that_can_be_tuned_further(make_bundle: MakeBundle) -> None:
    model = load_model(make_bundle(dropout=0.5, normalisation="batch"))
    X = make_rows("vector")
    before = model.predict_proba(X)
    model.module.train()
    optimizer = torch.optim.SGD(model.module.parameters(), lr=0.1)
    inputs = torch.as_tensor(model.preprocessing.transform(X))
    loss = torch.nn.functional.cross_entropy(model.module(inputs), torch.zeros(40).long())
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    after = model.predict_proba(X)
    assert model.module.training  # a look in between does not end the training
    assert not np.array_equal(before, after)
    assert after[:, 0].mean() > before[:, 0].mean()


def test_loading_leaves_the_callers_random_numbers_alone(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    load_model(bundle)
    assert torch.equal(torch.rand(3), expected)


def test_a_reader_that_two_switches_overtook_reads_the_new_bundle(
    make_bundle: MakeBundle, studies: Path
) -> None:
    from automl.bundle.find import read_bundle
    from automl.bundle.format import read_info

    link = studies / "mine" / "best"
    make_bundle(link=link)
    seen: list[Path] = []

    def read(folder: Path) -> int:
        seen.append(folder)
        if len(seen) == 1:
            make_bundle(link=link, seed=1)
            make_bundle(link=link, seed=2)
        return int(read_info(folder)["training"]["seed"])

    assert read_bundle("mine", read) == 2
    assert len(seen) == 2
