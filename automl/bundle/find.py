"""Finding a bundle: by a study's name, as a folder, or in a zip."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from automl.bundle.archive import unpack
from automl.bundle.format import MODEL
from automl.bundle.switch import stranded
from automl.errors import BundleError
from automl.locations import OTHERS, best_bundle, studies_folder

T = TypeVar("T")


def read_bundle(source: str | Path, read: Callable[[Path], T]) -> T:
    """Call `read` with the bundle's folder, and again if a search has replaced it meanwhile.

    A reader of a bundle that is replaced meanwhile has files of both.

    Parameters
    ----------
    source : str or Path
        A study's name, with ``/single`` or ``/ensemble`` for the other model than the best, a
        bundle's folder, or a zip of it.
    read : callable
        Raises BundleError for a bundle that is not whole.

    Raises
    ------
    BundleError
        When there is none, or `read` says so of one that stayed.
    """
    while True:
        with open_bundle(source) as folder:
            before = _identity(folder)
            try:
                found = read(folder)
            except BundleError:
                if _identity(folder) == before:
                    raise
            else:
                if _identity(folder) == before:
                    return found


def _identity(folder: Path) -> tuple[int, ...]:
    """Return what differs between two bundles that were in one place, one after the other."""
    try:
        home, file = folder.stat(), (folder / MODEL).stat()
    except OSError:
        return ()
    return home.st_dev, home.st_ino, file.st_ino, file.st_mtime_ns


@contextmanager
def open_bundle(source: str | Path) -> Iterator[Path]:
    """Open the folder of a bundle; a zip's is temporary.

    Raises
    ------
    BundleError
        When there is none.
    """
    path = Path(source)
    if not _is_file(path):
        yield _folder(source)
        return
    with tempfile.TemporaryDirectory(prefix="automl-") as folder:
        unpack(path, Path(folder))
        try:
            yield Path(folder)
        except BundleError as error:
            # The temporary folder tells the user nothing.
            raise BundleError(str(error).replace(folder, str(path))) from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name longer than any file's, or with a NUL
        return False


def _folder(source: str | Path) -> Path:
    """Find the folder, which was a link in earlier versions."""
    path = Path(source)
    candidates = [path, best_bundle(path)]
    if len(path.parts) == 1:
        candidates.append(best_bundle(studies_folder() / path))
    if len(path.parts) == 2 and path.name in OTHERS:  # such as mnist/single
        candidates.append(studies_folder() / path)
    for folder in candidates:
        if _is_file(folder / MODEL):
            return folder.resolve()
        if (aside := stranded(folder, MODEL)) is not None:
            return aside
    if len(path.parts) == 1 and (studies_folder() / path / "result.json").is_file():
        raise BundleError(
            f"study {str(source)!r}: its model, which lay in {candidates[-1]}, is gone; make that"
            f" of a trial again with `automl export {source} --trial NUMBER --format zip`"
        )
    raise BundleError(
        f"{str(source)!r:.120}: is neither a study in {studies_folder()}/ with a finished trial,"
        " nor a bundle's folder, nor a zip of one; `automl studies` lists the studies"
    )
