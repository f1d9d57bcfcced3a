"""Bundles of small networks, and one small search whose study every test may read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_rows import TASKS, make_rows
from made_tables import COLUMNS
from safetensors.torch import save_file

from automl.bundle.format import read_info, sha256
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.members import join
from automl.bundle.save import BundleInfo, replace_bundle, save_bundle
from automl.data.preprocess.standardise import Preprocessing, PreprocessingSettings, TargetScaling
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.variants import AnyPreprocessing
from automl.data.sequences import is_padded
from automl.training.recipe import Recipe, family_of


@pytest.fixture
def make_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Write a bundle with untrained weights: ``make_bundle("binary", kind="image", width=3)``.

    Of kind ``"table"``, it is for rows of `made_tables`.
    """

    def make(
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
        weights = tmp_path / "made.safetensors"
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
        link = link or tmp_path / "made" / "best"
        link.parent.mkdir(parents=True, exist_ok=True)
        save_bundle(link, weights, info)
        return link

    return make


@pytest.fixture
def make_ensemble(make_bundle: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Write bundles and one of all their networks together.

    ``make_ensemble("binary", {"width": 3}, {"family": "cnn"}, kind="image")`` has what both
    members share behind, and gives the link of the whole; those of the members lie beside it.
    """

    def make(task: str, *members: dict[str, Any], **common: Any) -> Path:
        home = tmp_path / "made"
        links = [home / f"{i}" for i in range(len(members))]
        for i, (link, own) in enumerate(zip(links, members, strict=True)):
            make_bundle(task, link=link, **{"seed": i, **common, **own})
        parts = [read_info(link) for link in links]
        total = sum(range(1, len(links) + 1))
        shares = [i / total for i in range(1, len(links) + 1)]
        fields = join(parts, shares, {"runs": "all"}, {"valid": 0.5, "test": None})
        weights = [link / "model.safetensors" for link in links]
        replace_bundle(home / "best", weights, fields)
        return home / "best"

    return make


@pytest.fixture
def tamper() -> Callable[..., Path]:
    """Change ``model.json``, and have it name the files as they are now: a bundle that lies."""

    def change(bundle: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
        info = json.loads((bundle / "model.json").read_text())
        edit(info)
        info["files"] = {name: sha256(bundle / name) for name in info["files"]}
        (bundle / "model.json").write_text(json.dumps(info))
        return bundle

    return change


def automl(*args: str, studies: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``automl ARGUMENTS`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from automl.cli import main; main()", *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "AUTOML_STUDIES": str(studies)},
    )
