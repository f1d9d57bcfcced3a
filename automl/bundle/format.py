"""The bundle's format: which files there are, and what makes one trustworthy.

``model.json`` names every other file with its SHA-256. Nothing in a bundle can run code when it
is loaded.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from automl.errors import BundleError

PLAIN = 1
"""Format of a bundle with one network, whose outputs are taken as they are."""

SEVERAL = 2
"""With several networks, or a temperature; see `automl.bundle.members`."""

FORMAT = 3
"""With a baseline in place of a network, or among them. Raised when an older automl could misread a
bundle; then it refuses it."""

MODEL = "model.json"
WEIGHTS = "model.safetensors"
CARD = "MODEL_CARD.md"
ONNX = "model.onnx"

MAX_JSON_BYTES = 64_000_000
"""Fitted numbers of the widest table come to a few MB; a larger file is something else."""

_MEMBER = re.compile(r"member-[1-9][0-9]{0,3}\.safetensors")

_NEEDED: dict[str, type] = {
    "format": int,
    "name": str,
    "dataset": str,
    "fingerprint": str,
    "task": dict,
    "metric": str,
    "input": dict,
    "training": dict,
    "scores": dict,
    "versions": dict,
    "files": dict,
}

_OF_ONE: dict[str, type] = {"recipe": dict, "preprocessing": dict, "target": list}
_OF_SEVERAL: dict[str, type] = {"members": list, "preparations": list}

_PLUGIN: dict[str, type] = {"source": str, "version": str, "is_file": bool}
"""Fields of `automl.registry.Origin`, for a family that is not automl's own."""


def member_file(number: int) -> str:
    """Return the name of the weights of one of several networks, counted from 1."""
    return f"member-{number}.safetensors"


def is_weights(name: str) -> bool:
    """Return whether a file's name is that of a network's weights."""
    return name == WEIGHTS or _MEMBER.fullmatch(name) is not None


def is_bundle_file(name: str) -> bool:
    """Return whether a bundle may have a file of this name."""
    return name in (MODEL, CARD, ONNX) or is_weights(name)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_info(folder: Path) -> dict[str, Any]:
    """Read ``model.json`` and check that the bundle is whole.

    Raises
    ------
    BundleError
        When a file is missing, truncated or altered, or the format is newer than this program.
    """
    path = folder / MODEL
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise BundleError(f"{path}: must be smaller than {MAX_JSON_BYTES // 10**6} MB")
        info = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise BundleError(f"{folder}: is not a bundle: it has no {MODEL}") from None
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(f"{path}: must be JSON, but cannot be read: {error}") from None
    _check_fields(info, path)
    for name, expected in info["files"].items():
        _check_file(folder, name, expected)
    count = len(info.get("members", []))
    for name in map(member_file, range(1, count + 1)) if "members" in info else [WEIGHTS]:
        if name not in info["files"]:
            raise BundleError(f"{path}: files: must name {name}")
    return dict(info)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _check_fields(info: Any, path: Path) -> None:
    if not isinstance(info, dict) or type(info.get("format")) is not int:
        raise BundleError(f"{path}: is not a bundle's {MODEL}: `format` must be a whole number")
    if info["format"] > FORMAT:
        raise BundleError(
            f"{path}: `format <= {FORMAT}` must hold, but got {info['format']};"
            " it was written by a newer automl: upgrade this one"
        )
    needed = _NEEDED | (_OF_SEVERAL if "members" in info else _OF_ONE)
    for field, kind in needed.items():
        if not isinstance(info.get(field), kind):
            raise BundleError(f"{path}: field {field!r} is missing or not a {kind.__name__}")
    plugin = info.get("plugin")
    if plugin is not None and (
        not isinstance(plugin, dict)
        or {name: type(value) for name, value in plugin.items()} != _PLUGIN
    ):
        raise BundleError(f"{path}: field 'plugin' must name a source and its version")


def _check_file(folder: Path, name: str, expected: object) -> None:
    if Path(name).name != name or name.startswith("."):
        raise BundleError(
            f"{folder / MODEL}: files: must be plain file names, but got {name!r:.80}"
        )
    path = folder / name
    if not path.is_file():
        raise BundleError(f"{path}: is missing; restore the file, or export the model again")
    try:
        actual = sha256(path)
    except OSError as error:
        raise BundleError(f"{path}: cannot be read: {error.strerror}") from None
    if actual != expected:
        raise BundleError(
            f"{path}: was altered or truncated: its SHA-256 is {actual[:12]}…, but {MODEL} says"
            f" {str(expected)[:12]}…; restore the file, or export the model again"
        )
