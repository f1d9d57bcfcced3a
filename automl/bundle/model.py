"""`load_model`: a saved model, in scikit-learn's conventions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from automl.arrays import Array
from automl.bundle.error_quantiles import USUAL
from automl.bundle.find import read_bundle
from automl.bundle.format import read_info
from automl.bundle.inputs.given import take_rows
from automl.bundle.load.rebuild import Parts, Prepared, rebuild
from automl.bundle.load.whole import Whole
from automl.bundle.members import (
    average,
    families,
    has_probabilities,
    predicted_names,
    weights_files,
)
from automl.data.labels import find_codes, read_labels
from automl.data.read.convert import to_labels, to_number_array
from automl.errors import BundleError, ConfigError, DataError
from automl.metrics import METRICS
from automl.models._from_file import add_families
from automl.training.predict import predict

BATCH_ROWS = 4096
"""Rows that are preprocessed and predicted at a time, so that memory stays bounded."""

BATCH_NUMBERS = 2**23
"""Numbers of these rows at most: 109 pictures of 160 pixels in colour."""


class Model:
    """A network with its preprocessing, or an ensemble: several, whose outputs are averaged.

    A baseline of a study is a model, too; its `module` is no network that could be trained on.

    Attributes
    ----------
    module : torch.nn.Module
        The plain network, for fine-tuning: preprocessed rows in, logits or scaled numbers out; the
        temperature of a calibrated model is not in it. Of
        an ensemble the average: raw rows as numbers in, probabilities or numbers out; its
        `networks` are the plain ones.
    networks : tuple of Network
        Each with its `share` in the average, `module`, `recipe` and `prepared`.
    preprocessing : Preprocessing
        Preprocessing of the first network; those of an ensemble may have their own.
    task : Task
    inputs : InputSchema
        What a raw row looks like.
    classes_ : array of shape (classes,)
        The labels, in the order of the columns of `predict_proba`; classification only.
    info : dict
        ``model.json``.
    """

    def __init__(self, parts: Parts, info: Mapping[str, Any]) -> None:
        first = parts.networks[0]
        self.parts, self.info = parts, dict(info)
        self.networks = parts.networks
        self.module: nn.Module = Whole(parts).eval() if len(parts.networks) > 1 else first.module
        self.preprocessing = first.prepared.preprocessing
        self.task, self.inputs = parts.task, parts.inputs
        if self.task.is_classification:
            self.classes_ = np.asarray(self.task.classes)

    @property
    def has_probabilities(self) -> bool:
        """Whether `predict_proba` has something to say."""
        return has_probabilities(self.info)

    @property
    def predicted(self) -> list[str]:
        """A name for each column of `predict`: of several targets their own."""
        return predicted_names(self.task, self.info)

    def predict(self, X: Any, lengths: Any = None) -> Array:
        """Labels, or numbers in the target's own units.

        Parameters
        ----------
        X : array, DataFrame or Tensor of shape (rows, ...)
            Raw rows, as the data set has them. Those of a table come by the names of the columns,
            as a DataFrame or a list of one dictionary a row; or as numbers, as `Column` says.
            Sequences that differ in length come as a list of arrays of shape
            ``(steps, features)``, as an array with NaN behind their ends, or with `lengths`.
            Images may have their channels last, and may come as a list of images of Pillow's or
            of the paths of their files, or as the path of a folder. A model that forecasts takes a
            table of series, and gives a row for each, sorted by their names.
        lengths : array of shape (rows,), optional
            Steps of each sequence of an array; what lies behind them does not count.

        Returns
        -------
        array of shape (rows,), or (rows, targets) for several targets

        Raises
        ------
        DataError
            When the rows have other columns or another shape than the training data, or a value
            is of another kind, infinite, or missing where the data set is not a table; or when a
            sequence is longer than the longest of the training data.
        """
        out = self.outputs(X, lengths)
        return self.classes_[out.argmax(axis=1)] if self.task.is_classification else out

    def predict_proba(self, X: Any, lengths: Any = None) -> Array:
        """Class probabilities of shape ``(rows, classes)``; see `predict`.

        Raises
        ------
        ConfigError
            When the model is a baseline that was fitted without probabilities.
        """
        if not self.task.is_classification:
            raise AttributeError("predict_proba is for classification; this is a regression model")
        if not self.has_probabilities:
            raise ConfigError(
                f"{families(self.info)[0]}: has no probabilities, as the study's metric,"
                f" {self.info['metric']}, takes none: `automl search --metric log_loss` makes a"
                " model that has"
            )
        return self.outputs(X, lengths)

    def predict_quantiles(self, X: Any, quantiles: Sequence[float] = USUAL) -> Array:
        """Return quantiles of a forecast: between 0.1 and 0.9 lie about 80 % of what comes.

        Parameters
        ----------
        X : see `predict`
        quantiles : sequence of float

        Returns
        -------
        array of shape (series, horizon, quantiles)
            NaN for a series whose window never changes.

        Raises
        ------
        ConfigError
            When the model has no quantiles, or none as far out as those.
        """
        if not self.task.is_forecast:
            raise AttributeError("predict_quantiles is for forecasts; this model makes none")
        if self.parts.errors is None:
            raise ConfigError(
                "quantiles: this model has none: it is a baseline, was saved before there were"
                " quantiles, or had too few windows to validate on; search again for those of a"
                " network"
            )
        rows = take_rows(X, None, self.inputs)
        return self.parts.errors.apply(rows, self.outputs(rows), quantiles)

    def score(self, X: Any, y: Any, lengths: Any = None) -> float:
        """Accuracy, or the coefficient of determination R², the mean over several targets.

        Parameters
        ----------
        X, lengths : see `predict`
        y : array, Series or Tensor of the shape that `predict` returns

        Raises
        ------
        DataError
            When there is not one target a row, or no row.
        """
        out = self.outputs(X, lengths)
        shape = out.shape[:1] if self.task.is_classification else out.shape
        y = to_labels("y", y)
        if y.shape == (len(out), 1) and len(shape) == 1:
            y = y[:, 0]
        if y.shape != shape or not len(y):
            raise DataError(f"y must have the shape {shape}, with rows, but got {y.shape}")
        if self.task.is_classification:
            labels, there = read_labels("y", y)
            if not there.all():
                raise DataError(
                    f"y must have a label in every row, but {(~there).sum():,} have none"
                )
            codes = find_codes(labels, self.task.classes)
            return METRICS["accuracy"].score(codes, out.argmax(axis=1))
        numbers = to_number_array("y", y)
        if numbers.dtype.kind not in "biuf" or not np.isfinite(numbers).all():
            raise DataError("y must have a finite number in every row")
        return METRICS["r2"].score(numbers, out)

    def outputs(self, X: Any, lengths: Any = None) -> Array:
        """Class probabilities of shape ``(rows, classes)``, or what `predict` returns."""
        rows = take_rows(X, lengths, self.inputs)
        self.preprocessing.check(rows)
        if len(rows) == 0:
            width = len(self.task.classes) or self.task.n_targets
            shape = (0,) if width == 1 else (0, width)
            return np.empty(shape, np.float32)
        training = self.module.training
        size = max(1, min(BATCH_ROWS, BATCH_NUMBERS // math.prod(rows.shape[1:])))
        parts = range(0, len(rows), size)
        out = np.concatenate([predict_rows(self.parts, rows[i : i + size]) for i in parts])
        self.module.train(training)  # a look in the middle of fine-tuning changes nothing
        return out


def predict_rows(parts: Parts, rows: Array) -> Array:
    """Return probabilities or numbers for raw rows; of several networks, the average.

    Parameters
    ----------
    parts : Parts
    rows : array of shape (rows, *inputs.shape)
        Checked, as numbers.
    """
    prepared: dict[Prepared, Array] = {}
    outputs = []
    for network in parts.networks:
        of = network.prepared
        if of not in prepared:
            prepared[of] = of.preprocessing.transform(rows)
        outputs.append(predict(network.module, prepared[of], parts.task, of.target))
    shares = [network.share for network in parts.networks]
    return average(outputs, shares, parts.temperature)


def load_model(source: str | Path, plugins: Sequence[str] = (), model: str | None = None) -> Model:
    """Load a saved model.

    Parameters
    ----------
    source : str or Path
        A study's name, a bundle's folder, or a zip of it.
    plugins : sequence of str
        Python files with families of one's own; a bundle names its family's, and brings no code.
    model : str, optional
        Which model of a study, in place of the best: ``"single"``, ``"ensemble"``, or the name of
        a baseline such as ``"svm"``.

    Returns
    -------
    Model

    Raises
    ------
    ConfigError
        When a plugin cannot be used.
    BundleError
        When there is no such bundle, a file of it was altered, its format is newer than this
        program, or its weights do not fit its architecture.
    """
    add_families([plugins] if isinstance(plugins, str) else plugins)
    return read_bundle(source if model is None else Path(source) / model, _load)


def _load(folder: Path) -> Model:
    info = read_info(folder)
    try:
        return model_of(info, weights_files(folder, info))
    except BundleError as error:
        raise BundleError(f"{folder}: cannot be rebuilt: {error}") from None


def model_of(info: Mapping[str, Any], weights: Sequence[Path]) -> Model:
    """Rebuild a model from the fields of ``model.json`` and a safetensors file a network.

    Raises
    ------
    BundleError
        When they do not fit each other.
    """
    return Model(rebuild(info, weights), info)
