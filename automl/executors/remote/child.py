"""A process of ours beside the search, in which an engine's own library runs.

Nothing of the library is set, logged or run in the process of the search, and nothing that it
breaks ends that.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import BinaryIO

from automl.locations import package_home


class Child:
    """Runs a function until our end of its standard input is closed, or we have ended.

    Parameters
    ----------
    function : str
        Import path, such as ``"automl.executors._dask_local:main"``.
    *args : int or str
        What it is called with.
    environment : mapping of str to str, optional
        Variables that it gets; by default, ours.

    Attributes
    ----------
    last_words : str
        The last line of its standard error, once `end` has returned.
    """

    def __init__(
        self, function: str, *args: int | str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.last_words = ""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._process = subprocess.Popen(
            _command(function, *args),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            process_group=0 if sys.platform != "win32" else None,  # Ctrl-C is ours to answer
            env=environment,
        )

    @property
    def input(self) -> BinaryIO:
        """What it reads from."""
        assert self._process.stdin is not None
        return self._process.stdin  # type: ignore[return-value]

    @property
    def output(self) -> BinaryIO:
        """What it writes to."""
        assert self._process.stdout is not None
        return self._process.stdout  # type: ignore[return-value]

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._process.poll() is not None

    def end(self, seconds: float = 5.0) -> None:
        """Let it end; kill it when it takes longer."""
        with contextlib.suppress(OSError):
            self.input.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.output.close()
        if not self._errors.closed:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace")
            self.last_words = said.strip().rpartition("\n")[2]
            self._errors.close()


def _command(function: str, *args: int | str) -> list[str]:
    module, _, name = function.partition(":")
    return [
        sys.executable,
        "-P",
        "-c",
        f"import sys; sys.path.append({str(package_home())!r});"
        f" from {module} import {name}; {name}(*{args!r})",
    ]
