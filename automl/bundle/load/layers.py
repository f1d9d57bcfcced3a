"""The layers of a `Chain` as modules of torch: they are loaded and exported as networks are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from automl.arrays import Array
from automl.bundle.chain import MAX_CLASSES, Chain
from automl.bundle.load.image_layer import Gradients, Shrink
from automl.bundle.load.plain_layer import PlainLayer
from automl.bundle.load.series_layer import Convolutions
from automl.data.preprocess.prepared import PreparedData
from automl.data.stored_rows import AnyRows
from automl.errors import BundleError
from automl.training.picture_batches import network_rows
from automl.training.predict import predict

MAX_LAYERS = 20
"""Layers of a chain from anywhere; the longest that a search makes has six."""

MAX_DEPTH = 1000
"""Steps from the root of a tree to a leaf."""


class ChainModule(nn.Module):
    """A chain: preprocessed rows of any shape in, logits or scaled numbers out, in float32.

    Parameters
    ----------
    layers : sequence of mapping
        What `automl.bundle.chain.Chain.to_json` gives.
    """

    def __init__(self, layers: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.layers = _modules(layers, may_branch=True)

    def forward(self, rows: Tensor) -> Tensor:
        """Rows ``(batch, *shape)`` to ``(batch, outputs)``."""
        x = rows.reshape(rows.shape[0], -1).to(torch.float64)
        for layer in self.layers:
            x = layer(x)
        return x.to(torch.float32)

    def check(self) -> None:
        """Check that no number points outside of what it is a place in, once all are loaded."""
        for module in self.modules():
            if isinstance(module, _Trees):
                module.check()


class _Linear(PlainLayer):
    floats = ("weight", "bias")

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.at("weight"), self.at("bias"))


class _Scale(PlainLayer):
    """The same factor and shift for every number of a row, or one of each for every number."""

    floats = ("factor", "shift")

    def forward(self, x: Tensor) -> Tensor:
        return x * self.at("factor") + self.at("shift")


class _Products(PlainLayer):
    """The numbers of a row, and behind them products of two of them."""

    places = ("first", "second")

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, x[:, self.at("first")] * x[:, self.at("second")]], dim=1)


class _Kernel(PlainLayer):
    """The kernel ``exp(-gamma * |x - v|**2)`` with every support vector v."""

    floats = ("vectors", "gamma")

    def forward(self, x: Tensor) -> Tensor:
        v = self.at("vectors")
        squared = (x * x).sum(1, keepdim=True) + (v * v).sum(1) - 2.0 * (x @ v.T)
        return torch.exp(-self.at("gamma") * squared.clamp(min=0.0))


class _Pairs(PlainLayer):
    """Decision values of an SVM for each pair of classes, from the kernel values.

    ``weights`` has a row fewer than there are classes: the support vectors of class i have theirs
    for the pair with class j in row ``j - 1`` where i comes before j, and in row j elsewhere, as
    libsvm has it. ``counts`` is the number of vectors of each class, which lie in this order.
    """

    floats = ("weights", "bias")

    def read(self, options: Mapping[str, Any]) -> None:
        counts = options["counts"]
        rows, vectors = self.at("weights").shape
        whole = all(type(n) is int and n >= 0 for n in counts)
        if not whole or sum(counts) != vectors or len(counts) != rows + 1:
            raise BundleError("layers: pairs must have a count of support vectors for each class")
        self.counts = list(counts)

    def forward(self, kernel: Tensor) -> Tensor:
        weights, ends = self.at("weights"), itertools.accumulate(self.counts)
        places = [slice(end - n, end) for n, end in zip(self.counts, ends, strict=True)]
        of = [kernel[:, place] @ weights[:, place].T for place in places]
        n = len(of)
        found = [of[i][:, j - 1] + of[j][:, i] for i in range(n) for j in range(i + 1, n)]
        return torch.stack(found, dim=1) + self.at("bias")


class _Votes(PlainLayer):
    """Votes of the pairs, and less than half a vote for how sure they are.

    That is the formula of scikit-learn's ``_ovr_decision_function``. A positive decision of a pair
    is for its first class.
    """

    def read(self, options: Mapping[str, Any]) -> None:
        n = options["classes"]
        if type(n) is not int or not 2 <= n <= MAX_CLASSES:
            raise BundleError(
                f"layers: votes must be of 2 to {MAX_CLASSES} classes, but got {n!r:.80}"
            )
        first, second = zip(*((i, j) for i in range(n) for j in range(i + 1, n)), strict=True)
        self.n, self.first, self.second = n, list(first), list(second)

    def forward(self, pairs: Tensor) -> Tensor:
        place = [torch.tensor(side, device=pairs.device) for side in (self.first, self.second)]
        one, other = (functional.one_hot(p, self.n).to(pairs.dtype) for p in place)
        for_second = (pairs < 0).to(pairs.dtype)
        votes = (1.0 - for_second) @ one + for_second @ other
        sure = pairs @ one - pairs @ other
        return votes + sure / (3.0 * (sure.abs() + 1.0))


class _Trees(PlainLayer):
    """The sum of trees: at a node, left where the feature is at most the threshold.

    A leaf is its own left and right. ``outputs`` says which output a tree adds to.
    """

    floats = ("thresholds", "values", "base")
    places = ("features", "left", "right", "outputs")

    def read(self, options: Mapping[str, Any]) -> None:
        self.depth = options["depth"]
        if type(self.depth) is not int or not 0 <= self.depth <= MAX_DEPTH:
            raise BundleError(f"layers: depth must be 0 to {MAX_DEPTH}, but got {self.depth!r:.80}")
        shape = self.at("features").shape
        same = all(self.at(n).shape == shape for n in ("thresholds", "values", "left", "right"))
        if len(shape) != 2 or not same or self.at("outputs").shape != shape[:1]:
            raise BundleError("layers: trees must all have the same arrays")

    def check(self) -> None:
        """Check that all children and outputs are there; features are looked at with rows."""
        nodes, outputs = self.at("features").shape[1], len(self.at("base"))
        for name, most in (("left", nodes), ("right", nodes), ("outputs", outputs)):
            found = self.at(name)
            if found.numel() and not (found.min() >= 0 and found.max() < most):
                raise BundleError(f"layers: {name} must be from 0 to {most - 1}")
        if self.at("features").numel() and self.at("features").min() < 0:
            raise BundleError("layers: features must not be negative")

    def forward(self, x: Tensor) -> Tensor:
        features, thresholds, left, right, values = (
            self.at(name).reshape(-1)
            for name in ("features", "thresholds", "left", "right", "values")
        )
        trees, nodes = self.at("features").shape
        starts = torch.arange(trees, device=x.device) * nodes
        node = torch.zeros((x.shape[0], trees), dtype=torch.int64, device=x.device)
        for _ in range(self.depth):
            place = node + starts
            is_left = x.gather(1, features[place]) <= thresholds[place]
            node = torch.where(is_left, left[place], right[place])
        share = functional.one_hot(self.at("outputs"), self.at("base").shape[0]).to(x.dtype)
        return values[node + starts] @ share + self.at("base")


class _Classes(PlainLayer):
    """Outputs of the classes that a fit has seen, among all: a logit of -inf for the others."""

    places = ("seen",)

    def read(self, options: Mapping[str, Any]) -> None:
        self.n = options["classes"]
        if type(self.n) is not int or not 2 <= self.n <= 1_000_000:
            raise BundleError(f"layers: there must be 2 classes or more, but got {self.n!r:.80}")

    def forward(self, x: Tensor) -> Tensor:
        out = torch.full((x.shape[0], self.n), -math.inf, dtype=x.dtype, device=x.device)
        return out.index_copy(1, self.at("seen"), x)


class _Relu(PlainLayer):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x)


class _LogSigmoid(PlainLayer):
    def forward(self, x: Tensor) -> Tensor:
        return functional.logsigmoid(x)


class _Beside(nn.Module):
    def __init__(self, chains: Sequence[Any]) -> None:
        super().__init__()
        self.beside = nn.ModuleList(_modules(chain, may_branch=False) for chain in chains)

    def forward(self, x: Tensor) -> Tensor:
        found = []
        for chain in self.beside:
            out = x
            for layer in chain:  # type: ignore[attr-defined]
                out = layer(out)
            found.append(out)
        return torch.cat(found, dim=1)


KINDS: dict[str, Callable[..., nn.Module]] = {
    "linear": _Linear,
    "scale": _Scale,
    "products": _Products,
    "kernel": _Kernel,
    "pairs": _Pairs,
    "votes": _Votes,
    "trees": _Trees,
    "classes": _Classes,
    "convolutions": Convolutions,
    "gradients": Gradients,
    "shrink": Shrink,
    "relu": _Relu,
    "log sigmoid": _LogSigmoid,
}
"""Layers by name, beside ``beside``."""


def run_chain(chain: Chain, data: PreparedData, X: AnyRows) -> Array:
    """Return the probabilities or numbers of a chain for some rows of the data, as a bundle does.

    Parameters
    ----------
    chain : Chain
    data : PreparedData
    X : array or StoredRows
        One of its splits.
    """
    module = ChainModule(chain.to_json())
    module.load_state_dict(
        {f"layers.{name}": torch.tensor(array) for name, array in chain.named_arrays()}
    )
    rows = network_rows(X, data.preprocessing, torch.device("cpu"))
    return predict(module, rows, data.task, data.target)


def _modules(layers: Sequence[Mapping[str, Any]], *, may_branch: bool) -> nn.ModuleList:
    if not 0 < len(layers) <= MAX_LAYERS:
        raise BundleError(f"layers: must be 1 to {MAX_LAYERS}, but there are {len(layers):,}")
    made: list[nn.Module] = []
    for layer in layers:
        kind = layer["kind"]
        if kind == "beside" and may_branch:
            made.append(_Beside(layer["beside"]))
        elif kind in KINDS:
            made.append(KINDS[kind](layer["shapes"], layer["options"]))
        else:
            raise BundleError(f"layers: the kind {kind!r:.80} is unknown")
    return nn.ModuleList(made)
