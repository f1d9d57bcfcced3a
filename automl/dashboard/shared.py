"""`SharedDashboard`: one process that shows the studies of a service, each below its own prefix.

Standard library only: whoever asks loads neither Optuna nor optuna-dashboard.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from automl.errors import StudyError
from automl.locations import package_home

ANSWER_SECONDS = 60
"""optuna-dashboard takes 4 s to import, and large studies take long to be judged."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the dashboard has answered.

    Attributes
    ----------
    status : int
    headers : mapping of str to str
        Values by names in lower case.
    body : bytes
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class SharedDashboard:
    """A process that starts with the first question, and ends when nobody asks any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._is_closed = False

    def ask(self, database: Path, prefix: str, target: str, headers: Mapping[str, str]) -> Answer:
        """Return what the dashboard of a study answers to a GET request.

        Parameters
        ----------
        database : Path
            SQLite file of the study.
        prefix : str
            Path below which the dashboard is seen.
        target : str
            Path and query, which begin with the prefix.
        headers : mapping of str to str

        Raises
        ------
        StudyError
            When it does not answer.
        """
        named = json.dumps({"database": str(database), "prefix": prefix})
        # A second time, for it may have ended at this moment, as nobody had asked for long.
        for _ in range(2):
            process, ours = self._connect()
            connection = http.client.HTTPConnection("localhost")
            connection.sock = ours
            try:
                connection.request("GET", target, headers={**headers, "X-Automl-Study": named})
                answer = connection.getresponse()
                found = {name.lower(): value for name, value in answer.getheaders()}
                return Answer(answer.status, found, answer.read())
            except TimeoutError:
                process.kill()  # what takes so long would go on
                break
            except (http.client.HTTPException, ConnectionError):
                process.kill()
                process.wait()  # one that is still ending would be asked again
            finally:
                connection.close()
        raise StudyError("the dashboard does not answer; try again in a moment")

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._is_closed = True
            self._end()

    def _connect(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Return the process, and a socket of which it has the other end."""
        with self._lock:
            if self._is_closed:
                raise StudyError("the service is stopping")
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._start()
            assert self._process is not None
            assert self._control is not None
            ours, theirs = socket.socketpair()
            ours.settimeout(ANSWER_SECONDS)
            with theirs:
                try:
                    socket.send_fds(self._control, [b"."], [theirs.fileno()])
                except OSError:  # it ends; whoever waits at our end is told so
                    self._process.kill()
            return self._process, ours

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        settings = {"socket": theirs.fileno()}
        start = (
            f"import sys; sys.path.append({str(package_home())!r});"
            " from automl.dashboard.shared_server import main; main()"
        )
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", start, json.dumps(settings)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # Ctrl-C goes to every process of a terminal; this one ends with its socket.
                start_new_session=True,
            )
        self._control = ours

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None
