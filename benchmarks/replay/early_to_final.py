"""Correct early scores by what the parameters gain later, as earlier studies tell it.

python benchmarks/replay/early_to_final.py [--draws 2]

On each table of ``curves.npz`` a ridge regression over the others tells how much of its loss, on a
logarithmic scale, a configuration still loses after an epoch. Printed is the share of the final
best tenth that is in the best third after that epoch, which is what a rung lets go on: by the
losses as they are, and by corrected ones. The studies of the other tables either trained everything
in full, or have rungs after 1, 3 and 9 epochs that 15 % of the trials are spared, as a user's own.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.history.portfolio import Coordinates
from automl.space.file import load_space

RUNGS = (1, 3, 9)
TRIALS = 100
SPARED = 15
RIDGE = 100.0
HAND_WRITTEN = 4

Numbers = NDArray[np.float64]


def read() -> tuple[Numbers, Numbers]:
    """Return log losses, of shape (tables, configurations, epochs), and rows of parameters."""
    with np.load(Path(__file__).parent / "curves.npz") as kept:
        losses = kept["first"][:, :, 1].astype(float)
        params: list[dict[str, Any]] = json.loads(str(kept["about"]))["parameters"]
    space = load_space("mlp-table-small")
    places = Coordinates(space).of([{n: p[n] for n in space.domains} for p in params])
    capped = np.clip(np.where(np.isfinite(losses), losses, np.inf), 1e-9, 1e3)
    return np.log(capped), np.column_stack([places, places**2])


def halved(losses: Numbers, tried: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the trials of a study that came to their end."""
    spared, alive = set(tried[:SPARED].tolist()), tried
    for rung in RUNGS:
        ahead = alive[np.argsort(losses[alive, rung - 1])][: -(-len(alive) // 3)]
        keeps = set(ahead.tolist()) | spared
        alive = np.array([i for i in alive if i in keeps])
    return alive


def correction(
    losses: Numbers, rows: Numbers, epoch: int, *, full: bool, rng: np.random.Generator
) -> Numbers:
    """Return what each configuration is expected to lose after an epoch, up to a constant."""
    inputs, gains = [], []
    for table in losses:
        tried = HAND_WRITTEN + rng.permutation(len(rows) - HAND_WRITTEN)[:TRIALS]
        ended = tried if full else halved(table, tried)
        gain = table[ended].min(axis=1) - table[ended, epoch - 1]
        inputs.append(rows[ended])
        gains.append(np.clip(gain - np.median(gain), -2.0, 2.0))
    X, y = np.concatenate(inputs), np.concatenate(gains)
    middle, spread = X.mean(axis=0), X.std(axis=0) + 1e-9
    scaled = (X - middle) / spread
    weights = np.linalg.solve(scaled.T @ scaled + RIDGE * np.eye(X.shape[1]), scaled.T @ y)
    result: Numbers = (rows - middle) / spread @ weights
    return result


def kept(early: Numbers, final: Numbers) -> float:
    """Return the share of the final best tenth that is in the best third early."""
    tenth = set(np.argsort(final)[: len(final) // 10].tolist())
    return len(tenth & set(np.argsort(early)[: len(final) // 3].tolist())) / len(tenth)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2, help="of the trials of each study")
    options = parser.parse_args()
    losses, rows = read()
    print("| after epoch | the other studies | as it is | corrected | better, worse |")
    print("| --- | --- | --- | --- | --- |")
    for epoch in RUNGS:
        for full in (True, False):
            rng = np.random.default_rng(0)
            pairs = []
            for t in range(len(losses)):
                others, table = np.delete(losses, t, axis=0), losses[t]
                for _ in range(options.draws):
                    gain = correction(others, rows, epoch, full=full, rng=rng)
                    early, final = table[:, epoch - 1], table.min(axis=1)
                    pairs.append((kept(early, final), kept(early + gain, final)))
            before, after = np.mean(pairs, axis=0)
            better, worse = sum(b > a for a, b in pairs), sum(b < a for a, b in pairs)
            name = "in full" if full else "with rungs"
            print(f"| {epoch} | {name} | {before:.2f} | {after:.2f} | {better}, {worse} |")


if __name__ == "__main__":
    main()
