"""What a slot says of itself when it registers, and what in it a search cannot work with."""

from __future__ import annotations

import functools
import hashlib
import platform
import socket
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import Any

from automl.locations import package_home

FACTS = "automl"
"""Name under which a slot's facts stand in Dask's registration, as ``extra``."""

_PLUGINS = ("automl.models", "automl.baselines")
"""Groups of entry points whose code runs in a worker."""


def versions() -> dict[str, str]:
    """Return the versions that a search and its slots must share, by what they are of.

    Python's is that of its minor version, torch's that without its build, such as ``+cpu``.
    automl's ends with a part of the SHA-256 of its code: a checkout has no version of its own.
    """
    found = {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "automl": f"{_version('automl')} ({_code()})",
        "torch": _version("torch").partition("+")[0],
    }
    for group in _PLUGINS:
        for point in entry_points(group=group):
            if point.dist is not None:
                found[f"plug-in {point.dist.name}"] = point.dist.version
    return found


def slot_facts(worker: Any = None, place: int = 0) -> dict[str, Any]:
    """Return what a slot says of itself, in plain types.

    Parameters
    ----------
    worker : distributed.Worker, optional
        Dask gives it; nothing is read from it.
    place : int
        Which of its machine's slots it is, counted from 0.

    Returns
    -------
    dict
        ``host``, ``place`` and ``versions``.
    """
    return {"host": socket.gethostname(), "place": place, "versions": versions()}


def difference(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str | None:
    """Return in which versions a slot differs, in words; None when it has ours.

    Parameters
    ----------
    ours, theirs : mapping of str to str
        As `versions` returns them.
    """
    parts = [
        f"{what} is {theirs.get(what, 'missing')} there and {ours.get(what, 'missing')} here"
        for what in sorted({*ours, *theirs})
        if ours.get(what) != theirs.get(what)
    ]
    return "; ".join(parts) or None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


@functools.cache
def _code() -> str:
    """Return a part of the SHA-256 of the package's code: 2 MB, read once."""
    package = package_home() / "automl"
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda p: p.relative_to(package).as_posix()):
        digest.update(_entry(path, package))
    return digest.hexdigest()[:12]


def _entry(path: Path, package: Path) -> bytes:
    name = path.relative_to(package).as_posix()
    # Git may write Windows' line ends.
    return f"{name}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n")
