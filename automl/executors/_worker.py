"""What every worker does first, and what it tells of itself."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from automl.executors import WorkerInfo
from automl.models._from_file import FamilyFile, load_files


def set_up_worker(families: Sequence[FamilyFile] = ()) -> Callable[[], None]:
    """Make a process compute as every worker does, and know the user's families.

    Parameters
    ----------
    families : sequence of FamilyFile

    Returns
    -------
    callable
        Undoes what was done to torch.

    Raises
    ------
    ConfigError
        When a family cannot be loaded.
    """
    import torch

    load_files(families)
    threads = torch.get_num_threads()
    # torch can be told, and not asked: a number too small for a normal float32 shows how it is.
    flushed = bool(torch.tensor(1e-39) * 1.0 == 0.0)
    torch.set_num_threads(1)  # the number of threads decides the last digits
    torch.set_flush_denormal(True)

    def undo() -> None:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(flushed)

    return undo


def here() -> WorkerInfo:
    """Return what there is to say of this process."""
    return WorkerInfo(socket.gethostname(), os.getpid(), resident_bytes(os.getpid()))


def resident_bytes(pid: int) -> int:
    """Return the memory that a process has in RAM, shared pages included; 0 when it is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if sys.platform == "linux":  # the second number, in pages
            pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
            return int(pages) * os.sysconf("SC_PAGE_SIZE")
        command = ["ps", "-o", "rss=", "-p", str(pid)]
        return 1024 * int(subprocess.run(command, capture_output=True, check=False).stdout)
    return 0
