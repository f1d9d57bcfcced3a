"""Finding a bundle: by a study's name, as a folder, or in a zip."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from automl.bundle.archive import unpack
from automl.bundle.format import MODEL
from automl.bundle.switch import stranded
from automl.errors import BundleError
from automl.locations import BASELINES, OTHERS, baseline_bundle, best_bundle, studies_folder

T = TypeVar("T")


def read_bundle(source: str | Path, read: Callable[[Path], T]) -> T:
    """Call `read` with the bundle's folder, and again if a search has replaced it meanwhile.

    A reader of a bundle that is replaced meanwhile has files of both.

    Parameters
    ----------
    source : str or Path
        A study's name, with ``/single``, ``/ensemble`` or the name of a baseline behind it for
        another model than the best, a bundle's folder, or a zip of it.
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
    candidates, others = _candidates(path), _others(path)
    for folder in [*candidates, *others]:
        if _is_file(folder / MODEL):
            return folder.resolve()
        if (aside := stranded(folder, MODEL)) is not None:
            return aside
    for study in (path.parent, studies_folder() / path.parent) if others else ():
        if _is_file(best_bundle(study) / MODEL):
            raise BundleError(
                f"{path.name!r:.80}: must be one of the models of study {study.name!r}, which are"
                f" {', '.join(_models(study))}"
            )
    if len(path.parts) == 1 and (studies_folder() / path / "result.json").is_file():
        raise BundleError(
            f"study {str(source)!r}: its model, which lay in {candidates[-1]}, is gone; make that"
            f" of a trial again with `automl export {source} --trial NUMBER --format zip`"
        )
    raise BundleError(
        f"{str(source)!r:.120}: is neither a study in {studies_folder()}/ with a finished trial,"
        " nor a bundle's folder, nor a zip of one; `automl studies` lists the studies"
    )


def place_of(source: str | Path) -> Path:
    """Return the zip or folder of a bundle that is there, as its user knows it."""
    path = Path(source)
    if _is_file(path):
        return path
    places = [*_candidates(path), *_others(path)]
    return next((place for place in places if _is_file(place / MODEL)), path)


def _candidates(path: Path) -> list[Path]:
    found = [path, best_bundle(path)]
    if len(path.parts) == 1:
        found.append(best_bundle(studies_folder() / path))
    return found


def _others(path: Path) -> list[Path]:
    """Return where a model of a study may lie that is not the best, such as mnist/svm."""
    if len(path.parts) < 2:
        return []
    studies = [path.parent]
    if len(path.parts) == 2:
        studies.append(studies_folder() / path.parent)
    found = []
    for study in studies:
        found += [study / path.name] if path.name in OTHERS else []
        if path.name == _kind(study):
            found.append(best_bundle(study))
        found.append(baseline_bundle(study, path.name))
    return found


def _kind(study: Path) -> str | None:
    """Return what the best model of a study is, as the other one would be called."""
    try:
        info = json.loads((best_bundle(study) / MODEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return "ensemble" if "members" in info else "single"


def _models(study: Path) -> list[str]:
    found = {str(_kind(study)), *(name for name in OTHERS if (study / name).is_dir())}
    baselines = (study / BASELINES).glob(f"*/{MODEL}")
    return [*sorted(found), *sorted(path.parent.name for path in baselines)]
