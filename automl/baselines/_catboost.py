"""CatBoost's estimators, which need their package, and their trees as arrays."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoostClassifier, CatBoostRegressor

from automl.arrays import Array
from automl.baselines._tree_arrays import Tree, tree_layer
from automl.bundle.chain import Layer

Regressor = CatBoostRegressor


class Classifier(CatBoostClassifier):  # type: ignore[misc]
    """The classifier, with one class a row where it has a column of them."""

    def predict(self, X: Array, *args: Any, **options: Any) -> Array:
        """Return class codes of shape ``(rows,)``."""
        return np.asarray(super().predict(X, *args, **options)).ravel()


def trees_of_catboost(model: Any) -> Layer:
    """Return the trees of a fitted model of rows without categories."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        plain = json.loads(path.read_text(encoding="utf-8"))
    places = [f["flat_feature_index"] for f in plain["features_info"]["float_features"]]
    scale, bias = plain["scale_and_bias"]
    trees, outputs = [], []
    for grown in plain["oblivious_trees"]:
        values = np.asarray(grown["leaf_values"]).reshape(2 ** len(grown["splits"]), -1) * scale
        for output in range(values.shape[1]):
            trees.append(_tree(grown["splits"] or [], places, values[:, output]))
            outputs.append(output)
    return tree_layer(trees, outputs, np.broadcast_to(bias, (max(outputs) + 1,)))


def _tree(splits: list[dict[str, Any]], places: list[int], values: Array) -> Tree:
    """Return a tree of complete levels; a split is a bit of the number of the leaf."""
    leaves, depth = len(values), len(splits)
    inner = np.arange(leaves - 1)
    level = np.floor(np.log2(inner + 1)).astype(int)
    of = [splits[depth - 1 - at] for at in level]
    own = np.arange(leaves - 1, 2 * leaves - 1)
    nothing = np.zeros(leaves)
    # It compares in single precision.
    borders = np.array([split["border"] for split in of], np.float32)
    return Tree(
        np.concatenate([[places[split["float_feature_index"]] for split in of], nothing]),
        np.concatenate([borders, nothing]),
        np.concatenate([2 * inner + 1, own]),
        np.concatenate([2 * inner + 2, own]),
        np.concatenate([np.zeros(leaves - 1), values]),
    )
