"""A bundle of several networks predicts their weighted mean, and is a bundle like any other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_rows import make_rows

from automl.bundle.archive import copy_bundle
from automl.bundle.format import read_info
from automl.bundle.members import with_temperature
from automl.bundle.model import load_model
from automl.data.preprocess.standardise import PreprocessingSettings
from automl.errors import BundleError

MakeBundle = Callable[..., Path]
Tamper = Callable[[Path, Callable[[dict[str, Any]], None]], Path]

CASES = [
    ("binary", "vector", {"width": 3}, {"width": 5, "activation": "tanh"}),
    ("multiclass", "image", {"family": "cnn"}, {"family": "mlp"}),
    ("regression", "table", {}, {"settings": PreprocessingSettings("quantile", 4)}),
    ("binary", "sequence", {"family": "gru"}, {"family": "lstm"}),
]


def parts_of(bundle: Path) -> list[Path]:
    return sorted(bundle.parent.glob("[0-9]"))


def outputs(bundle: Path, X: Any) -> Any:
    model = load_model(bundle)
    return model.predict_proba(X) if model.task.is_classification else model.predict(X)


@pytest.mark.parametrize(("task", "kind", "one", "other"), CASES)
def test_it_predicts_the_weighted_mean_of_its_networks_to_the_bit(
    make_ensemble: MakeBundle, task: str, kind: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    X = make_rows(kind)
    # Folds see other rows, so their preprocessing differs.
    bundle = make_ensemble(task, one | {"rows": X[::2]}, other | {"rows": X}, kind=kind)
    a, b = (outputs(part, X).astype(np.float64) for part in parts_of(bundle))
    expected = (a * (1 / 3) + b * (2 / 3)).astype(np.float32)
    np.testing.assert_array_equal(outputs(bundle, X), expected)
    model = load_model(bundle)
    assert not any(module.training for module in model.module.modules())
    if task != "regression":
        np.testing.assert_array_equal(model.predict(X), model.classes_[expected.argmax(axis=1)])
    with torch.no_grad():
        of_module = model.module(torch.as_tensor(X))
    np.testing.assert_allclose(of_module.numpy(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_a_temperature_changes_how_sure_it_is_and_not_of_what(
    make_bundle: MakeBundle,
    make_ensemble: MakeBundle,
    tamper: Tamper,
    several: bool,
    temperature: float,
) -> None:
    bundle = make_ensemble("multiclass", {}, {}) if several else make_bundle("multiclass")
    X = make_rows("vector")
    before = outputs(bundle, X)
    tamper(bundle, lambda info: info.update(with_temperature(info, temperature)))
    model = load_model(bundle)
    after = model.predict_proba(X)
    expected = before.astype(np.float64) ** (1 / temperature)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(after, expected, atol=1e-6)
    assert (after.max(axis=1) < before.max(axis=1)).all() == (temperature > 1)
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    assert model.info["format"] == 2
    if several:
        with torch.no_grad():
            np.testing.assert_allclose(model.module(torch.as_tensor(X)), after, atol=1e-6)


@pytest.mark.parametrize("temperature", [0, -1.0, "warm", True, None, 1e9])
def test_a_temperature_that_is_none_is_refused(
    make_bundle: MakeBundle, tamper: Tamper, temperature: Any
) -> None:
    bundle = tamper(make_bundle(), lambda info: info.update(format=2, temperature=temperature))
    with pytest.raises(BundleError, match="temperature must be from"):
        load_model(bundle)


def test_numbers_have_no_temperature(make_bundle: MakeBundle, tamper: Tamper) -> None:
    bundle = tamper(make_bundle("regression"), lambda info: info.update(temperature=2.0))
    with pytest.raises(BundleError, match="temperature is for classes"):
        load_model(bundle)


def test_networks_of_one_split_share_their_preprocessing(make_ensemble: MakeBundle) -> None:
    bundle = make_ensemble("binary", {"width": 3}, {"width": 5}, {"rows": make_rows("vector")[:9]})
    info = read_info(bundle)
    assert [member["preparation"] for member in info["members"]] == [0, 0, 1]
    assert len(info["preparations"]) == 2


def test_fine_tuning_its_networks_changes_what_it_predicts(make_ensemble: MakeBundle) -> None:
    model = load_model(make_ensemble("binary", {}, {}))
    X = make_rows("vector")
    before = model.predict_proba(X)
    model.module.train()
    with torch.no_grad():
        for network in model.networks:
            for weights in network.module.parameters():
                weights.mul_(2.0)
    assert not np.array_equal(model.predict_proba(X), before)
    assert all(network.module.training for network in model.networks)


@pytest.mark.parametrize("name", ["copy", "copy.zip"])
def test_a_copy_predicts_the_same(make_ensemble: MakeBundle, tmp_path: Path, name: str) -> None:
    bundle = make_ensemble("multiclass", {"width": 3}, {"width": 4}, {"width": 5})
    copy_bundle(bundle, tmp_path / name)
    X = make_rows("vector")
    np.testing.assert_array_equal(outputs(tmp_path / name, X), outputs(bundle, X))


def test_the_card_lists_the_networks(make_ensemble: MakeBundle) -> None:
    bundle = make_ensemble("multiclass", {"width": 3}, {"width": 3}, {"family": "transformer"})
    card = (bundle / "MODEL_CARD.md").read_text()
    assert "An ensemble of 3 networks (2 `mlp`, 1 `transformer`)" in card
    for i in (1, 2, 3):
        assert f"| `member-{i}.safetensors` | {i / 6:.4g} |" in card
    assert "Settings of `member-1.safetensors`, `member-2.safetensors`:" in card


def test_only_several_networks_need_the_newer_format(
    make_bundle: MakeBundle, make_ensemble: MakeBundle
) -> None:
    assert read_info(make_bundle())["format"] == 1
    assert read_info(make_ensemble("binary", {}, {}))["format"] == 2


def member(number: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda info: info["members"][number - 1].update(values)


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (member(1, share=0.5), "shares must add up to 1, but got 1.16"),
        (member(2, share=-1.0), "number 2: share must be positive, but got -1.0"),
        (member(2, share="all"), "number 2: share must be float"),
        (member(2, preparation=1), "number 2: preparation must be one of 1"),
        (member(2, weights="model.onnx"), "number 2: weights must be member-2.safetensors"),
        (member(2, code="x"), "number 2 must have the fields"),
        (member(2, recipe={}), "'family' is missing"),
        (lambda info: info.update(members=[]), "members: must be 1 to 1000"),
        (lambda info: info["members"].append(1), "files: must name member-3.safetensors"),
        (lambda info: info.update(preparations=[3]), "cannot be rebuilt"),
        (lambda info: info["files"].pop("member-2.safetensors"), "must name member-2"),
        (lambda info: info.pop("preparations"), "field 'preparations' is missing"),
    ],
)
def test_a_list_of_members_that_lies_is_refused_in_one_line(
    make_ensemble: MakeBundle,
    tamper: Tamper,
    edit: Callable[[dict[str, Any]], None],
    rule: str,
) -> None:
    bundle = tamper(make_ensemble("binary", {}, {}), edit)
    with pytest.raises(BundleError) as error:
        load_model(bundle)
    assert rule in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_member_that_was_altered_is_refused(make_ensemble: MakeBundle) -> None:
    bundle = make_ensemble("binary", {}, {})
    path = bundle / "member-2.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match="altered or truncated"):
        load_model(bundle)
    assert json.loads((bundle / "model.json").read_text())["files"].keys() == {
        "MODEL_CARD.md",
        "member-1.safetensors",
        "member-2.safetensors",
    }
