"""What a search is compared with on tables: boosting as it comes, and a network without a search.

CatBoost and LightGBM are no dependencies of automl, and must be installed for this. Both take one
core, as everything here does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from automl.arrays import Array

FITS = (5, 5)
"""Folds and partitions of the fixed network: 25 of it are averaged."""

WIDTH, DROPOUT, RATE, DECAY, BATCH = 128, 0.3, 0.003, 0.03, 64


def catboost(X: Any, y: Array, test: Any, classes: int, seed: int) -> Array:
    """CatBoost with its defaults, which reads categories itself."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    words = [name for name in X.columns if not _is_number(X[name])]
    for name in words:
        X, test = (f.assign(**{name: [str(v) for v in f[name]]}) for f in (X, test))
    kind = CatBoostClassifier if classes else CatBoostRegressor
    options = {"random_seed": seed, "thread_count": 1, "verbose": 0, "allow_writing_files": False}
    model = kind(**options, cat_features=words).fit(X, y)
    return np.asarray(model.predict_proba(test) if classes else model.predict(test))


def lightgbm(X: Any, y: Array, test: Any, classes: int, seed: int) -> Array:
    """LightGBM with its defaults, which reads categories itself."""
    import pandas as pd
    from lightgbm import LGBMClassifier, LGBMRegressor

    for name in X.columns:
        if not _is_number(X[name]):
            known = pd.CategoricalDtype(sorted(X[name].dropna().astype(str).unique()))
            X, test = (f.assign(**{name: f[name].astype(str).astype(known)}) for f in (X, test))
    # It refuses names with a comma or a bracket.
    X, test = (f.set_axis([f"c{i}" for i in range(f.shape[1])], axis=1) for f in (X, test))
    kind = LGBMClassifier if classes else LGBMRegressor
    model = kind(random_state=seed, n_jobs=1, verbose=-1).fit(X, y)
    return np.asarray(model.predict_proba(test) if classes else model.predict(test))


def fixed_network(X: Any, y: Array, test: Any, classes: int, seed: int) -> Array:
    """25 perceptrons of one configuration, averaged: what a search has to be better than.

    Two hidden layers of 128 units, ReLU, dropout 0.3, AdamW with warm-up and linear decay, robust
    scaling with smooth clipping (Holzmueller et al. 2024, arXiv 2407.04491), one-hot categories.
    Nothing is chosen but the epoch, by the mean curve over all folds. All are trained at once.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    rows, test_rows = _prepare(X, test)
    mean, scale = (0.0, 1.0) if classes else (float(y.mean()), float(y.std()) or 1.0)
    target = torch.tensor(y) if classes else torch.tensor((y - mean) / scale, dtype=torch.float32)
    folds, repeats = FITS
    splitter = StratifiedKFold if classes else KFold
    parts: list[Any] = []
    for repeat in range(repeats):
        split = splitter(folds, shuffle=True, random_state=1000 * seed + repeat)
        parts += list(split.split(rows, y))
    found = _train_all(rows, target, test_rows, parts, classes, seed)
    return found if classes else found * scale + mean


def _train_all(
    rows: torch.Tensor,
    y: torch.Tensor,
    test: torch.Tensor,
    parts: list[tuple[Array, Array]],
    classes: int,
    seed: int,
) -> Array:
    """Averaged outputs for the test rows at the epoch that is best over all folds."""
    torch.manual_seed(seed)
    numbers = np.random.default_rng(seed)
    networks = _Networks(len(parts), rows.shape[1], max(classes, 1))
    fewest = min(len(train) for train, _ in parts)
    epochs = max(20, min(100, 100_000 // len(rows)))
    steps = math.ceil(fewest / BATCH)
    optimizer = torch.optim.AdamW(
        [
            {"params": networks.matrices, "weight_decay": DECAY},
            {"params": networks.biases, "weight_decay": 0.0},
        ],
        lr=RATE,
    )
    best, found = math.inf, None
    done, planned = 0, epochs * steps
    for _ in range(epochs):
        order = np.stack([numbers.permutation(train)[:fewest] for train, _ in parts])
        for batch in torch.split(torch.tensor(order), BATCH, dim=1):
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, 10 * (done + 1) / planned) * (1 - done / planned)
            optimizer.zero_grad()
            loss = _loss(networks(rows[batch], training=True), y[batch], classes)
            (loss * len(parts)).backward()
            optimizer.step()
            done += 1
        with torch.no_grad():
            out = networks(rows.expand(len(parts), -1, -1))
            held = torch.stack(
                [
                    _loss(o[valid], y[valid], classes)
                    for o, (_, valid) in zip(out, parts, strict=True)
                ]
            )
            if (mean := held.mean().item()) < best:
                best = mean
                outputs = networks(test.expand(len(parts), -1, -1))
                found = outputs.softmax(-1) if classes else outputs.squeeze(-1)
    assert found is not None
    return found.double().mean(0).numpy()


def _loss(output: torch.Tensor, y: torch.Tensor, classes: int) -> torch.Tensor:
    if classes:
        return functional.cross_entropy(output.reshape(-1, classes), y.reshape(-1))
    return functional.mse_loss(output.reshape(-1), y.reshape(-1))


class _Networks:
    """Perceptrons side by side: every product is of all of them at once."""

    def __init__(self, count: int, size: int, outputs: int) -> None:
        sizes = (size, WIDTH, WIDTH, outputs)
        self.matrices = [
            (torch.randn(count, a, b) * math.sqrt((2 if b == WIDTH else 1) / a)).requires_grad_()
            for a, b in itertools.pairwise(sizes)
        ]
        self.biases = [torch.zeros(count, 1, b, requires_grad=True) for b in sizes[1:]]

    def __call__(self, rows: torch.Tensor, *, training: bool = False) -> torch.Tensor:
        for i, (weights, bias) in enumerate(zip(self.matrices, self.biases, strict=True)):
            rows = torch.baddbmm(bias, rows, weights)
            if i < len(self.matrices) - 1:
                rows = functional.dropout(rows.relu(), DROPOUT, training)
        return rows


def _prepare(X: Any, test: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Numbers of both, by what the training rows say."""
    made: list[tuple[Array, Array]] = []
    for name in X.columns:
        column, other = X[name], test[name]
        if not _is_number(column):
            column, other = column.map(str), other.map(str)
            made += [
                ((column == v).to_numpy(float), (other == v).to_numpy(float))
                for v in sorted(column.unique())[:100]
            ]
            continue
        a, b = column.to_numpy(float), other.to_numpy(float)
        if np.isnan(a).all():
            continue
        low, centre, high = np.nanquantile(a, [0.25, 0.5, 0.75])
        spread = (high - low) or (np.nanmax(a) - np.nanmin(a)) / 2 or 1.0
        made += [tuple(_clip((np.where(np.isnan(v), centre, v) - centre) / spread) for v in (a, b))]
        if np.isnan(a).any():
            made.append((np.isnan(a).astype(float), np.isnan(b).astype(float)))
    pairs = [np.stack(side, axis=1) for side in zip(*made, strict=True)]
    first, second = (torch.tensor(side, dtype=torch.float32) for side in pairs)
    return first, second


def _clip(z: Array) -> Array:
    return np.asarray(z / np.sqrt(1 + (z / 3) ** 2))


def _is_number(column: Any) -> bool:
    return column.dtype.kind in "biuf"


RIVALS: dict[str, Callable[[Any, Array, Any, int, int], Array]] = {
    "catboost": catboost,
    "lightgbm": lightgbm,
    "fixed network, 25 averaged": fixed_network,
}
"""Name -> function of training rows, targets (codes or numbers), test rows, the number of classes
(0 for numbers) and a seed, to probabilities or numbers for the test rows."""
