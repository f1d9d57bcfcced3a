"""Data sets of OpenML by number, through scikit-learn's fetcher and its cache."""

from __future__ import annotations

import gzip
import hashlib
import json
import urllib.error
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from automl.data.cache.folders import download_folder, search_folders
from automl.data.names import OPENML
from automl.data.options import LONG, TEXT, DataOptions
from automl.data.raw import Raw
from automl.errors import ConfigError, DataError
from automl.warning_filters import warnings_as

_API = "openml.org/api/v1/json/data"  # below the folder "openml", as fetch_openml keeps it


def load_openml(name: str, options: DataOptions, *, download: bool) -> Raw:
    """Load a table of OpenML.

    Parameters
    ----------
    name : str
        ``openml:`` and the number of the data set.
    options : DataOptions
        By default the target is the one that OpenML names.
    download : bool
        Whether it may be fetched when it is in no cache.

    Raises
    ------
    ConfigError
        When the name has no number.
    DataError
        When it is in no cache and may not be fetched, cannot be fetched, or cannot be used.
    """
    from automl.data.read.table.blanks import blank_cells
    from automl.data.read.table.file import Table
    from automl.data.read.table.raw import raw_table

    number = name.removeprefix(OPENML)
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise ConfigError(f"dataset: {OPENML} needs the data set's number, but got {name!r}")
    options.refuse(("test_data",), "is for files of your own")
    home = _cached(number)
    if home is None:
        home = download_folder("openml").parent
        if not download:
            raise DataError(
                f"data set {name!r} is not on this machine ({home / 'openml'}); `automl"
                f" inspect {name} --download` fetches it (in Python download=True)"
            )
    bunch, notes = _fetch(name, int(number), home)
    if not options.target:
        if not bunch.target_names:
            raise ConfigError(f"target: OpenML names none for {name}; name a column with --target")
        options = replace(options, target=tuple(bunch.target_names))
    said = f"{name} is read as a table of one row a line"
    options.refuse((*LONG, *TEXT), said)
    options.refuse_other_kind("vector", said)
    try:
        return raw_table(Table(blank_cells(bunch.frame, options.missing), notes), options)
    except DataError as error:
        raise DataError(f"{name}: {error}") from None


def _cached(number: str) -> Path | None:
    """Return the folder that has all files of a data set, so that nothing needs to be fetched."""
    for folder in search_folders("openml"):
        api = folder / _API
        needed = [api / f"{part}{number}.gz" for part in ("", "features/", "qualities/")]
        try:
            described = json.loads(gzip.decompress(needed[0].read_bytes()))
            found = described["data_set_description"]
            url, digest = str(found["url"]), str(found["md5_checksum"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
            continue
        data = folder / "openml.org" / f"{urlsplit(url).path.lstrip('/')}.gz"
        if all(path.is_file() for path in [*needed, data]):
            _check(data, digest)
            return folder.parent
    return None


def _check(path: Path, digest: str) -> None:
    """Refuse an altered file here, because fetch_openml would delete it and fetch it again."""
    md5 = hashlib.md5(usedforsecurity=False)
    try:
        with gzip.open(path) as file:
            while piece := file.read(2**20):
                md5.update(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}; delete it and fetch it again") from None
    if md5.hexdigest() != digest:
        raise DataError(
            f"the MD5 must be {digest}, but got {md5.hexdigest()}: {path}; delete it and fetch it"
            " again"
        )


def _fetch(name: str, number: int, home: Path) -> tuple[Any, list[str]]:
    """Fetch the data set from the cache or from OpenML, and what OpenML warns of."""
    from sklearn.datasets import fetch_openml

    try:
        with warnings_as("record") as warned:
            bunch = fetch_openml(
                data_id=number, data_home=home, as_frame=True, parser="auto", n_retries=1
            )
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        reason = getattr(error, "reason", error)
        raise DataError(f"data set {name!r} could not be fetched from OpenML: {reason}") from None
    except (OSError, EOFError, ValueError, KeyError, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"data set {name!r} cannot be read: {reason:.300}") from None
    return bunch, [" ".join(str(w.message).split()) for w in warned]
