"""Starts the dashboard's process, waits until it answers, and stops it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from automl.errors import StudyError
from automl.locations import package_home
from automl.study.folder import StudyFolder

ANSWER_SECONDS = 60
"""optuna-dashboard takes 4 s to import, many more on a machine that is searching."""


@contextmanager
def running_dashboard(
    folder: StudyFolder, *, port: int = 0, writable: bool = False
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start a dashboard, yield its address and process, and stop it at the end.

    Parameters
    ----------
    folder : StudyFolder
    port : int
        0 takes a free one.
    writable : bool

    Raises
    ------
    StudyError
        When it does not start, for example because the port is taken.
    """
    settings = {
        "url": folder.url,
        "port": port,
        "writable": writable,
        "artifacts": str(folder.artifacts.resolve()) if folder.artifacts.is_dir() else None,
    }
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below; a pipe would fill up
    start = (
        f"import sys; sys.path.append({str(package_home())!r});"
        " from automl.dashboard.server import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", start],  # -P: no module of the current folder
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        # Ctrl-C goes to every process of the terminal; this one is stopped by its parent.
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line.strip().isdigit():
            process.wait()
            raise StudyError(f"the dashboard did not start: {_last_line(errors)}")
        _wait_for_answer(int(line))
        yield f"http://127.0.0.1:{int(line)}/dashboard", process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, errors):
            stream.close()


def _wait_for_answer(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/api/meta")
        answer = connection.getresponse()
        answer.read()
    except OSError as error:
        raise StudyError(f"the dashboard does not answer: {error}") from None
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise StudyError(f"the dashboard answers /api/meta with {answer.status}")


def _last_line(errors: IO[str]) -> str:
    """Return the last line that the process printed before it ended."""
    errors.seek(0)
    lines = errors.read().strip().splitlines()
    return lines[-1] if lines else "it said nothing"
