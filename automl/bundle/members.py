"""The networks of a bundle: one, or several whose outputs are averaged.

A bundle of one network, as it is, has format 1, so that an older automl still reads it: its recipe
and preprocessing stand in ``model.json`` itself. Of several (format 2), ``members`` lists the
networks, each with its share of the average, its own weights file and the number of its entry in
``preparations``: networks of one split share one, and each fold of a cross-validation has its own.
A baseline, which is no network, has ``layers`` in its recipe (format 3); see `automl.bundle.chain`.
A ``temperature`` (format 2 as well) makes probabilities less sure of themselves, or surer; see
`soften`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.bundle.error_quantiles import ErrorQuantiles
from automl.bundle.format import SEVERAL, WEIGHTS, member_file
from automl.errors import BundleError
from automl.task import Task

MAX_MEMBERS = 1000
"""Members of a bundle from anywhere; a search makes at most a few dozen."""

_OF_MEMBER = ("recipe", "plugin")
_OF_PREPARATION = ("preprocessing", "target")


@dataclass(frozen=True, slots=True)
class Member:
    """One network of a bundle, as ``model.json`` describes it.

    Attributes
    ----------
    share : float
        Its weight in the average; those of all members add up to 1.
    weights : str
        Name of its safetensors file.
    preparation : int
        Place of its preprocessing and target scaling in `read_preparations`.
    recipe : mapping
    plugin : mapping or None
        Where a family comes from that is not automl's own.
    training : mapping
        How the weights came to be.
    """

    share: float
    weights: str
    preparation: int
    recipe: Mapping[str, Any]
    plugin: Mapping[str, Any] | None
    training: Mapping[str, Any]

    @property
    def layers(self) -> list[Any] | None:
        """Layers of a baseline; None for a network."""
        found = self.recipe.get("layers")
        return found if isinstance(found, list) else None


_TYPES: dict[str, tuple[type, ...]] = {
    "share": (float, int),
    "weights": (str,),
    "preparation": (int,),
    "recipe": (dict,),
    "plugin": (dict, type(None)),
    "training": (dict,),
}


def read_members(info: Mapping[str, Any]) -> tuple[Member, ...]:
    """Return the networks of a bundle from the fields of ``model.json``, whatever its format.

    Raises
    ------
    BundleError
        When the list of several breaks a rule.
    """
    if "members" not in info:
        plugin, training = info.get("plugin"), info["training"]
        return (Member(1.0, WEIGHTS, 0, info["recipe"], plugin, training),)
    found = info["members"]
    if not 0 < len(found) <= MAX_MEMBERS:
        raise BundleError(f"members: must be 1 to {MAX_MEMBERS}, but there are {len(found):,}")
    made = tuple(_member(i, part, len(info["preparations"])) for i, part in enumerate(found, 1))
    total = math.fsum(member.share for member in made)
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        raise BundleError(f"members: shares must add up to 1, but got {total}")
    return made


def _member(number: int, part: Any, preparations: int) -> Member:
    place = f"members: number {number}"
    names = {field.name for field in fields(Member)}
    if not isinstance(part, dict) or part.keys() != names:
        raise BundleError(f"{place} must have the fields {', '.join(sorted(names))}")
    for name, types in _TYPES.items():
        if type(part[name]) not in types:
            raise BundleError(f"{place}: {name} must be {types[0].__name__}")
    member = Member(**part)
    if not (math.isfinite(member.share) and member.share > 0):
        raise BundleError(f"{place}: share must be positive, but got {member.share}")
    if member.weights != member_file(number):
        raise BundleError(
            f"{place}: weights must be {member_file(number)}, but got {member.weights!r:.80}"
        )
    if not 0 <= member.preparation < preparations:
        raise BundleError(
            f"{place}: preparation must be one of {preparations}, counted from 0, but got"
            f" {member.preparation}"
        )
    return member


def families(info: Mapping[str, Any]) -> list[str]:
    """Return what kinds of networks there are, and of baselines, each once."""
    return sorted({str(member.recipe["family"]) for member in read_members(info)})


def has_probabilities(info: Mapping[str, Any]) -> bool:
    """Return whether a model of classes has probabilities, which a baseline may lack."""
    return all(m.recipe.get("has_probabilities", True) is True for m in read_members(info))


def read_preparations(info: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return every ``preprocessing`` with its ``target`` scaling, in the members' counting."""
    if "members" not in info:
        return ({name: info[name] for name in _OF_PREPARATION},)
    return tuple(info["preparations"])


def join(
    parts: Sequence[Mapping[str, Any]],
    shares: Sequence[float],
    training: Mapping[str, Any],
    scores: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the ``model.json`` of several networks from those of each.

    Parameters
    ----------
    parts : sequence of mapping
        What `automl.bundle.save.BundleInfo.to_json` gives, for models of the same data set.
    shares : sequence of float
        Weight of each in the average; they add up to 1.
    training, scores : mapping
        How they came to be and how good they are together; see `automl.bundle.save.BundleInfo`.
    """
    preparations: list[dict[str, Any]] = []
    members = []
    for number, (part, share) in enumerate(zip(parts, shares, strict=True), 1):
        prepared = {name: part[name] for name in _OF_PREPARATION}
        if prepared not in preparations:
            preparations.append(prepared)
        place = preparations.index(prepared)
        how, recipe, plugin = part["training"], part["recipe"], part["plugin"]
        member = Member(share, member_file(number), place, recipe, plugin, how)
        members.append(asdict(member))
    alone = {*_OF_MEMBER, *_OF_PREPARATION}
    common = {name: value for name, value in parts[0].items() if name not in alone}
    return {
        **common,
        "format": max(SEVERAL, *(part["format"] for part in parts)),
        "training": dict(training),
        "scores": dict(scores),
        "preparations": preparations,
        "members": members,
    }


def weights_files(folder: Path, info: Mapping[str, Any]) -> list[Path]:
    """Return the weights of every member of the bundle in that folder, in their order."""
    return [folder / member.weights for member in read_members(info)]


def predicted_names(task: Task, info: Mapping[str, Any]) -> list[str]:
    """Return a name for each column of predictions: of several targets their own."""
    count, names = task.n_targets, info.get("targets")
    if task.is_forecast:
        return [f"step {i + 1}" for i in range(count)]
    if count == 1:
        return ["prediction"]
    if isinstance(names, list) and len(names) == count:
        return [str(name) for name in names]
    return [f"target {i + 1}" for i in range(count)]


def with_temperature(fields: Mapping[str, Any], temperature: float) -> dict[str, Any]:
    """Return the fields of ``model.json`` with this temperature."""
    return {**fields, "format": max(SEVERAL, fields["format"]), "temperature": temperature}


def with_quantiles(fields: Mapping[str, Any], errors: ErrorQuantiles | None) -> dict[str, Any]:
    """Return the fields of ``model.json`` with how far forecasts are off, where that is known.

    The format stays as it is: an older automl gives the same forecasts, without quantiles.
    """
    return {**fields} if errors is None else {**fields, "quantiles": errors.to_json()}


def read_temperature(info: Mapping[str, Any]) -> float:
    """Return what `soften` takes; 1 where the probabilities are taken as they are.

    Raises
    ------
    BundleError
        When it breaks its rule.
    """
    found = info.get("temperature", 1.0)
    if type(found) not in (int, float) or not 1e-3 <= found <= 1e3:
        raise BundleError(f"temperature must be from 0.001 to 1000, but got {found!r:.80}")
    if found != 1.0 and not info["task"]["classes"]:
        raise BundleError("temperature is for classes, but this model predicts numbers")
    return float(found)


def average(outputs: Sequence[Array], shares: Sequence[float], temperature: float = 1.0) -> Array:
    """Return the weighted mean of the members' probabilities or numbers, in their precision.

    A search scores an ensemble by this function, and a loaded model predicts by it: added up in
    double precision and in the same order, they agree to the last bit.

    Parameters
    ----------
    outputs : sequence of array of shape (rows, ...)
    shares : sequence of float
        They add up to 1. A single output is returned as it is, at a temperature of 1.
    temperature : float
        As in `soften`.
    """
    if len(outputs) == 1 and temperature == 1.0:
        return outputs[0]
    total = np.zeros(outputs[0].shape)
    for output, share in zip(outputs, shares, strict=True):
        total += share * output.astype(np.float64)
    if temperature != 1.0:
        total = soften(total, temperature)
    return total.astype(np.result_type(*outputs))


def soften(probabilities: Array, temperature: float) -> Array:
    """Return probabilities at a temperature: each to the power of its inverse, then normalised.

    Of one network that divides its logits. Above 1 the model becomes less sure of itself; which
    class is the most likely does not change.

    Parameters
    ----------
    probabilities : float64 array of shape (rows, classes)
    temperature : float

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017), On calibration of modern neural networks,
    ICML, section 4.2.
    """
    raised = (probabilities / probabilities.max(axis=1, keepdims=True)) ** (1.0 / temperature)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
