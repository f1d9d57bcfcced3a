"""Let a program of the cluster end in order."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType

_ENDS = ("SIGINT", "SIGTERM", "SIGHUP")


def end_event() -> asyncio.Event:
    """Return an event that SIGTERM, Ctrl-C and a closed terminal set; `nohup` is heeded."""
    event, loop = asyncio.Event(), asyncio.get_running_loop()

    def end(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(event.set)

    for name in _ENDS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)
    return event
