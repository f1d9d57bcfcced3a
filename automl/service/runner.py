"""Processes of searches: how one is started, found again, told to stop, and killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass, field

from automl.files import write_json
from automl.service.child_process import command, environment
from automl.service.locks import is_held, take
from automl.service.search_folder import SearchFolder


@dataclass(slots=True)
class Runner:
    """Starts processes; what it knows of them lies in their folders, and outlives it.

    Attributes
    ----------
    children : list of Popen
        Processes that this one has started, and must hear the end of.
    """

    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, folder: SearchFolder, request: dict[str, object]) -> bool:
        """Start the process of a search, unless one runs; return whether it was started.

        The lock is taken here, and handed to the process: at no moment is it free.
        """
        lock = take(folder.lock)
        if lock is None:
            return False
        try:
            folder.studies.mkdir(exist_ok=True)
            write_json(folder.request, request)
            with folder.output.open("ab") as output:
                self.children.append(
                    subprocess.Popen(
                        command("search_process", str(lock)),
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=output,
                        cwd=folder.path,
                        env=environment(PYTHONUNBUFFERED="1"),
                        pass_fds=(lock,),
                        start_new_session=True,
                    )
                )
        finally:
            os.close(lock)
        return True

    def is_alive(self, folder: SearchFolder) -> bool:
        """Return whether a process runs this search, whoever has started it."""
        self.children = [child for child in self.children if child.poll() is None]
        return is_held(folder.lock)

    def stop(self, folder: SearchFolder, attempt: int) -> bool:
        """Ask a search to end as after Ctrl-C; return whether it could be asked already."""
        return self._signal(folder, attempt, signal.SIGINT, group=False)

    def kill(self, folder: SearchFolder, attempt: int) -> bool:
        """End a search and all its workers at once."""
        return self._signal(folder, attempt, signal.SIGKILL, group=True)

    def _signal(
        self, folder: SearchFolder, attempt: int, number: signal.Signals, *, group: bool
    ) -> bool:
        begun = folder.begun(attempt)
        # Who holds the lock is the process that has noted its begin, and so it is alive.
        if begun is None or not is_held(folder.lock):
            return False
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(begun["pid"], number)
        return True
