"""Saving a bundle: a whole new folder first, then one atomic switch.

``best`` is a real folder, which `automl.bundle.switch` replaces at once: a reader finds one whole
bundle or the other.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from automl.bundle.card import model_card
from automl.bundle.format import CARD, FORMAT, MODEL, ONNX, PLAIN, read_info, sha256
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.members import read_members, weights_files
from automl.bundle.switch import beside, new_folder, switch_folder
from automl.data.preprocess.standardise import TargetScaling
from automl.data.preprocess.variants import AnyPreprocessing
from automl.models import FAMILIES
from automl.task import Task
from automl.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class BaselineRecipe:
    """A baseline as a bundle names it.

    Attributes
    ----------
    name : str
    description : str
        What was fitted, in one line.
    layers : list
        See `automl.bundle.chain.Chain.to_json`.
    has_probabilities : bool
        Whether it was fitted to have some; the softmax of its outputs says nothing where not.
    """

    name: str
    description: str
    layers: list[dict[str, Any]]
    has_probabilities: bool


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """Everything about a model of one network but its weights.

    Attributes
    ----------
    name : str
        The study's.
    dataset, fingerprint : str
    task : Task
    metric : str
    inputs : InputSchema
    params : mapping of str to scalar
        The winner's, flat; of a baseline, its own.
    preprocessing : Preprocessing or TablePreprocessing
    target : TargetScaling
    training : mapping
        Trial number, seed, epochs and whatever else tells how the weights came to be.
    scores : mapping
        ``valid``, and ``test`` with its interval when it was measured; then also ``verdict``.
    targets : tuple of str
        Names of the columns that are predicted, where the data has them.
    baseline : BaselineRecipe, optional
        What a model is that is no network.
    """

    name: str
    dataset: str
    fingerprint: str
    task: Task
    metric: str
    inputs: InputSchema
    params: Mapping[str, Any]
    preprocessing: AnyPreprocessing
    target: TargetScaling
    training: Mapping[str, Any]
    scores: Mapping[str, Any]
    targets: tuple[str, ...] = ()
    baseline: BaselineRecipe | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields of ``model.json``, but for the files."""
        return {
            "format": PLAIN if self.baseline is None else FORMAT,
            "name": self.name,
            "dataset": self.dataset,
            "fingerprint": self.fingerprint,
            "task": self.task.to_json(),
            "metric": self.metric,
            "input": self.inputs.to_json(),
            "recipe": self._recipe(),
            "preprocessing": self.preprocessing.to_json(),
            "target": self.target.to_json(),
            "targets": list(self.targets),
            "training": dict(self.training),
            "scores": dict(self.scores),
            "plugin": None if self.baseline else _plugin(self.params["family"]),
            "onnx": None,
            "versions": versions(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def _recipe(self) -> dict[str, Any]:
        if self.baseline is None:
            return Recipe.parse(self.params).to_json()
        return {"family": self.baseline.name, **asdict(self.baseline), "params": dict(self.params)}


def _plugin(family: str) -> dict[str, Any] | None:
    """Return where a family comes from that is not automl's own."""
    origin = FAMILIES.origin(family)
    return None if origin is None else asdict(origin)


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """An exported model that agreed with torch.

    Attributes
    ----------
    path : str
    facts : dict
        What ``model.json`` says of it: names, type of the rows, and how far it was from torch.
    """

    path: str
    facts: dict[str, Any]

    @property
    def agreement(self) -> str:
        """How far it is from torch, in words."""
        return (
            f"onnxruntime and torch differ by {self.facts['largest_difference']:.2g} at most on"
            f" {self.facts['rows']:,} test rows"
        )


def versions() -> dict[str, str]:
    """Return the versions of everything that decides what a training computes."""
    packages = ("automl", "torch", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def save_bundle(place: Path, weights: Path, info: BundleInfo, onnx: OnnxFile | None = None) -> None:
    """Write a bundle and put it in its place.

    Parameters
    ----------
    place : Path
        Such as ``studies/mnist/best``.
    weights : Path
        A safetensors file; it is copied.
    info : BundleInfo
    onnx : OnnxFile, optional
        File with the same model, which is copied.
    """
    replace_bundle(place, [weights], info.to_json(), onnx)


def add_onnx(place: Path, onnx: OnnxFile) -> None:
    """Put the same bundle with ``model.onnx`` in its place."""
    previous = place.resolve()
    info = read_info(previous)
    replace_bundle(place, weights_files(previous, info), info, onnx)


def restate(place: Path, said: Mapping[str, Any]) -> None:
    """Put the same bundle in its place with something else beside its scores."""
    previous = place.resolve()
    info = read_info(previous)
    facts = info.get("onnx")
    onnx = None if facts is None else OnnxFile(str(previous / ONNX), facts)
    fields = {**info, "scores": {**info["scores"], **said}}
    replace_bundle(place, weights_files(previous, info), fields, onnx)


def replace_bundle(
    place: Path, weights: Sequence[Path], fields: Mapping[str, Any], onnx: OnnxFile | None = None
) -> None:
    """Write a bundle beside the one of a place, and switch; see `write_bundle`.

    One process at a time does this: the study's lock sees to it.
    """
    folder = new_folder(place)
    write_bundle(folder, weights, fields, onnx)
    switch_folder(place, folder)


def remove_bundle(place: Path) -> None:
    """Remove the bundle of a place, where there is one."""
    if place.is_symlink():  # of an earlier version
        place.unlink()
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(beside(place), ignore_errors=True)


def write_bundle(
    folder: Path, weights: Sequence[Path], fields: Mapping[str, Any], onnx: OnnxFile | None = None
) -> None:
    """Write a bundle's files into a folder that is there.

    Parameters
    ----------
    folder : Path
    weights : sequence of Path
        A safetensors file for each network that `fields` lists, in that order; they are copied.
    fields : mapping
        Fields of ``model.json``; what they say of files is replaced.
    onnx : OnnxFile, optional
    """
    names = [member.weights for member in read_members(fields)]
    for source, name in zip(weights, names, strict=True):
        _copy(source, folder / name)
    if onnx is not None:
        _copy(Path(onnx.path), folder / ONNX)
        fields = {**fields, "onnx": onnx.facts}
    _write(folder / CARD, model_card(fields))
    names = sorted([CARD, *names, *([] if onnx is None else [ONNX])])
    files = {name: sha256(folder / name) for name in names}
    text = json.dumps({**fields, "files": files}, indent=2, allow_nan=False)
    _write(folder / MODEL, text + "\n")


def _copy(source: Path, to: Path) -> None:
    shutil.copyfile(source, to)
    _sync(to)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    """Have it on disk before the switch, or a power cut could leave empty files."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
