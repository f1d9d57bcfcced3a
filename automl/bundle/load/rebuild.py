"""From ``model.json`` and weights to networks, with every number looked at first.

A bundle may come from anywhere: its numbers are checked before memory is taken for them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from automl.bundle.error_quantiles import ErrorQuantiles, read_error_quantiles
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.load.layers import ChainModule
from automl.bundle.load.validate import check_inputs, check_preprocessing, check_target
from automl.bundle.members import Member, read_members, read_preparations, read_temperature
from automl.data.preprocess.standardise import TargetScaling
from automl.data.preprocess.variants import AnyPreprocessing, read_preprocessing
from automl.errors import AutomlError, BundleError
from automl.models import FAMILIES
from automl.registry import Origin
from automl.task import Task
from automl.training.network import build_network
from automl.training.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What happens before and after a network; networks of one split share one.

    Attributes
    ----------
    preprocessing : Preprocessing or TablePreprocessing
    target : TargetScaling
    """

    preprocessing: AnyPreprocessing
    target: TargetScaling


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """One network of a model.

    Attributes
    ----------
    share : float
        Its weight in the average over all.
    module : torch.nn.Module
        The network, on the CPU and in evaluation mode.
    recipe : Recipe or None
        None for a baseline, which is no network.
    prepared : Prepared
    """

    share: float
    module: nn.Module
    recipe: Recipe | None
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Parts:
    """The networks, and what surrounds them.

    Attributes
    ----------
    task : Task
    inputs : InputSchema
    networks : tuple of Network
    temperature : float
        Temperature of the probabilities; see `automl.bundle.members.soften`.
    errors : ErrorQuantiles or None
        How far forecasts are off.
    """

    task: Task
    inputs: InputSchema
    networks: tuple[Network, ...]
    temperature: float
    errors: ErrorQuantiles | None


def rebuild(info: Mapping[str, Any], weights: Sequence[Path]) -> Parts:
    """Build the networks and load their weights.

    Parameters
    ----------
    info : mapping
        The fields of ``model.json``.
    weights : sequence of Path
        A safetensors file for each network, in the order of `read_members`.

    Raises
    ------
    BundleError
        Saying in one line what does not fit.
    """
    try:
        task, inputs = _task(info), InputSchema.from_json(info["input"])
        prepared = [_prepared(values, task, inputs) for values in read_preparations(info)]
        members = read_members(info)
        for member in members:
            _check_plugin(member)
        networks = tuple(
            _network(member, prepared[member.preparation], task, path)
            for member, path in zip(members, weights, strict=True)
        )
        errors = read_error_quantiles(info, task.n_targets) if task.is_forecast else None
        return Parts(task, inputs, networks, read_temperature(info), errors)
    except BundleError:
        raise
    except (
        AutomlError,
        SafetensorError,
        AttributeError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        OverflowError,
        MemoryError,
        OSError,
        RuntimeError,
    ) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, KeyError):
            reason = f"{reason} is missing or unknown"
        raise BundleError(f"{reason:.200}") from None


def _task(info: Mapping[str, Any]) -> Task:
    task = Task.from_json(info["task"])
    if task.is_classification and len(task.classes) < 2:
        raise BundleError(f"there must be two classes or more, but got {len(task.classes)}")
    types = {type(label) for label in task.classes}
    if len(types) > 1 or not types <= {bool, int, float, str, bytes}:
        raise BundleError("class names must be numbers, text, bytes or booleans, all of one kind")
    return task


def _prepared(values: Mapping[str, Any], task: Task, inputs: InputSchema) -> Prepared:
    preprocessing = read_preprocessing(values["preprocessing"])
    check_preprocessing(preprocessing)
    target = TargetScaling.from_json(values["target"])
    check_target(target, task)
    check_inputs(inputs, preprocessing)
    return Prepared(preprocessing, target)


def _network(member: Member, prepared: Prepared, task: Task, weights: Path) -> Network:
    if member.layers is not None:
        return _baseline(member, member.layers, prepared, task, weights)
    recipe, inputs = Recipe.from_json(member.recipe), prepared.preprocessing.inputs
    # Without memory first: an architecture can ask for a TB in a few bytes of JSON.
    with torch.device("meta"):
        empty = build_network(recipe, inputs, task.n_outputs)
    _check_shapes(empty, weights)
    with torch.random.fork_rng(devices=[]):  # the caller's random numbers are not ours
        module = build_network(recipe, inputs, task.n_outputs)
    module.load_state_dict(load_file(weights))
    return Network(member.share, module.eval(), recipe, prepared)


def _baseline(
    member: Member, layers: Sequence[Any], prepared: Prepared, task: Task, weights: Path
) -> Network:
    """Build a model that is no network."""
    inputs = prepared.preprocessing.inputs
    with torch.device("meta"):
        empty = ChainModule(layers)
        outputs = empty(torch.zeros((1, *inputs.shape))).shape
    if outputs != (1, task.n_outputs):
        raise BundleError(f"layers: must give {task.n_outputs} outputs, but give {outputs[1:]}")
    _check_shapes(empty, weights)
    module = ChainModule(layers)
    module.load_state_dict(load_file(weights))
    module.check()
    module(torch.zeros((1, *inputs.shape)))  # places outside of a row are errors
    return Network(member.share, module.eval(), None, prepared)


def _check_plugin(member: Member) -> None:
    """Look for a family that is not automl's own; a bundle names its code and never brings it.

    Raises
    ------
    BundleError
        When the family is not known here.
    """
    family = str(member.recipe["family"])
    if member.plugin is None:
        return
    origin = Origin(**member.plugin)
    if family not in FAMILIES.names():
        how = (
            f'name it: --plugin {origin.source}, or load_model(..., plugins=["{origin.source}"])'
            if origin.is_file
            else f"install it: python -m pip install {origin.source}"
        )
        raise BundleError(f"its family {family!r} comes from {origin}, which is not there; {how}")
    here = FAMILIES.origin(family)
    if here != origin:
        warnings.warn(
            f"the model's family {family!r} was trained with {origin}, and is here from"
            f" {here or 'automl itself'}: it may compute something else",
            stacklevel=2,
        )


def _check_shapes(empty: nn.Module, weights: Path) -> None:
    """Compare what the architecture needs with the header of the file."""
    needed = {name: tuple(value.shape) for name, value in empty.state_dict().items()}
    with safe_open(weights, framework="pt") as file:
        found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    for name in sorted(needed.keys() | found.keys()):
        if needed.get(name) != found.get(name):
            raise BundleError(
                f"weights must fit the architecture, but {name!r:.80} has the shape"
                f" {found.get(name, 'of nothing')} and should have {needed.get(name, 'none')}"
            )
