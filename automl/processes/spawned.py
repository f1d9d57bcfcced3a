"""Processes that start from nothing, for systems that have no fork."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import types
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.process import BaseProcess
from typing import Any

_TURN = threading.Lock()
"""One child is started at a time: what it inherits is set in the whole process."""


class Spawner:
    """Stands in for a `ForkServer`, and loads nothing ahead.

    Parameters
    ----------
    environment : mapping of str to str
        Variables that the processes get beside those of this one.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def ensure_running(self) -> None:
        """Nothing: there is no server."""

    def start(self, target: Callable[..., None], args: tuple[Any, ...]) -> BaseProcess:
        """Start a process that ends with this one."""
        child = multiprocessing.get_context("spawn").Process(target=target, args=args, daemon=True)
        with _TURN, self._inherited():
            child.start()
        return child

    @contextlib.contextmanager
    def _inherited(self) -> Iterator[None]:
        """Let a child inherit the environment, and no copy of the user's main module.

        Without the last, a script that calls `automl.search` outside of
        ``if __name__ == "__main__"`` would run itself again in every worker.
        """
        saved = {name: os.environ.get(name) for name in self._environment}
        main = sys.modules["__main__"]
        os.environ.update(self._environment)
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
            for name, value in saved.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
