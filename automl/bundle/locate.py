"""Finding a bundle: by a study's name, as a folder, or in a zip."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from automl.bundle.format import CARD, MAX_JSON_BYTES, MODEL, ONNX, WEIGHTS
from automl.errors import BundleError
from automl.studies import studies_folder

MAX_ZIP_BYTES = 16 * 10**9
"""Unpacked; a zip that claims more is a bomb."""


@contextmanager
def open_bundle(source: str | Path) -> Iterator[Path]:
    """The folder of a bundle; a zip's is temporary.

    Raises
    ------
    BundleError
        When there is none.
    """
    path = Path(source)
    if path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            _unpack(path, Path(folder))
            yield Path(folder)
        return
    if path.is_dir() and (path / MODEL).exists():
        yield path.resolve()
        return
    study = studies_folder() / path / "best"
    if len(path.parts) == 1 and study.exists():
        # Resolved once, so that a search that switches the link meanwhile does no harm.
        yield study.resolve()
        return
    raise BundleError(
        f"{source}: is neither a study in {studies_folder()}/ with a finished trial, nor a"
        " bundle's folder, nor a zip of one; `automl studies` lists the studies"
    )


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {Path(m.filename).name: m for m in archive.infolist() if not m.is_dir()}
            if sum(m.file_size for m in members.values()) > MAX_ZIP_BYTES:
                raise BundleError(f"{path}: must unpack to less than {MAX_ZIP_BYTES // 10**9} GB")
            for name in (MODEL, WEIGHTS, CARD, ONNX):
                if name in members:
                    _extract(archive, members[name], folder / name)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise BundleError(f"{path}: must be a zip of a bundle, but: {error}") from None


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> None:
    limit = MAX_JSON_BYTES if to.name == MODEL else MAX_ZIP_BYTES
    left = min(limit, member.file_size)
    with archive.open(member) as packed, to.open("wb") as file:
        while left > 0 and (part := packed.read(min(left, 1 << 20))):
            file.write(part)
            left -= len(part)
