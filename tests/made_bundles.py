"""Bundles of small networks that were never trained."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from made_rows import TASKS, make_rows
from made_tables import COLUMNS
from safetensors.torch import save_file

from automl.bundle.inputs.schema import InputSchema
from automl.bundle.save import BundleInfo, save_bundle
from automl.data.preprocess.standardise import Preprocessing, PreprocessingSettings, TargetScaling
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.variants import AnyPreprocessing
from automl.data.sequences import is_padded
from automl.training.recipe import Recipe, family_of


def write_bundle(
    folder: Path,
    task: str = "multiclass",
    *,
    kind: str = "vector",
    family: str = "mlp",
    rows: np.ndarray | None = None,
    seed: int = 0,
    link: Path | None = None,
    settings: PreprocessingSettings = PreprocessingSettings(),  # noqa: B008
    **model: Any,
) -> Path:
    """Write a bundle with untrained weights into a folder; see the fixture ``make_bundle``."""
    columns = COLUMNS if kind == "table" else ()
    X = make_rows(kind) if rows is None else rows
    kind = "vector" if kind == "table" else kind
    padded = kind == "sequence" and is_padded(X)
    params = {"family": family} | {f"model.{name}": value for name, value in model.items()}
    params |= {f"preprocessing.{name}": value for name, value in asdict(settings).items()}
    preprocessing: AnyPreprocessing = (
        TablePreprocessing.fit(X, columns, settings)
        if columns
        else Preprocessing.fit(X, kind, masked=padded)  # type: ignore[arg-type]
    )
    target = TargetScaling(200.0, 30.0) if task == "regression" else TargetScaling()
    recipe = Recipe.parse(params)
    torch.manual_seed(seed)
    network = family_of(recipe).build(recipe.model, preprocessing.inputs, TASKS[task].n_outputs)
    with torch.no_grad():
        network.train()(torch.as_tensor(preprocessing.transform(X)))  # for running statistics
    weights = folder / "made.safetensors"
    save_file({name: value.clone() for name, value in network.state_dict().items()}, weights)
    info = BundleInfo(
        name="made",
        dataset="made",
        fingerprint="0" * 64,
        task=TASKS[task],
        metric=TASKS[task].default_metric,
        inputs=InputSchema.measure(X, kind, columns, ("target",), padded=padded),  # type: ignore[arg-type]
        params=params,
        preprocessing=preprocessing,
        target=target,
        training={"trial": 0, "seed": seed},
        scores={"valid": 0.5, "test": None},
    )
    link = link or folder / "made" / "best"
    link.parent.mkdir(parents=True, exist_ok=True)
    save_bundle(link, weights, info)
    return link
