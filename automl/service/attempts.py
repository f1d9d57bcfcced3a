"""How often somebody may try a password."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_SECONDS = 300.0

BY_NAME, BY_ADDRESS = 10, 50
"""Attempts in this time, whatever came of them."""

MOST_KEYS = 10_000
"""Names and addresses that are remembered, so that made-up ones do not fill the memory."""


class Attempts:
    """Counts attempts by name and by address.

    Parameters
    ----------
    now : callable, optional
        Seconds of a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def take(self, name: str, address: str) -> float:
        """Note an attempt; return after how many seconds the next is allowed, 0 for this one."""
        with self._lock:
            waits = [
                self._wait(("name", name.lower()), BY_NAME),
                self._wait(("address", address), BY_ADDRESS),
            ]
            if not any(waits):
                self._note(("name", name.lower()))
                self._note(("address", address))
            return max(waits)

    def forget(self, name: str) -> None:
        """Forget the attempts of a name, after the right password."""
        with self._lock:
            self._seen.pop(("name", name.lower()), None)

    def _wait(self, key: tuple[str, str], most: int) -> float:
        times = self._seen.get(key)
        while times and times[0] <= self._now() - WINDOW_SECONDS:
            times.popleft()
        if not times or len(times) < most:
            return 0.0
        return times[0] + WINDOW_SECONDS - self._now()

    def _note(self, key: tuple[str, str]) -> None:
        self._seen.setdefault(key, deque()).append(self._now())
        self._seen.move_to_end(key)
        while len(self._seen) > MOST_KEYS:
            self._seen.popitem(last=False)
