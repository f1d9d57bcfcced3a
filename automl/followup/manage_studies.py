"""Remove, rename and move studies, and the models that were trained without a search."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from automl.errors import AutomlError, StudyError
from automl.locations import studies_folder
from automl.report.gather import write_study_report
from automl.study.folder import StudyFolder
from automl.study.view import model_names, study_names
from automl.study.writer import StudyStore

_REMOVED = ".removed"
"""Suffix of a hidden folder that is being deleted; a killed process leaves it behind."""


def remove_study(name: str) -> None:
    """Delete a study with its trials, its models and its report.

    Trials that lie in a database of other studies (``--storage``) are deleted there. Nobody is
    asked; there is no way back.

    Parameters
    ----------
    name : str
        As ``automl studies`` lists it.

    Raises
    ------
    StudyError
        When there is none of that name, it is in use, or it cannot be deleted; it is whole then.
    """
    folder = find_study(name)
    with _held(folder, "removed"):
        if folder.address.exists():
            _delete_trials(folder)
        _make_vanish(folder.path)
    for left in studies_folder().glob(f".*{_REMOVED}"):
        shutil.rmtree(left, ignore_errors=True)


def rename_study(name: str, new: str) -> Path:
    """Rename a study: its folder, its name in the database, and the commands in its report.

    Parameters
    ----------
    name, new : str

    Returns
    -------
    Path
        Where it lies now.

    Raises
    ------
    StudyError
        When there is no study `name`, there is a study `new`, or one is in use; nothing has
        changed then.
    """
    folder, target = find_study(name), StudyFolder.named(new)
    _check_free(target.path)
    with _held(folder, "renamed"):
        try:
            os.rename(folder.path, target.path)
        except OSError as error:
            raise StudyError(f"{folder.path}: cannot be renamed: {error.strerror}") from None
        try:
            if target.is_study:
                _rename_trials(target)
        except BaseException:
            os.rename(target.path, folder.path)
            raise
    if target.report.exists():
        with contextlib.suppress(AutomlError):  # an old page is better than none
            write_study_report(new)
    return target.path


def move_study(name: str, to: str | os.PathLike[str]) -> Path:
    """Move a study to another folder of studies, which is made when it is missing.

    Commands find it there with ``AUTOML_STUDIES=FOLDER``.

    Parameters
    ----------
    name : str
    to : path
        The folder of studies.

    Returns
    -------
    Path
        Where it lies now.

    Raises
    ------
    StudyError
        When there is no such study, it is in use, there is one of that name already, or the
        folder cannot be written; the study is where it was then.
    """
    folder, target = find_study(name), Path(to) / name
    _check_free(target)
    with _held(folder, "moved"):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _move(folder.path, target)
        except OSError as error:
            raise StudyError(f"{target}: cannot be written: {error.strerror}") from None
    return target


def find_study(name: str) -> StudyFolder:
    """Return the folder of a study, or of a model that was trained without a search.

    Raises
    ------
    StudyError
        When there is none; it lists those that there are.
    """
    folder = StudyFolder.named(name)
    if not folder.is_study and not folder.best.exists():
        known = ", ".join(sorted([*study_names(), *model_names()])) or "none yet"
        raise StudyError(f"there is no study {name!r} in {studies_folder()}/; known: {known}")
    return folder


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise StudyError(f"{path}: must not exist, but there is one already; choose another name")


@contextlib.contextmanager
def _held(folder: StudyFolder, done: str) -> Iterator[None]:
    """Keep searches away; one that is running is not disturbed."""
    if folder.is_held():
        raise StudyError(
            f"study {folder.name!r} is in use by another process, so it cannot be {done}; wait for"
            " its end, or stop it"
        )
    lock = folder.lock()
    try:
        yield
    finally:
        lock.release()


def _delete_trials(folder: StudyFolder) -> None:
    store = StudyStore(folder.url)
    try:
        found = store.find_own(folder, or_only=False)
        if found is not None:
            store.claim.take(found[1])
            store.delete_study(found[1])
    finally:
        store.close()


def _rename_trials(folder: StudyFolder) -> None:
    """Name the study in the database as its folder is called now."""
    is_shared = folder.address.exists()
    store = StudyStore(folder.url)
    try:
        found = store.find_own(folder, or_only=not is_shared)
        if found is not None and found[1] != folder.name:
            store.claim.take(found[1])
            store.rename_study(found[1], folder.name)
        if is_shared:
            folder.record_address(folder.url, folder.name)
    finally:
        store.close()


def _move(path: Path, target: Path) -> None:
    """Move a folder, also to another disk; it is whole here or there at every moment."""
    try:
        os.rename(path, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_REMOVED}")
        try:
            shutil.copytree(path, partial, symlinks=True)
            os.rename(partial, target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        _make_vanish(path)


def _make_vanish(path: Path) -> None:
    """Delete a folder: it is out of sight at once, and then deleted file by file."""
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_REMOVED}")
    try:
        os.rename(path, hidden)
    except OSError as error:
        raise StudyError(f"{path}: cannot be deleted: {error.strerror}") from None
    shutil.rmtree(hidden, ignore_errors=True)
