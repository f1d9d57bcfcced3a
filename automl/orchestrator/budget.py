"""When a search must end: its time is up, or somebody pressed Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Clock:
    """Started with the search.

    Parameters
    ----------
    budget : float or None
        Seconds from now.

    Attributes
    ----------
    interrupted : bool
        Whether Ctrl-C was pressed.
    """

    def __init__(self, budget: float | None) -> None:
        self.started = time.monotonic()
        self.budget = budget
        self.interrupted = False

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    def over(self, reserve: float = 0.0) -> str | None:
        """Why to stop now, in words for the trial's note, or None.

        Parameters
        ----------
        reserve : float
            Seconds of the budget that are kept for what comes after.
        """
        if self.interrupted:
            return "stopped by Ctrl-C"
        if self.budget is not None and self.seconds >= self.budget - reserve:
            return "stopped by the time budget"
        return None

    @contextmanager
    def catch_interrupt(self) -> Iterator[None]:
        """Ctrl-C once sets `interrupted`; twice raises KeyboardInterrupt."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are the main thread's; a notebook's executor thread has none
            return
        previous = signal.getsignal(signal.SIGINT)

        def on_interrupt(number: int, frame: FrameType | None) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True

        signal.signal(signal.SIGINT, on_interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous or signal.SIG_DFL)
