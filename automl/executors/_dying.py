"""A process that ends with the one that made it, whatever it is doing. For Linux."""

from __future__ import annotations

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1
"""`prctl`'s: a signal for when the thread that has forked this process has ended."""


def die_with_whoever_forked() -> None:
    """Let the kernel end this process: one that holds the interpreter's lock sees no pipe close."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
