"""Where files of data sets lie: the folders that are searched, and the one that is written."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "AUTOML_DATASETS"
"""Environment variable that names a folder with one folder a data set."""


def search_folders(name: str) -> list[Path]:
    """Folders that may hold the data set `name`, in the order in which they are searched.

    The user's own choice goes first, then what the checkout ships, be it the one that this
    package is run from or the current folder, then earlier downloads.
    """
    checkout = Path(__file__).resolve().parents[3]
    roots = []
    if chosen := _chosen():
        roots.append(chosen)
    # Installed, the parent is site-packages, where "datasets" is somebody else's package.
    if (checkout / "pyproject.toml").is_file():
        roots.append(checkout / "datasets")
    here = Path("datasets").absolute()
    if here not in roots:
        roots.append(here)
    roots.append(_cache())
    return [root / name for root in roots]


def download_folder(name: str) -> Path:
    """Return the folder that a download of the data set `name` goes to; it need not exist."""
    return (_chosen() or _cache()) / name


def pictures_folder() -> Path:
    """Return the folder of decoded pictures; it need not exist."""
    return _cache().parent / "pictures"


def _chosen() -> Path | None:
    value = os.environ.get(VARIABLE)
    return Path(value).expanduser().absolute() if value else None


def _cache() -> Path:
    value = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG Base Directory Specification says to ignore a relative path.
    base = Path(value) if os.path.isabs(value) else Path("~/.cache").expanduser()
    return base / "automl" / "datasets"
