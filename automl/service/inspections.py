"""What the program sees in a data set, found by a process of its own, and kept for a while."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from automl.service.child_process import command, environment
from automl.service.problems import Problem

MOST_SECONDS = 120

MOST_PROCESSES = 2

MOST_KEPT = 100


class Inspections:
    """Inspects data sets."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._places = threading.BoundedSemaphore(MOST_PROCESSES)

    def inspect(self, name: str, path: Path, options: dict[str, Any]) -> dict[str, Any]:
        """Return what is in a data set.

        Parameters
        ----------
        name : str
            The data set's, for messages.
        path : Path
            Where it lies, by the SHA-256 of its bytes.
        options : dict of str to Any
            How it is read; checked ones.

        Raises
        ------
        Problem
            422 when it cannot be used so, 503 when too many are being looked at.
        """
        key = json.dumps([path.name, options], sort_keys=True)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if not self._places.acquire(timeout=30):
            busy = "other data sets are being looked at; try again"
            raise Problem(503, busy, {"Retry-After": "5"})
        try:
            said = _ask(path, options)
        finally:
            self._places.release()
        if "error" in said:
            raise Problem(422, said["error"].replace(str(path), name))
        self._kept[key] = said
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return said


def _ask(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    asked = json.dumps({"dataset": str(path), "options": options}) + "\n"
    try:
        ran = subprocess.run(
            command("inspect_process"),
            input=asked,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            env=environment(OMP_NUM_THREADS="1"),
            cwd=os.sep,
        )
        said: dict[str, Any] = json.loads(ran.stdout)
    except subprocess.TimeoutExpired:
        return {"error": f"it could not be looked at within {MOST_SECONDS} s"}
    except ValueError:  # it was killed, for memory perhaps
        return {"error": f"it could not be looked at: the process ended with {ran.returncode}"}
    return said
