"""From a name to a `Dataset`: the source's values, checked, with the fixed split."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.data.build import build
from automl.data.dataset import Dataset
from automl.data.names import IN_MEMORY, OPENML
from automl.data.options import NO_OPTIONS, DataOptions
from automl.data.raw import Raw
from automl.data.sources import SOURCES
from automl.errors import ConfigError, DataError
from automl.files import path_kind
from automl.locations import default_name
from automl.registry import canonical_name
from automl.task import InputKind, TaskKind


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What ``automl datasets`` shows of one source, known without loading it.

    Attributes
    ----------
    name : str
    rows : int
        All rows, the test split included.
    shape : tuple of int
        Shape of one row.
    task : {"binary", "multiclass", "regression"}
    on_disk : bool
        Whether it loads without a network.
    about : str
        One line: what it is, where it comes from, its licence.
    """

    name: str
    rows: int
    shape: tuple[int, ...]
    task: TaskKind
    on_disk: bool
    about: str


def describe() -> list[SourceInfo]:
    """Describe every known data set, by name."""
    return [_info(name) for name in SOURCES.names()]


def _info(name: str) -> SourceInfo:
    source = SOURCES.get(name)
    return SourceInfo(name, source.rows, source.shape, source.task, source.on_disk(), source.about)


def load(name: str, *, download: bool = False, options: DataOptions = NO_OPTIONS) -> Dataset:
    """Load a data set, always with the same split.

    An official test split is kept, and a sixth of the official training rows validates; any
    other data set is split 60/20/20. Classes are stratified.

    Parameters
    ----------
    name : str
        One of ``SOURCES.names()``, ``openml:ID``, or the path of a file or a folder.
    download : bool
        Whether missing files may be fetched from where they are published.
    options : DataOptions
        How data of the user's own is read and split.

    Raises
    ------
    UnknownNameError
        When there is no such data set; the message lists the known ones.
    ConfigError
        When an option does not fit the data.
    DataError
        When its files are missing, truncated or altered, or its values cannot be used.
    """
    return build(label(name), *load_raw(name, download=download, options=options))


def label(name: str) -> str:
    """Return what a data set is called: its name, or the last part of its path."""
    known = canonical_name(name)
    return known if known in SOURCES.names() else default_name(name)


def load_raw(name: str, *, download: bool, options: DataOptions) -> tuple[InputKind, Raw]:
    """Return the values of a data set before they are split; see `load`."""
    check(name, options)
    if name.startswith(OPENML):
        from automl.data.read.openml import load_openml

        return "vector", load_openml(name, options, download=download)
    if is_path(name):
        from automl.data.read.path import load_path

        return load_path(Path(name), options)
    source = SOURCES.get(name)
    return source.kind, source.load(download=download)


def load_again(config: Mapping[str, Any]) -> Dataset:
    """Load what an earlier search was made on.

    Parameters
    ----------
    config : mapping
        The options of that search, as the study keeps them.
    """
    return load(config["dataset"], options=DataOptions.of(config))


def check(name: str, options: DataOptions) -> None:
    """Refuse at once what cannot be loaded: an unknown name, a missing file, a wrong option.

    Raises
    ------
    UnknownNameError, ConfigError, DataError
        See `load`.
    """
    if name == IN_MEMORY:
        raise DataError(
            "this data was in the memory of a Python program, which only automl.search(X, y) has;"
            " save it with numpy.savez(FILE, X=X, y=y) to search it from anywhere"
        )
    if name.startswith(OPENML) or is_path(name):
        return
    source = SOURCES.get(name)
    confirmed = {"task": source.task, "kind": source.kind}
    others = [n for n in options.given() if getattr(options, n) != confirmed.get(n)]
    options.refuse(others, f"is for data of your own, and {name!r} has its own target and split")


def is_path(name: str) -> bool:
    """Return whether a name is a path: a known name stays what it is; ``./iris`` is the file."""
    if canonical_name(name) in SOURCES.names():
        return False
    if not name.strip():
        raise ConfigError(f"dataset: must name a data set, a file or a folder, but got {name!r}")
    path = Path(name)
    if path_kind(path) is not None:
        return True
    if path.suffix or "/" in name or os.sep in name:
        raise DataError(f"unknown data set {name!r}: there is no such file or folder")
    return False
