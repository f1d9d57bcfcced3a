"""Every family, with every kind of preprocessing and task, is the same in onnxruntime."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_rows import make_rows

from automl.bundle.members import with_temperature
from automl.bundle.model import load_model
from automl.bundle.onnx import available as extra
from automl.bundle.onnx import export as onnx_module
from automl.bundle.onnx.export import TOLERANCE, export_onnx
from automl.bundle.onnx.job import PARITY_ROWS, parity_rows
from automl.data.preprocess.standardise import PreprocessingSettings
from automl.errors import BundleError, ConfigError
from automl.models import FAMILIES
from automl.models.mlp import ACTIVATIONS

onnxruntime = pytest.importorskip("onnxruntime")

MakeBundle = Callable[..., Path]


# One file of all families takes a fourth of the time of a file each: the exporter's own start.
@pytest.mark.parametrize(
    ("kind", "task"), [("vector", "binary"), ("image", "multiclass"), ("sequence", "binary")]
)
def test_every_family_agrees(
    make_ensemble: MakeBundle, tmp_path: Path, kind: str, task: str
) -> None:
    members = [{"family": family, **SETTINGS[kind].get(family, {})} for family in FAMILIES.names()]
    X = make_rows(kind)
    model = load_model(make_ensemble(task, *members, kind=kind))
    facts = export_onnx(model, X, tmp_path / "a.onnx").facts
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx")
    expected = model.predict_proba(X)
    for rows in (X, X[:1], X[:7]):  # whatever the number of rows
        (out,) = session.run(None, {"rows": rows.astype(facts["input_dtype"])})
        # A network counts one part in 36 at least, and computes to 1e-6.
        np.testing.assert_allclose(out, expected[: len(rows)], atol=TOLERANCE / 50)


SETTINGS: dict[str, dict[str, dict[str, object]]] = {
    "vector": {},
    "image": {},
    "sequence": {
        "lstm": {"layers": 2, "directions": "both", "readout": "last"},
        "gru": {"directions": "both", "readout": "mean"},
        "transformer": {"readout": "max"},
        "inception": {"resolution": 3},
        "rocket": {"biases": 2, "pooling": "three", "differences": "yes"},
    },
}
"""What a family has beside its defaults, by kind of rows."""

CASES = [
    *(("vector", task) for task in ("multiclass", "regression")),
    *(("image", task) for task in ("binary", "regression")),
    *(("table", task) for task in ("multiclass", "regression")),
]
"""What surrounds the network, with those of the families above and of the ensembles below."""


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_onnxruntime_agrees_with_torch(
    make_bundle: MakeBundle, tmp_path: Path, kind: str, task: str
) -> None:
    model = load_model(make_bundle(task, kind=kind))
    X = make_rows(kind)
    exported = export_onnx(model, X, tmp_path / "a.onnx")
    facts = exported.facts
    assert facts["rows"] == len(X)
    assert (
        facts["largest_difference"]
        <= facts["tolerance"]
        == pytest.approx(TOLERANCE * (30.0 if task == "regression" else 1.0))
    )
    expected = model.predict(X) if task == "regression" else model.predict_proba(X)
    session = onnxruntime.InferenceSession(exported.path)
    for rows in (X, X[:1], X[:7]):
        out = session.run([facts["output"]], {"rows": rows.astype(facts["input_dtype"])})[0]
        assert out.shape == expected[: len(rows)].shape
        np.testing.assert_allclose(out, expected[: len(rows)], atol=facts["tolerance"])


ENSEMBLES = [
    ("binary", "table", {"settings": PreprocessingSettings("quantile", 4)}, {"depth": 0}),
    ("multiclass", "image", {"family": "cnn"}, {"family": "mlp"}),
    ("regression", "vector", {"width": 3}, {"width": 5, "activation": "tanh"}),
]


@pytest.mark.parametrize(("task", "several"), [("binary", True), ("multiclass", False)])
def test_the_temperature_is_inside_the_file(
    make_bundle: MakeBundle,
    make_ensemble: MakeBundle,
    tamper: Callable[..., Path],
    tmp_path: Path,
    task: str,
    several: bool,
) -> None:
    bundle = make_ensemble(task, {}, {}) if several else make_bundle(task)
    tamper(bundle, lambda info: info.update(with_temperature(info, 1.7)))
    model, X = load_model(bundle), make_rows("vector")
    facts = export_onnx(model, X, tmp_path / "a.onnx").facts
    (out,) = onnxruntime.InferenceSession(tmp_path / "a.onnx").run(
        None, {"rows": X.astype(facts["input_dtype"])}
    )
    np.testing.assert_allclose(out, model.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize(("task", "kind", "one", "other"), ENSEMBLES)
def test_the_average_of_an_ensemble_is_inside_the_file(
    make_ensemble: MakeBundle,
    tmp_path: Path,
    task: str,
    kind: str,
    one: dict[str, object],
    other: dict[str, object],
) -> None:
    X = make_rows(kind)
    model = load_model(make_ensemble(task, one, other | {"rows": X[::2]}, kind=kind))
    facts = export_onnx(model, X, tmp_path / "a.onnx").facts
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx")
    expected = model.predict(X) if task == "regression" else model.predict_proba(X)
    for rows in (X, X[:1]):
        (out,) = session.run(None, {"rows": rows.astype(facts["input_dtype"])})
        assert out.dtype == np.float32
        np.testing.assert_allclose(out, expected[: len(rows)], atol=facts["tolerance"])


def test_every_setting_of_the_mlp_agrees(make_ensemble: MakeBundle, tmp_path: Path) -> None:
    settings: list[dict[str, object]] = [{"activation": name} for name in ACTIVATIONS]
    settings += [{"normalisation": name, "dropout": 0.3} for name in ("batch", "layer")]
    settings += [{"depth": 0}, {"depth": 3, "taper": 0.5}]
    model = load_model(make_ensemble("multiclass", *settings))
    facts = export_onnx(model, make_rows("vector"), tmp_path / "a.onnx").facts
    assert facts["largest_difference"] < 1e-6


def test_every_preprocessing_of_a_table_agrees_on_unseen_values_too(
    make_ensemble: MakeBundle, tmp_path: Path
) -> None:
    settings = (
        PreprocessingSettings("quantile", 4),
        PreprocessingSettings("quantile", 1),
        PreprocessingSettings("piecewise"),
        PreprocessingSettings("none", 100),
    )
    # A learning rate would make numbers of the thousands harmless; these weights are drawn.
    members = [{"settings": each, "activation": "tanh"} for each in settings]
    model = load_model(make_ensemble("multiclass", *members, kind="table"))
    X = np.concatenate([make_rows("table"), make_rows("table"), np.full((1, 7), np.nan)])
    X[1] = X[0] * [1e3, 1, 1, 3, 1, 1, 1]
    X[2:4, [1, 4]] = [[4, 40], [-1, 0.5]]
    facts = export_onnx(model, X, tmp_path / "a.onnx").facts
    assert facts["input_dtype"] == "float64"
    assert facts["largest_difference"] < 2e-6


def test_columns_that_float32_cannot_hold_are_passed_as_float64(
    make_bundle: MakeBundle, tmp_path: Path
) -> None:
    X = 1.6e9 + 100.0 * np.random.RandomState(0).normal(size=(40, 4))
    model = load_model(make_bundle(rows=X))
    facts = export_onnx(model, X, tmp_path / "a.onnx").facts
    assert facts["input_dtype"] == "float64"
    assert facts["largest_difference"] < 1e-5


def test_a_model_that_differs_is_refused_and_not_written(
    make_bundle: MakeBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_module, "largest_difference", lambda *args: 0.01)
    with pytest.raises(BundleError, match=r"must agree to 0\.0001, but differ by 0\.01"):
        export_onnx(load_model(make_bundle()), make_rows("vector"), tmp_path / "a.onnx")
    assert not (tmp_path / "a.onnx").exists()


def test_the_file_says_what_it_is_and_nothing_of_this_machine(
    make_bundle: MakeBundle, tmp_path: Path
) -> None:
    path = tmp_path / "a.onnx"
    export_onnx(load_model(make_bundle("binary")), make_rows("vector"), path)
    session = onnxruntime.InferenceSession(str(path))
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["automl.classes"]) == ["no", "yes"]
    assert metadata["automl.task"] == "binary"
    assert json.loads(metadata["automl.input"])["shape"] == [4]
    content = path.read_bytes()
    for trace in (b"site-packages", b".py", str(Path.cwd()).encode()):
        assert trace not in content


ALONE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "automl"):
            raise ImportError(name + " is not to be imported")

sys.meta_path.insert(0, Refuse())
import json
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
rows = np.load(sys.argv[2]).astype(np.float32)
labels = json.loads(session.get_modelmeta().custom_metadata_map["automl.classes"])
print([labels[i] for i in session.run(None, {"rows": rows})[0].argmax(axis=1)])
assert "torch" not in sys.modules and "automl" not in sys.modules
"""


def test_onnxruntime_and_numpy_alone_predict_the_same(
    make_bundle: MakeBundle, tmp_path: Path
) -> None:
    model = load_model(make_bundle(kind="image"))
    X = make_rows("image")
    export_onnx(model, X, tmp_path / "a.onnx")
    np.save(tmp_path / "X.npy", X)
    ran = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path / "a.onnx"), str(tmp_path / "X.npy")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == str(model.predict(X).tolist())


def test_without_the_extra_it_says_how_to_add_it(
    make_bundle: MakeBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'automl\[onnx\]'"):
        export_onnx(load_model(make_bundle()), make_rows("vector"), tmp_path / "a.onnx")


@pytest.mark.parametrize("rows", [1, PARITY_ROWS, PARITY_ROWS + 1, 10_000])
def test_parity_rows_reach_from_the_first_to_the_last(rows: int) -> None:
    X = np.arange(rows)[:, None]
    chosen = parity_rows(X)
    assert len(chosen) == min(rows, PARITY_ROWS)
    assert len(np.unique(chosen)) == len(chosen)
    assert {0, rows - 1} <= set(chosen[:, 0].tolist())
