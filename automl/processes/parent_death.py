"""A process that ends with the one that made it, whatever it is doing. For Linux."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PARENT = "AUTOML_PARENT"
"""Environment variable with the process that starts the fork server."""

PR_SET_PDEATHSIG = 1
"""`prctl`'s: a signal for when the thread that has forked this process has ended."""


def die_with(parent: int) -> None:
    """Let the kernel end this process when its parent ends.

    A process that holds the interpreter's lock, or loads torch, does not see that a pipe is
    closed.

    Parameters
    ----------
    parent : int
        Process whose child this one should be; when it is not any more, it ends at once.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
