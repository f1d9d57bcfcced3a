"""Boosted trees as arrays, whoever has grown them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from automl.arrays import Array
from automl.bundle.chain import Layer


class Tree(NamedTuple):
    """Nodes of a tree, the root first; a leaf is its own left and right.

    Attributes
    ----------
    features, left, right : int array of shape (nodes,)
    thresholds, values : array of shape (nodes,)
        A row goes left where its feature is at most the threshold.
    """

    features: Array
    thresholds: Array
    left: Array
    right: Array
    values: Array


def tree_layer(trees: Sequence[Tree], outputs: Sequence[int], base: Array) -> Layer:
    """Return the layer that adds up trees.

    Parameters
    ----------
    trees : sequence of Tree
    outputs : sequence of int
        Output that each of them adds to.
    base : array of shape (outputs,)
        What there is without any.
    """
    nodes = max(len(tree.features) for tree in trees)
    types = {"features": np.int64, "left": np.int64, "right": np.int64}
    arrays = {
        name: np.stack([_padded(getattr(tree, name), nodes) for tree in trees]).astype(
            types.get(name, np.float64)
        )
        for name in Tree._fields
    }
    arrays["outputs"] = np.asarray(outputs, np.int64)
    arrays["base"] = np.asarray(base, np.float64).reshape(-1)
    return Layer("trees", arrays, {"depth": max(map(_depth, trees))})


def _padded(values: Array, length: int) -> Array:
    return np.pad(values, (0, length - len(values)))


def _depth(tree: Tree) -> int:
    """Return the steps from the root to the deepest leaf."""
    depth, nodes = 0, np.zeros(1, np.int64)
    while True:
        below = np.unique(np.concatenate([tree.left[nodes], tree.right[nodes]]))
        nodes = below[tree.left[below] != below]
        moved = len(below) > 1 or below[0] != 0
        if not moved:
            return depth
        depth += 1
        if not len(nodes):
            return depth


def trees_of_lightgbm(model: Any) -> Layer:
    """Return the trees of a fitted model of LightGBM, of rows that have none missing."""
    grown = model.booster_.dump_model()
    each = grown["num_tree_per_iteration"]
    trees = [_of_nested(info["tree_structure"]) for info in grown["tree_info"]]
    return tree_layer(trees, [i % each for i in range(len(trees))], np.zeros(each))


def _of_nested(root: dict[str, Any]) -> Tree:
    """Return a tree whose nodes hold their children."""
    nodes, rows = [root], []
    for place, node in enumerate(nodes):  # which grows meanwhile
        if "left_child" not in node:
            rows.append((0, 0.0, place, place, node["leaf_value"]))
            continue
        left = len(nodes)
        nodes += [node["left_child"], node["right_child"]]
        rows.append((node["split_feature"], node["threshold"], left, left + 1, 0.0))
    return Tree(*map(np.array, zip(*rows, strict=True)))


def trees_of_histograms(model: Any) -> Layer:
    """Return the trees of a fitted ``HistGradientBoosting`` of scikit-learn.

    Rows have no missing values and no categories when they come here.
    """
    trees, outputs = [], []
    for predictors in model._predictors:
        for output, predictor in enumerate(predictors):
            nodes = predictor.nodes
            own, leaf = np.arange(len(nodes)), nodes["is_leaf"].astype(bool)
            trees.append(
                Tree(
                    np.where(leaf, 0, nodes["feature_idx"]),
                    np.where(leaf, 0.0, nodes["num_threshold"]),
                    np.where(leaf, own, nodes["left"]),
                    np.where(leaf, own, nodes["right"]),
                    np.where(leaf, nodes["value"], 0.0),
                )
            )
            outputs.append(output)
    return tree_layer(trees, outputs, model._baseline_prediction)
