"""Choose start configurations for tables from ``replay/curves.npz``: a greedy portfolio.

python benchmarks/portfolio.py [--size 4] [--kept 2]

Every configuration was tried on every table there, so that nothing has to be guessed: behind the
first start configurations of the space `mlp-table-small`, each is added that most raises the best
place among all, as a normal score, in the mean over the tables. No table of `table_sets.HISTORY` is
in a comparison with other models.

The program prints how many of a hundred configurations of the file are better than the best of a
portfolio, on each table when that table is left out, and then the configurations that all tables
choose.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

PLACE = Path(__file__).parent / "replay" / "curves.npz"
HAND_WRITTEN = 4
"""Start configurations at the beginning of the file's."""

Places = NDArray[np.float64]


def read() -> tuple[dict[str, Any], Places]:
    """Return what the file is about, and the least loss of each training: (tables, trainings)."""
    with np.load(PLACE) as kept:
        losses = kept["first"][:, :, 1]
        about: dict[str, Any] = json.loads(str(kept["about"]))
    return about, np.where(np.isfinite(losses), losses, np.inf).min(axis=2)


def greedy(scores: Places, kept: list[int], size: int) -> list[int]:
    """Return the configurations that are added, lower scores being better."""
    reached = scores[:, kept].min(axis=1)
    chosen: list[int] = []
    for _ in range(size):
        better = np.minimum(scores, reached[:, None])
        chosen.append(int(better.mean(axis=0).argmin()))
        reached = better[:, chosen[-1]]
    return chosen


def main() -> None:
    """Print what is gained where a table is left out, and what all tables choose."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=3)
    parser.add_argument("--kept", type=int, default=3, help="start configurations before them")
    options = parser.parse_args()
    about, losses = read()
    scores = np.stack([ndtri((rankdata(row) - 0.5) / len(row)) for row in losses])
    behind = (losses[:, :, None] > losses[:, None, :]).mean(axis=2)  # share that is better
    kept = list(range(options.kept))
    sides: dict[str, list[float]] = {}
    for t in range(len(losses)):
        others = np.delete(scores, t, axis=0)
        chosen = greedy(others, kept, options.size)
        for side, tried in (
            (f"the first {options.kept}", kept),
            (f"all {HAND_WRITTEN} that were there", list(range(HAND_WRITTEN))),
            (f"the first {options.kept} and {options.size} of other tables", kept + chosen),
        ):
            sides.setdefault(side, []).append(100 * float(behind[t, tried].min()))
    names = [table["table"] for table in about["tables"]]
    print(f"| start configurations | mean | {' | '.join(names)} |")
    print("| --- " * (len(names) + 2) + "|")
    for side, found in sides.items():
        print(f"| {side} | {np.mean(found):.1f} | {' | '.join(f'{x:.0f}' for x in found)} |")
    found = [_nested(about["parameters"][i]) for i in greedy(scores, kept, options.size)]
    print(yaml.safe_dump(found, sort_keys=False))


def _nested(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as a space file has them, numbers with three digits."""
    found: dict[str, Any] = {}
    for name, value in params.items():
        section, _, setting = name.partition(".")
        if setting:
            short = float(f"{value:.3g}") if isinstance(value, float) else value
            found.setdefault(section, {})[setting] = short
    return found


if __name__ == "__main__":
    main()
