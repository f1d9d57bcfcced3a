"""What can be done with a saved model: to describe, copy and use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.errors import ConfigError
from automl.task import label_text

if TYPE_CHECKING:
    from automl.arrays import Array
    from automl.bundle.model import Model


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a saved model says of itself.

    Attributes
    ----------
    path : Path
        Folder or zip of the model.
    info : dict of str to object
        Its ``model.json``.
    card : str
        The head of its card, for people.
    has_onnx : bool
        Whether it comes with ``model.onnx``.
    how_to_add_onnx : str or None
        How to install what an export needs; None when it is installed.
    """

    path: Path
    info: dict[str, Any]
    card: str
    has_onnx: bool
    how_to_add_onnx: str | None


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions for the rows of a file.

    Attributes
    ----------
    values : array of shape (rows,) or (rows, len(columns))
    columns : sequence of str
        The predicted columns, or the classes of probabilities.
    names : sequence of str
        The name of each row, such as that of an image's file; empty where rows have none.
    named : str
        What the names are: ``file``, or the column of sequences.
    times : sequence of str
        Time of each row, of forecasts.
    timed : str
        Column of the times.
    """

    values: Array
    columns: Sequence[str]
    names: Sequence[str]
    named: str
    times: Sequence[str] = ()
    timed: str = ""

    def texts(self) -> list[list[str]]:
        """Return the values of each row as text, from which they can be read back."""
        table = self.values.reshape(len(self.values), -1)
        # Nine significant digits give every float32 back; `repr` gives every float64 back.
        show = "{:.9g}".format if table.dtype == "float32" else label_text
        return [[show(value) for value in row] for row in table.tolist()]


def describe_model(source: str | Path) -> ModelFacts:
    """Describe a saved model without loading it.

    Parameters
    ----------
    source : str or Path
        A study's name, a model's folder, or a zip of it.

    Raises
    ------
    BundleError
        When there is none, or it is not whole.
    """
    from automl.bundle.card import card_head
    from automl.bundle.find import place_of, read_bundle
    from automl.bundle.format import read_info
    from automl.bundle.onnx.available import HOW_TO_ADD, has_onnx

    info, path = read_bundle(source, read_info), place_of(source)
    how = None if has_onnx() else HOW_TO_ADD
    return ModelFacts(path, info, card_head(info), info.get("onnx") is not None, how)


def copy_model(source: str | Path, to: str | Path) -> None:
    """Copy a saved model into a new folder, or into a zip if `to` ends in ``.zip``.

    Raises
    ------
    BundleError
        When there is none, or `to` cannot be written.
    """
    from automl.bundle.archive import copy_bundle
    from automl.bundle.find import read_bundle

    read_bundle(source, lambda folder: copy_bundle(folder, Path(to)))


def predict_file(
    model: str | Path,
    data: str | Path,
    *,
    proba: bool = False,
    invert: bool = False,
    quantiles: Sequence[float] = (),
) -> Predictions:
    """Predict the rows of a file with a saved model.

    Parameters
    ----------
    model : str or Path
        A study's name, a model's folder, or a zip of it.
    data : str or Path
        A file of rows, an image, or a folder of images.
    proba : bool
        Whether to return probabilities, a column for each class.
    invert : bool
        Whether images are dark where those of the training data are bright.
    quantiles : sequence of float
        Quantiles of a forecast to give beside it, such as 0.1 and 0.9.

    Raises
    ------
    AutomlError
        When there is no such model, or the rows are not what it takes.
    """
    from automl.bundle.find import open_bundle
    from automl.bundle.inputs.rows import read_rows

    with open_bundle(model):
        pass  # a misspelt name is answered before torch is loaded
    from automl.bundle.model import load_model

    loaded = load_model(model)
    if proba and not loaded.task.is_classification:
        raise ConfigError(
            "--proba needs a model that tells classes apart, but this one predicts numbers"
        )
    if loaded.inputs.forecast is not None:
        return _forecast(loaded, Path(data), quantiles)
    if quantiles:
        raise ConfigError("quantiles: are of forecasts, but this model makes none")
    rows, names = read_rows(Path(data), loaded.inputs, invert=invert)
    values = loaded.predict_proba(rows) if proba else loaded.predict(rows)
    columns = list(loaded.predicted)
    if proba:
        columns = [label_text(label) for label in loaded.task.classes]
    long = loaded.inputs.long
    return Predictions(values, columns, names, "file" if long is None else long.sequence)


def _forecast(model: Model, data: Path, quantiles: Sequence[float]) -> Predictions:
    """Forecast the next steps of every series, a row each."""
    from automl.bundle.inputs.forecasts import read_last_windows

    found, form = read_last_windows(data, model.inputs), model.inputs.forecast
    assert form is not None
    values, columns = model.predict(found.rows).reshape(-1), ["prediction"]
    if quantiles:
        import numpy as np

        of_each = model.predict_quantiles(found.rows, quantiles).reshape(len(values), -1)
        values = np.column_stack([values, of_each])
        columns += [f"quantile_{level:g}" for level in quantiles]
    names = [name for name in found.names for _ in range(form.horizon)] if form.series else []
    times = [time for times in found.times for time in times]
    return Predictions(values, columns, names, form.series or "", times, form.time.name)


def load_plugins(paths: Iterable[str]) -> None:
    """Load Python files that define families of networks, before a study or model needs them.

    Raises
    ------
    ConfigError
        When a file cannot be loaded, or breaks the contract of a family.
    """
    from automl.models._from_file import add_families

    add_families(paths)
