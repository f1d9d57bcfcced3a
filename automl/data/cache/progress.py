"""A progress bar on stderr, for what takes long before a search begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal


@contextmanager
def show_progress(
    name: str, total: int | None, start: int = 0, *, unit: Literal["bytes", "items"] = "items"
) -> Iterator[Callable[[int], None]]:
    """Show a progress bar, and yield what to call with how much more is done.

    Parameters
    ----------
    name : str
        What is done.
    total : int or None
        None where nobody knows.
    start : int
        What was done before.
    unit : {"bytes", "items"}
    """
    # Imported here: rich takes 0.15 s, and only what takes longer needs it.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    amount = (
        (DownloadColumn(), TransferSpeedColumn())
        if unit == "bytes"
        else (MofNCompleteColumn(), TimeRemainingColumn())
    )
    columns = (TextColumn("{task.description}"), BarColumn(), *amount)
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=total, completed=start)
        yield lambda count: bar.advance(task, count)
