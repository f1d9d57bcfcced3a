"""A folder of pictures that is not kept in memory: the same search, from a file of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image

import automl
from automl.data import PreparedStore
from automl.data.load import load
from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.variants import DEFAULT
from automl.study.view import read_study

SIDE = 54
"""In colour more numbers than a baseline reads of a picture of a file."""

OPTIONS: dict[str, Any] = {
    "trials": 1,
    "folds": 2,
    "finalists": 1,
    "max_epochs": 1,
    "executor": "inline",
    "fixed": {"model.channels": 4, "model.stages": 2, "model.resolution": 16},
    "space": "cnn-picture",
}


@pytest.fixture
def shapes(own_machine: Path) -> Path:
    """Return a folder of pictures in two classes: their upper or their lower half is light."""
    random = np.random.RandomState(0)
    for label, half in (("above", 0), ("below", SIDE // 2)):
        (own_machine / "shapes" / label).mkdir(parents=True)
        for i in range(15):
            pixels = random.randint(0, 100, (SIDE, SIDE, 3)).astype(np.uint8)
            pixels[half : half + SIDE // 2] += 100
            Image.fromarray(pixels).save(own_machine / "shapes" / label / f"{i}.png")
    return own_machine / "shapes"


def test_it_is_the_search_of_memory(
    shapes: Path, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = automl.search(str(shapes), study="plain", onnx=False, baselines=(), **OPTIONS)
    monkeypatch.setattr("automl.data.read.image_folder.STORED_BYTES", 0)
    stored = automl.search(str(shapes), study="stored", baselines=("svm", "hog"), **OPTIONS)
    assert stored.fingerprint == plain.fingerprint
    scores = [[r.valid_score for r in read_study(name).records] for name in ("plain", "stored")]
    assert scores[0] == scores[1]
    assert stored.test == plain.test

    model, dataset = automl.load_model("stored"), load(str(shapes))
    test = dataset.test.X
    rows = np.asarray(test)
    proba = model.predict_proba(rows)
    np.testing.assert_array_equal(model.predict_proba(str(shapes)).shape, (30, 2))
    session = onnxruntime.InferenceSession(str(studies / "stored" / "best" / "model.onnx"))
    (found,) = session.run(None, {"rows": rows.astype(model.info["onnx"]["input_dtype"])})
    np.testing.assert_allclose(found, proba, atol=1e-5)

    labels = model.classes_[dataset.test.unlock()]
    for name in ("svm", "hog"):
        told = stored.baselines[name]
        assert "pictures shrunk to 27 x 27" in told.description
        assert automl.load_model("stored", model=name).score(rows, labels) == told.test.score
    is_wrong = bool((model.predict(rows) != labels).any())
    assert ("data:image/png" in automl.write_report("stored").read_text()) == is_wrong


def test_its_rows_are_only_linked_to(shapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automl.data.read.image_folder.STORED_BYTES", 0)
    dataset = load(str(shapes))
    folder = shapes.parent / "prepared"
    PreparedStore(dataset).save(DEFAULT, folder)
    copied = [p for p in folder.rglob("*") if p.is_file() and p.stat().st_nlink == 1]
    assert sum(path.stat().st_size for path in copied) < dataset.train.X.nbytes / 10
    opened = PreparedData.open(folder / "0")
    np.testing.assert_array_equal(np.asarray(opened.train_X), np.asarray(dataset.train.X))
