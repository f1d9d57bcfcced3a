"""A search whose study is taken from under it: the disk fills up, or somebody deletes it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from automl.errors import DISK_ERRORS, StudyError
from automl.study.claim import Claim
from automl.study.folder import StudyFolder
from automl.study.study import Study
from automl.study.urls import public_url, without_secrets

LOOK_SECONDS = 1.0


class Guard:
    """Sees that the folder and the database are still those that the search began with.

    SQLite goes on writing into a deleted file, and nobody would ever see what it wrote.

    Parameters
    ----------
    folder : StudyFolder
    claim : Claim
        Has to stand, too.
    """

    def __init__(self, folder: StudyFolder, claim: Claim) -> None:
        self._claim = claim
        self._paths = [p for p in (folder.path, folder.database) if p.exists()]
        self._known = [_inode(path) for path in self._paths]
        self._next = 0.0

    def look(self) -> None:
        """`check`, and look after the claim, at most once a second."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + LOOK_SECONDS
            self.check()
            self._claim.look()

    def check(self) -> None:
        """Compare.

        Raises
        ------
        StudyError
            When one of them was deleted or replaced.
        """
        for path, known in zip(self._paths, self._known, strict=True):
            if _inode(path) != known:
                raise StudyError(
                    f"{path}: was deleted or replaced while the search ran, so its trials are lost;"
                    " start it again"
                )


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


@contextlib.contextmanager
def guarded(study: Study) -> Iterator[Guard]:
    """Within, a study that cannot be written any more is a `StudyError`; at the end, however it
    comes, no trial is left running.

    The guard that it yields says so before anything is written in vain.
    """
    guard = Guard(study.folder, study.store.claim)
    try:
        yield guard
    except SQLAlchemyError as error:
        guard.check()
        url = study.store.url
        reason = without_secrets(str(getattr(error, "orig", None) or error), url).splitlines()[0]
        raise StudyError(
            f"{public_url(url)}: cannot be written: {reason:.160}; what was finished"
            " is kept, and the same command goes on from here"
        ) from None
    except OSError as error:
        guard.check()
        if error.errno not in DISK_ERRORS:
            raise
        raise StudyError(
            f"{error.filename or study.folder.path}: cannot be written: {error.strerror}; what was"
            " finished is kept, and the same command goes on from here"
        ) from None
    finally:
        with contextlib.suppress(SQLAlchemyError):
            _let_wait(study)


def _let_wait(study: Study) -> None:
    """Put back what is running, unless another process may search the study by now."""
    if study.store.claim.stands():
        for trial_id in study.store.running(study.study_id).values():
            study.store.put_back(trial_id)
