"""Bundles of small networks, and one small search whose study every test may read."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_bundles import write_bundle

from automl.bundle.format import read_info, sha256
from automl.bundle.members import join
from automl.bundle.save import replace_bundle


@pytest.fixture
def make_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Write a bundle with untrained weights: ``make_bundle("binary", kind="image", width=3)``.

    Of kind ``"table"``, it is for rows of `made_tables`.
    """

    return functools.partial(write_bundle, tmp_path)


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
