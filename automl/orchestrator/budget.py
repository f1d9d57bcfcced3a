"""When a search must end: its time is up, or somebody asked for it."""

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
    stop : Event, optional
        Ends the search when it is set, from any thread; Ctrl-C does the same.
    """

    def __init__(self, budget: float | None, stop: threading.Event | None = None) -> None:
        self.started = time.monotonic()
        self.budget = budget
        self.stop = stop or threading.Event()
        self._ctrl_c = False

    @property
    def interrupted(self) -> bool:
        """Whether somebody asked for the end: by Ctrl-C, or from the program."""
        return self._ctrl_c or self.stop.is_set()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def over(self, reserve: float = 0.0) -> str | None:
        """Return why to stop now, in words for the trial's note, or None.

        Parameters
        ----------
        reserve : float
            Seconds of the budget that are kept for what comes after.
        """
        if self.interrupted:
            return "stopped by Ctrl-C" if self._ctrl_c else "stopped by the program"
        if self.budget is not None and self.seconds >= self.budget - reserve:
            return "stopped by the time budget"
        return None

    @contextmanager
    def catch_interrupt(self) -> Iterator[None]:
        """Take Ctrl-C once as a wish to end; twice raises KeyboardInterrupt.

        Only in the main thread, to which signals belong, and only where the program has no answer
        of its own to Ctrl-C; `asyncio.run` keeps to the same. Elsewhere nothing is changed, and
        whoever answers Ctrl-C may set `stop`.
        """
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return

        def on_interrupt(number: int, frame: FrameType | None) -> None:
            if self._ctrl_c:
                raise KeyboardInterrupt
            self._ctrl_c = True

        signal.signal(signal.SIGINT, on_interrupt)
        try:
            yield
        finally:
            if signal.getsignal(signal.SIGINT) is on_interrupt:
                signal.signal(signal.SIGINT, signal.default_int_handler)
