"""Saving a bundle: a whole new folder first, then one atomic switch.

``best`` is a symbolic link to a hidden folder beside it, because a link can be replaced
atomically and a folder cannot: whoever looks sees the previous bundle or the new one, whole.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from automl.bundle.card import model_card
from automl.bundle.format import CARD, FORMAT, MODEL, ONNX, WEIGHTS, sha256
from automl.data.preprocessing import Preprocessing, TargetScaling
from automl.task import Task
from automl.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """Everything about a model but its weights.

    Attributes
    ----------
    name : str
        The study's.
    dataset, fingerprint : str
    task : Task
    metric : str
    params : mapping of str to scalar
        The winner's, flat.
    preprocessing : Preprocessing
    target : TargetScaling
    training : mapping
        Trial number, seed, epochs and whatever else tells how the weights came to be.
    scores : mapping
        ``valid``, and ``test`` with its interval when it was measured.
    """

    name: str
    dataset: str
    fingerprint: str
    task: Task
    metric: str
    params: Mapping[str, Any]
    preprocessing: Preprocessing
    target: TargetScaling
    training: Mapping[str, Any]
    scores: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The fields of ``model.json``, but for the files."""
        return {
            "format": FORMAT,
            "name": self.name,
            "dataset": self.dataset,
            "fingerprint": self.fingerprint,
            "task": self.task.to_json(),
            "metric": self.metric,
            "recipe": Recipe.parse(self.params).to_json(),
            "preprocessing": self.preprocessing.to_json(),
            "target": [self.target.mean, self.target.scale],
            "training": dict(self.training),
            "scores": dict(self.scores),
            "versions": versions(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def versions() -> dict[str, str]:
    """Of everything that decides what a training computes."""
    packages = ("automl", "torch", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def save_bundle(link: Path, weights: Path, info: BundleInfo, onnx: Path | None = None) -> None:
    """Write a bundle and switch `link` to it.

    Parameters
    ----------
    link : Path
        Such as ``studies/mnist/best``.
    weights : Path
        A safetensors file; it is copied.
    info : BundleInfo
    onnx : Path, optional
        An exported ``model.onnx``; it is copied.
    """
    home = link.parent / f".{link.name}"
    folder = home / secrets.token_hex(8)
    folder.mkdir(parents=True)
    fields = info.to_json()
    shutil.copyfile(weights, folder / WEIGHTS)
    if onnx is not None:
        shutil.copyfile(onnx, folder / ONNX)
    (folder / CARD).write_text(model_card(fields), encoding="utf-8")
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    text = json.dumps({**fields, "files": files}, indent=2, allow_nan=False)
    (folder / MODEL).write_text(text + "\n", encoding="utf-8")
    _switch(link, folder)


def _switch(link: Path, folder: Path) -> None:
    previous = Path(os.readlink(link)).name if link.is_symlink() else None
    temporary = link.with_name(f".{link.name}.{folder.name}")
    temporary.symlink_to(Path(folder.parent.name) / folder.name)
    os.replace(temporary, link)
    for old in folder.parent.iterdir():
        # The previous one stays for whoever is reading it just now.
        if old.name not in (folder.name, previous):
            shutil.rmtree(old, ignore_errors=True)
