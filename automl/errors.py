"""What can go wrong that the user can mend.

AutomlError                 one clear line, exit code 2
├── ConfigError             an option or an argument breaks its rule
│   └── UnknownNameError    a name nobody knows; the message lists the known ones
├── SpaceError              a search space file breaks its rule; names the file and the place in it
├── DataError               a data set is missing, altered, or does not fit the task
├── StudyError              a study is missing, busy, or belongs to another search
├── BundleError             a saved model is missing, altered, or too new
└── ServiceError            a service refuses, or does not answer

Every message states the rule, then the value, then what to do. Anything else that is raised
is a programming error and keeps its traceback. What need not be mended is a `DataWarning`.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable

LONGEST_REASON = 200
"""Characters of what a library says of an error."""

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}
"""A full, broken or read-only disk: the user's to mend, whatever was being written."""


class AutomlError(Exception):
    """Base of every error that the user of automl can mend."""


class ConfigError(AutomlError, ValueError):
    """An option or an argument breaks its rule."""


class UnknownNameError(ConfigError):
    """A name that nobody knows.

    Parameters
    ----------
    kind : str
        What was named, such as ``"data set"``.
    name : str
        The unknown name.
    known : iterable of str
        The names that would have been understood.
    more : str, optional
        Where others could come from.
    """

    def __init__(self, kind: str, name: object, known: Iterable[str], more: str = "") -> None:
        names = list(known)
        close = difflib.get_close_matches(str(name), names, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        super().__init__(f"unknown {kind} {str(name)!r}{hint}; known: {', '.join(names)}{more}")


class SpaceError(AutomlError, ValueError):
    """A search space breaks its rule."""


class DataError(AutomlError, ValueError):
    """A data set is missing, altered, or does not fit the task."""


class StudyError(AutomlError, RuntimeError):
    """A study is missing, busy, or belongs to another search."""


class BundleError(AutomlError, ValueError):
    """A saved model is missing, altered, or too new."""


class ServiceError(AutomlError, RuntimeError):
    """A service refuses, or does not answer.

    Attributes
    ----------
    status : int or None
        The HTTP status of its answer; None when there was none.
    """

    def __init__(self, line: str, status: int | None = None) -> None:
        super().__init__(line)
        self.status = status


class DataWarning(UserWarning):
    """Rows can be used, but hold something that whoever gave them should know of."""


def one_line(error: Exception) -> str:
    """Return what an error of a library says, in one line; its type where it says nothing."""
    text = " ".join(str(error).split())
    return text[:LONGEST_REASON] or type(error).__name__
