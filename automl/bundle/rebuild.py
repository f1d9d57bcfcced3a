"""From ``model.json`` and weights to a network, with every number looked at first.

A bundle may come from anywhere: its numbers are checked before memory is taken for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from automl.bundle.schema import InputSchema
from automl.data.preprocessing import Preprocessing, TargetScaling
from automl.errors import AutomlError, BundleError
from automl.task import Task
from automl.training.recipe import Recipe, family_of


@dataclass(frozen=True, slots=True)
class Parts:
    """What surrounds a network."""

    recipe: Recipe
    task: Task
    preprocessing: Preprocessing
    target: TargetScaling
    inputs: InputSchema


def rebuild(info: Mapping[str, Any], weights: Path) -> tuple[nn.Module, Parts]:
    """Build the network and load its weights.

    Parameters
    ----------
    info : mapping
        The fields of ``model.json``.
    weights : Path
        A safetensors file.

    Returns
    -------
    module : torch.nn.Module
        On the CPU, in evaluation mode.
    parts : Parts

    Raises
    ------
    BundleError
        Saying in one line what does not fit.
    """
    try:
        parts = _parts(info)
        # Without memory first: an architecture can ask for a TB in a few bytes of JSON.
        with torch.device("meta"):
            empty = _build(parts)
        _check_shapes(empty, weights)
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers are not ours
            module = _build(parts)
        module.load_state_dict(load_file(weights))
        return module.eval(), parts
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


def _parts(info: Mapping[str, Any]) -> Parts:
    task = Task.from_json(info["task"])
    if task.is_classification and len(task.classes) < 2:
        raise BundleError(f"there must be two classes or more, but got {len(task.classes)}")
    if not all(type(label) in (int, str) for label in task.classes):
        raise BundleError("class names must be whole numbers or text")
    preprocessing = Preprocessing.from_json(info["preprocessing"])
    _check_preprocessing(preprocessing)
    mean, scale = (float(value) for value in info["target"])
    if not np.isfinite([mean, scale]).all() or scale <= 0:
        raise BundleError(f"the target's scale must be positive, but got {scale}")
    inputs = InputSchema.from_json(info["input"])
    if inputs.shape != preprocessing.raw_shape:
        raise BundleError(f"input.shape must be {preprocessing.raw_shape}, but got {inputs.shape}")
    recipe = Recipe.from_json(info["recipe"])
    return Parts(recipe, task, preprocessing, TargetScaling(mean, scale), inputs)


def _check_preprocessing(p: Preprocessing) -> None:
    shape = p.inputs.shape
    for side in (*shape, *p.raw_shape):
        if type(side) is not int or side < 1:
            raise BundleError(f"sides of a row must be positive whole numbers, but got {side!r}")
    if int(np.prod(shape, dtype=object)) != int(np.prod(p.raw_shape, dtype=object)):
        raise BundleError(f"a row of shape {p.raw_shape} cannot become one of shape {shape}")
    if p.mean.shape != p.scale.shape or len(p.mean.shape) > len(shape):
        raise BundleError(f"mean and scale must fit rows of shape {shape}")
    padded = (1,) * (len(shape) - p.mean.ndim) + p.mean.shape
    if any(own not in (1, side) for own, side in zip(padded, shape, strict=True)):
        raise BundleError(
            f"mean and scale must fit rows of shape {shape}, but have the shape {p.mean.shape}"
        )
    if not (np.isfinite(p.mean).all() and np.isfinite(p.scale).all() and (p.scale > 0).all()):
        raise BundleError("mean and scale must be finite, and scale positive")


def _build(parts: Parts) -> nn.Module:
    family = family_of(parts.recipe)
    return family.build(parts.recipe.model, parts.preprocessing.inputs, parts.task.n_outputs)


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
