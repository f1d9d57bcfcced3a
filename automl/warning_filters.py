"""Treat warnings in one way for a moment, without leaving a trace in the program.

Python 3.11 has one list of filters for all threads, and `warnings.catch_warnings` puts back what it
has found: of two that overlap in two threads, the second puts the first one's filter back, for
good. Every such moment of ours is therefore this module's, and one thread's at a time.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

_TURN = threading.RLock()


@contextmanager
def warnings_as(
    action: Literal["ignore", "error", "record"], category: type[Warning] = Warning
) -> Iterator[list[warnings.WarningMessage]]:
    """Ignore, raise or record warnings for as long as this lasts.

    Parameters
    ----------
    action : {"ignore", "error", "record"}
    category : type
        Only warnings of this class; "record" keeps those of other classes that would be shown.

    Yields
    ------
    list of WarningMessage
        What was recorded so far.
    """
    records = action == "record"
    with _TURN, warnings.catch_warnings(record=records) as recorded:
        warnings.simplefilter("always" if action == "record" else action, category)
        yield [] if recorded is None else recorded
