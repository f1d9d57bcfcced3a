"""Where studies lie and how they may be called. Standard library only: bundles need it too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Literal, get_args

Other = Literal["single", "ensemble"]

OTHERS: tuple[str, ...] = get_args(Other)
"""What a study may hold beside its best model: the one network, or the ensemble."""

BASELINES = "baselines"
"""Folder of a study with the models that it fitted as baselines."""

_OTHER: ContextVar[Path | None] = ContextVar("studies folder", default=None)


@contextmanager
def use_studies_folder(path: Path) -> Iterator[None]:
    """Let studies lie in another folder, for as long as this lasts and in this thread alone."""
    token = _OTHER.set(path)
    try:
        yield
    finally:
        _OTHER.reset(token)


def studies_folder() -> Path:
    """``$AUTOML_STUDIES``, else ``studies`` in the current folder."""
    if (other := _OTHER.get()) is not None:
        return other
    return Path(os.environ.get("AUTOML_STUDIES") or "studies")


def best_bundle(study: Path) -> Path:
    """Return where the bundle of a study's best model lies, in the study's folder."""
    return study / "best"


def other_bundle(study: Path, kind: Other) -> Path:
    """Return where the model lies that a study found beside its best one."""
    return study / kind


def baseline_bundle(study: Path, name: str) -> Path:
    """Return where the model lies that a study fitted as a baseline of that name."""
    return study / BASELINES / name


def package_home() -> Path:
    """Return the folder that automl is imported from, for processes that do not inherit it.

    A checkout that was not installed may be on the path of this process alone.
    """
    return Path(__file__).absolute().parent.parent


def check_study_name(name: object) -> object:
    """Check that a study's name, which is that of its folder, stays in the folder of studies.

    Raises
    ------
    ValueError
        With the rule.
    """
    if isinstance(name, str) and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise ValueError(
            "must be 1 to 100 letters, digits, dots, hyphens or underscores, and start with one of"
            " the first two"
        )
    return name


def default_name(dataset: str) -> str:
    """Return the name of a data set, and of its study when nobody gave another.

    A path gives its last part without suffixes: ``data/sales 2026.csv.gz`` is ``sales-2026``.
    """
    last = re.split(r"[/\\]", dataset.rstrip("/\\"))[-1]
    stem = last.lstrip(".").split(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:100] or "data"
