"""`automl.train`: one configuration, from the data to a scored model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import automl
from automl.data import LockedSplit, load
from automl.result import TrainResult
from automl.study.folder import StudyFolder

SMALL = """
family: mlp
model: {depth: 1, width: 8}
optimizer: {name: adam, learning_rate: 0.02}
training: {batch_size: 16}
budget: {epochs: 4}
"""


@pytest.fixture
def small(own_machine: Path) -> str:
    """A configuration that trains in a moment."""
    path = own_machine / "small.yaml"
    path.write_text(SMALL)
    return str(path)


def train(configuration: str, dataset: str = "iris", **options: Any) -> TrainResult:
    return automl.train(configuration, dataset, **{"executor": "inline", **options})


def test_the_model_is_the_one_that_was_scored(small: str) -> None:
    result = train(small)
    assert (result.study, result.status, result.configuration) == (
        "iris-small",
        "finished",
        "small",
    )
    model, test = automl.load_model("iris-small"), load("iris").test
    labels = np.asarray(model.classes_)[test.unlock()]
    assert model.score(test.X, labels) == result.test.score
    assert result.test.low < result.test.score < result.test.high
    assert model.info["scores"]["test"]["score"] == result.test.score
    assert model.info["training"]["configuration"] == "small"


def test_with_validation_rows_the_best_epoch_is_kept(small: str) -> None:
    result = train(small, epochs=8)
    assert result.rows == {"train": 90, "valid": 30, "test": 30}
    scores = [e.valid_score for e in result.history]
    assert (len(scores), result.max_epochs) == (8, 8)
    assert result.valid_score == max(scores) == scores[result.kept_epoch - 1]


def test_with_all_rows_the_last_epoch_is_kept_and_nothing_is_called_validation(small: str) -> None:
    result = train(small, rows="all", epochs=3)
    assert result.rows == {"train": 120, "valid": 0, "test": 30}
    assert (result.kept_epoch, result.valid_score) == (3, None)
    card = (Path(result.folder) / "best" / "MODEL_CARD.md").read_text()
    assert "validation accuracy: none; the model was trained on those rows too" in card
    assert "Nothing was chosen" not in card.split("## How it was chosen")[0]


def test_all_rows_are_the_training_rows_and_the_validation_rows() -> None:
    dataset = load("iris")
    both = dataset.with_all_rows()
    assert np.array_equal(both.train.X, np.concatenate([dataset.train.X, dataset.valid.X]))
    assert np.array_equal(both.train.y, np.concatenate([dataset.train.y, dataset.valid.y]))
    assert both.fingerprint == dataset.fingerprint


def test_the_seed_decides_everything(small: str) -> None:
    def losses(seed: int) -> list[float]:
        return [e.train_loss for e in train(small, seed=seed).history]

    assert losses(3) == losses(3)
    assert losses(3) != losses(4)


def test_options_replace_what_the_configuration_says(small: str) -> None:
    result = train(small, epochs=1, fixed={"model.width": 5})
    assert result.params["model.width"] == 5
    assert (result.n_weights, len(result.history)) == (5 * 4 + 5 + 3 * 5 + 3, 1)


def test_data_of_ones_own_is_trained_on(small: str, own_machine: Path) -> None:
    random = np.random.RandomState(0)
    X = random.normal(size=(60, 2))
    y = np.where(X[:, 0] > 0, "right", "left")
    here = automl.train(small, X, y, executor="inline")
    assert here.study.endswith("-small")
    assert set(automl.load_model(here.study).classes_) == {"left", "right"}
    rows = "\n".join(f"{a},{b},{label}" for (a, b), label in zip(X, y, strict=True))
    (own_machine / "side.csv").write_text(f"a,b,side\n{rows}\n")
    there = train(small, str(own_machine / "side.csv"), target="side")
    assert there.study == "side-small"
    assert there.rows == here.rows


def test_a_number_can_be_predicted_too(small: str) -> None:
    result = train(small, "diabetes")
    assert result.metric == "rmse"
    model, test = automl.load_model("diabetes-small"), load("diabetes").test
    error = np.sqrt(np.mean(np.square(model.predict(test.X) - test.unlock())))
    assert result.test.score == pytest.approx(error, rel=1e-5)


def test_the_test_labels_are_read_once_and_last(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[bool] = []
    real = LockedSplit.unlock

    def unlock(self: LockedSplit) -> Any:
        folder = StudyFolder.named("iris-small")
        there.append((folder.shared / "trained.safetensors").exists())
        return real(self)

    monkeypatch.setattr(LockedSplit, "unlock", unlock)
    train(small)
    assert there == [True]


def test_only_the_bundle_remains(small: str, studies: Path) -> None:
    train(small)
    names = {path.name for path in (studies / "iris-small").iterdir()}
    assert names == {"best", ".lock"}


def test_the_same_name_is_trained_anew(small: str) -> None:
    first, other = train(small, epochs=1), train(small, seed=5)
    assert first.study == other.study
    assert automl.load_model("iris-small").info["training"]["seed"] == 5


def test_a_space_is_no_configuration() -> None:
    with pytest.raises(automl.SpaceError) as error:
        train("mlp-small")
    said = str(error.value)
    assert said.startswith("mlp-small.yaml: a configuration must fix every value, but leaves these")
    assert "model.depth, model.width" in said


def test_a_search_is_not_overwritten(small: str, run_search: Callable[..., Any]) -> None:
    run_search("iris", trials=1, study="mine")
    with pytest.raises(automl.StudyError, match="study 'mine' holds a search; name another"):
        train(small, study="mine")


def test_a_loss_that_diverges_is_one_line_and_leaves_nothing(
    small: str, own_machine: Path, studies: Path
) -> None:
    Path(small).write_text(SMALL.replace("name: adam", "name: sgd, momentum: 0.99"))
    with pytest.raises(automl.StudyError, match=r"small.yaml: the training failed: diverged: "):
        train(small, "diabetes", fixed={"optimizer.learning_rate": 900.0}, epochs=50)
    assert not (studies / "diabetes-small").exists()


def test_a_training_that_fails_leaves_the_model_that_was_there(small: str) -> None:
    train(small, "diabetes", seed=1)
    Path(small).write_text(SMALL.replace("name: adam", "name: sgd, momentum: 0.99"))
    with pytest.raises(automl.StudyError):
        train(small, "diabetes", fixed={"optimizer.learning_rate": 900.0}, epochs=50)
    assert automl.load_model("diabetes-small").info["training"]["seed"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"epochs": 0}, "epochs: must be greater than or equal to 1, but got 0"),
        ({"rows": "most"}, "unknown rows 'most'; known: train, all"),
        ({"study": "a/b"}, "study: must be 1 to 100 letters, digits"),
        ({"fixed": {"model.depht": 2}}, "did you mean 'model.depth'?"),
        ({"fixed": {"model.depth": -1}}, "`0 <= model.depth` must hold, but got -1"),
    ],
)
def test_a_wrong_option_is_one_line(
    small: str, options: dict[str, Any], said: str, one_line: Callable[[str], str]
) -> None:
    with pytest.raises(automl.AutomlError) as error:
        train(small, **options)
    assert said in one_line(str(error.value))


def test_it_can_be_exported_to_onnx(small: str, own_machine: Path) -> None:
    import onnxruntime

    result = train(small, onnx=True)
    path = Path(result.folder) / "best" / "model.onnx"
    session = onnxruntime.InferenceSession(path)
    X = load("iris").test.X
    facts = automl.load_model("iris-small").info["onnx"]
    (out,) = session.run([facts["output"]], {facts["input"]: X.astype(facts["input_dtype"])})
    assert np.allclose(out, automl.load_model("iris-small").predict_proba(X), atol=1e-5)
