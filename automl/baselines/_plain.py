"""Fitted estimators as a `Chain`, which a bundle can hold; imports scikit-learn.

What scikit-learn would save is a program that builds its objects, and it may not load with the next
version. These are numbers, and what is computed with them is written down here and in
`automl.bundle.load.layers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsOneClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR

from automl.arrays import Array
from automl.baselines._gradients import CELLS, DIRECTIONS, WithGradients
from automl.baselines._scaling import UnitNorm
from automl.baselines._series_features import WithConvolutions
from automl.baselines._tree_arrays import trees_of_histograms, trees_of_lightgbm
from automl.bundle.chain import MAX_CLASSES, Chain, Layer
from automl.data.preprocess.standardise import TargetScaling
from automl.task import Task


class CannotKeep(Exception):
    """A fitted estimator has no form in which it could be kept."""


def to_chain(estimator: Any, task: Task, target: TargetScaling, n_features: int) -> Chain:
    """Return a fitted estimator as a chain, which gives what a network gives.

    Parameters
    ----------
    estimator : scikit-learn estimator
        Fitted on rows of numbers, and on class codes or numbers in the target's own units.
    task : Task
    target : TargetScaling
        Scaling of the numbers that the chain gives.
    n_features : int
        Numbers of a row.

    Returns
    -------
    Chain
        It ends in logits, whose softmax or sigmoid are the estimator's probabilities, where it has
        some, and whose largest is what it predicts; or in scaled numbers.

    Raises
    ------
    CannotKeep
        When a part of it has no layers.
    """
    layers = _layers(estimator, n_features)
    if not task.is_classification:
        scale = np.atleast_1d(np.asarray(target.scale, np.float64))
        mean = np.atleast_1d(np.asarray(target.mean, np.float64))
        return Chain((*layers, _scale(1.0 / scale, -mean / scale)))
    seen = np.asarray(estimator.classes_, np.int64)
    if len(seen) == len(task.classes):
        return Chain(tuple(layers))
    if task.kind == "binary" or len(seen) < 3:
        raise CannotKeep("it was fitted on fewer than three of the classes")
    return Chain((*layers, Layer("classes", {"seen": seen}, {"classes": len(task.classes)})))


def _layers(estimator: Any, n: int) -> list[Layer]:
    package = type(estimator).__module__.partition(".")[0]
    if package == "lightgbm":
        return [trees_of_lightgbm(estimator)]
    if hasattr(estimator, "get_all_params") and hasattr(estimator, "get_borders"):
        from automl.baselines._catboost import trees_of_catboost

        return [trees_of_catboost(estimator)]
    for kinds, convert in _CONVERT:
        if isinstance(estimator, kinds):
            return convert(estimator, n)
    raise CannotKeep(f"there are no layers for {type(estimator).__name__}")


def _linear(weight: Array, bias: Array) -> Layer:
    arrays = {"weight": np.atleast_2d(weight), "bias": np.atleast_1d(bias)}
    return Layer("linear", {name: np.asarray(a, np.float64) for name, a in arrays.items()})


def _scale(factor: Array, shift: Array) -> Layer:
    arrays = {"factor": np.atleast_1d(factor), "shift": np.atleast_1d(shift)}
    return Layer("scale", {name: np.asarray(a, np.float64) for name, a in arrays.items()})


def _pipeline(pipeline: Any, n: int) -> list[Layer]:
    layers: list[Layer] = []
    for _, step in pipeline.steps:
        layers += (found := _layers(step, n))
        n = next((len(f.arrays["bias"]) for f in reversed(found) if f.kind == "linear"), n)
    return layers


def _nothing(transformer: Any, n: int) -> list[Layer]:
    if transformer.func is not np.asarray:
        raise CannotKeep("it changes rows by a function")
    return []  # a chain is computed in float64 anyway


def _unit_norm(transformer: Any, n: int) -> list[Layer]:
    return [_scale(np.array(1.0 / transformer.scale_), np.zeros(1))]


def _pca(pca: Any, n: int) -> list[Layer]:
    matrix = pca.components_.astype(np.float64)
    return [_linear(matrix, -matrix @ pca.mean_)]


def _products(transformer: Any, n: int) -> list[Layer]:
    how = (transformer.degree, transformer.interaction_only, transformer.include_bias)
    if how != (2, True, False):
        raise CannotKeep("it takes other powers than products of two columns")
    first, second = np.triu_indices(n, 1)
    return [Layer("products", {"first": first.astype(np.int64), "second": second.astype(np.int64)})]


def _standardised(scaler: Any, n: int) -> list[Layer]:
    return [_scale(1.0 / scaler.scale_, -scaler.mean_ / scaler.scale_)]


def _convolutions(transformer: Any, n: int) -> list[Layer]:
    arrays = {
        "weights": transformer.weights_,
        "biases": np.stack(transformer.biases_),
        "shift": transformer.mean_,
        "factor": 1.0 / transformer.scale_,
        "row": np.array([1.0 / transformer.norm_]),
    }
    steps, size = transformer.shape
    options = {"dilations": transformer.dilations_, "steps": int(steps), "size": int(size)}
    arrays = {name: np.asarray(a, np.float64) for name, a in arrays.items()}
    return [Layer("convolutions", arrays, options)]


def _gradients(transformer: Any, n: int) -> list[Layer]:
    channels, *sides = map(int, transformer.shape)
    rows, columns = (_membership(side) for side in sides)
    arrays = {"rows": rows, "columns": columns, "factors": 1.0 / np.array(transformer.norms_)}
    return [Layer("gradients", arrays, {"directions": DIRECTIONS, "channels": channels})]


def _membership(side: int) -> Array:
    """Return which pixels are in which cells, as 1 and 0: of shape (cells, side)."""
    cells = min(CELLS, side)
    starts = np.arange(cells) * side // cells
    of = np.searchsorted(starts, np.arange(side), side="right") - 1
    return np.asarray(of == np.arange(cells)[:, None], np.float64)


def _coefficients(model: Any, n: int) -> list[Layer]:
    return [_linear(model.coef_, model.intercept_)]


def _kernel_machine(machine: Any, n: int) -> list[Layer]:
    if machine.kernel != "rbf" or not isinstance(machine.gamma, float):
        raise CannotKeep(f"there are no layers for {machine}")
    arrays = {"vectors": machine.support_vectors_, "gamma": np.array([machine.gamma])}
    layers = [Layer("kernel", {name: np.asarray(a, np.float64) for name, a in arrays.items()})]
    if len(machine.dual_coef_) == 1:
        return [*layers, _linear(machine.dual_coef_, machine.intercept_)]
    weights = {"weights": machine.dual_coef_, "bias": machine.intercept_}
    counts = machine.n_support_.tolist()
    return [*layers, Layer("pairs", weights, {"counts": counts}), _votes(len(counts))]


def _votes(classes: int) -> Layer:
    if classes > MAX_CLASSES:
        raise CannotKeep(f"it has a machine for every pair of more than {MAX_CLASSES} classes")
    return Layer("votes", {}, {"classes": classes})


def _one_vs_one(model: Any, n: int) -> list[Layer]:
    # Its decisions are for the second class of a pair, and those of libsvm for the first.
    weight = -np.concatenate([one.coef_ for one in model.estimators_])
    bias = -np.concatenate([one.intercept_ for one in model.estimators_])
    return [_linear(weight, bias), _votes(len(model.classes_))]


def _calibrated(model: Any, n: int) -> list[Layer]:
    (one,) = model.calibrated_classifiers_
    slopes = np.array([calibrator.a_ for calibrator in one.calibrators])
    offsets = np.array([calibrator.b_ for calibrator in one.calibrators])
    layers = [*_layers(one.estimator, n), _scale(-slopes, -offsets)]
    # Of more than two classes, the softmax of their logarithms divides by the sum.
    return layers if len(slopes) == 1 else [*layers, Layer("log sigmoid")]


def _scaled_target(model: Any, n: int) -> list[Layer]:
    scaler = model.transformer_
    return [*_layers(model.regressor_, n), _scale(scaler.scale_, scaler.mean_)]


def _each_target(model: Any, n: int) -> list[Layer]:
    chains = tuple(Chain(tuple(_layers(one, n))) for one in model.estimators_)
    return [Layer("beside", beside=chains)]


def _perceptron(model: Any, n: int) -> list[Layer]:
    if model.activation != "relu":
        raise CannotKeep(f"there are no layers for the activation {model.activation!r}")
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    layers = [layer for w, b in pairs for layer in (_linear(w.T, b), Layer("relu"))]
    return layers[:-1]


def _prior(model: Any, n: int) -> list[Layer]:
    logs = np.log(model.class_prior_)
    logits = logs[1:] - logs[:1] if len(logs) == 2 else logs
    return [_linear(np.zeros((len(logits), n)), logits)]


def _constant(model: Any, n: int) -> list[Layer]:
    values = model.constant_.ravel()
    return [_linear(np.zeros((len(values), n)), values)]


def _histograms(model: Any, n: int) -> list[Layer]:
    return [trees_of_histograms(model)]


_CONVERT: tuple[tuple[tuple[type, ...], Callable[[Any, int], list[Layer]]], ...] = (
    ((Pipeline,), _pipeline),
    ((FunctionTransformer,), _nothing),
    ((UnitNorm,), _unit_norm),
    ((PCA,), _pca),
    ((PolynomialFeatures,), _products),
    ((StandardScaler,), _standardised),
    ((WithConvolutions,), _convolutions),
    ((WithGradients,), _gradients),
    ((LogisticRegression, Ridge, LinearSVC, LinearSVR), _coefficients),
    ((SVC, SVR), _kernel_machine),
    ((OneVsOneClassifier,), _one_vs_one),
    ((CalibratedClassifierCV,), _calibrated),
    ((TransformedTargetRegressor,), _scaled_target),
    ((MultiOutputRegressor,), _each_target),
    ((MLPClassifier, MLPRegressor), _perceptron),
    ((DummyClassifier,), _prior),
    ((DummyRegressor,), _constant),
    ((HistGradientBoostingClassifier, HistGradientBoostingRegressor), _histograms),
)
