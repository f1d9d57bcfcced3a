"""What tests of the command line share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SMALL = (
    *("--executor", "inline", "--max-epochs", "2", "--set", "model.width=16"),
    *("--folds", "0", "--finalists", "0", "--baselines", "none", "--no-onnx", "--quiet"),
)
"""Options that make a search of a few trials take a fraction of a second."""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b""
        for p in sorted(folder.rglob("*"))
    }
