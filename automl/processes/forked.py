"""Processes that are forked from a server of our own, which has loaded torch once.

`multiprocessing` has such a server for the whole program, and what it does to a program is why
there is another one here, with the same loop and the same protocol:

- Nothing of this process changes while a server or a worker starts: not its environment, not its
  main module, and not its answer to Ctrl-C.
- Neither runs a file of the user's that is called as a module of Python's, such as ``random.py``
  beside the data.
- A worker can be started in any process: a daemonic one of a pool, one of joblib's, or one that
  was forked after an earlier search.
- The server outlives the thread that asked for it: the kernel ends a child with its parent's
  thread.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from multiprocessing import connection, forkserver, popen_forkserver, process, spawn
from multiprocessing.context import reduction, set_spawning_popen  # type: ignore[attr-defined]
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize, close_fds  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from automl.locations import package_home
from automl.processes.parent_death import PARENT

Command = Sequence[str]


class ForkServer:
    """A process that loads modules once, and forks itself when it is asked to.

    Parameters
    ----------
    preload : sequence of str
        Modules that it loads, in this order. One that cannot be found is left to the workers.
    environment : mapping of str to str
        Variables that it gets, and its workers with it, beside those of this process.
    """

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str]) -> None:
        self._preload = list(preload)
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._keeper: threading.Thread | None = None
        self._address = ""
        self._alive = self._nothing = -1
        os.register_at_fork(after_in_child=self._forget)

    def ensure_running(self) -> None:
        """Start the server, unless it runs; loading its modules takes until long after this."""
        with self._lock:
            if self._keeper is not None and self._keeper.is_alive():
                return
            self._close()
            # A worker expects the pipe of a resource tracker; none of ours has such resources.
            self._nothing = os.open(os.devnull, os.O_WRONLY)
            self._address = connection.arbitrary_address("AF_UNIX")  # type: ignore[attr-defined]
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(self._address)
                os.chmod(self._address, 0o600)
                listener.listen()
                # The server ends when every process that holds the writing end has ended.
                alive, self._alive = os.pipe()
                try:
                    self._start(listener.fileno(), alive)
                finally:
                    os.close(alive)

    def _forget(self) -> None:
        """In a fork of this process: the server is the parent's, and ends with that."""
        self._lock, self._keeper = threading.Lock(), None
        self._close()

    def _close(self) -> None:
        for fd in {self._alive, self._nothing} - {-1}:
            os.close(fd)
        self._alive = self._nothing = -1

    def _start(self, listener: int, alive: int) -> None:
        command = [
            spawn.get_executable(),
            *subprocess._args_from_interpreter_flags(),  # type: ignore[attr-defined]
            "-P",
            "-c",
            f"import sys; sys.path.append({str(package_home())!r});"
            " from multiprocessing.forkserver import main;"
            f" main({listener}, {alive}, {self._preload!r})",
        ]
        started: Future[None] = Future()
        environment = {**os.environ, **self._environment, PARENT: str(os.getpid())}
        keeper = threading.Thread(
            target=_keep,
            args=(command, environment, (listener, alive), started),
            name="automl fork server",
            daemon=True,
        )
        keeper.start()
        started.result()
        self._keeper = keeper

    def start(self, target: Callable[..., None], args: tuple[Any, ...]) -> BaseProcess:
        """Start a process that ends with this one.

        It starts where `multiprocessing` refuses to, too: a daemonic process, such as one of a
        pool, may be terminated, and would leave its children behind. Ours end by themselves when
        their parent has ended.

        Raises
        ------
        ConnectionError, EOFError
            When the server has just died; the next call starts another.
        """
        child = _ForkedProcess(target=target, args=args, daemon=True)
        child.start_on(self)
        return child

    def connect(self, fds: Sequence[int]) -> tuple[int, int]:
        """Let it fork.

        Parameters
        ----------
        fds : sequence of int
            Open files that the child gets.

        Returns
        -------
        tuple of int
            Two open files: one to read the child's id and its exit code from, and one to write
            what it should run to.

        Raises
        ------
        ConnectionError
            When the server has just died; the next call starts another.
        """
        self.ensure_running()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self._address)
            status, child_status = os.pipe()
            child_data, data = os.pipe()
            try:
                reduction.sendfds(
                    client, [child_data, child_status, self._alive, self._nothing, *fds]
                )
            except BaseException:
                os.close(status)
                os.close(data)
                raise
            finally:
                os.close(child_data)
                os.close(child_status)
        return status, data


def _keep(
    command: Command, environment: dict[str, str], fds: tuple[int, ...], started: Future[None]
) -> None:
    """Run the server, in a thread of its own.

    Ctrl-C goes to every process of a terminal. The server inherits that this thread blocks it,
    and no other thread ever has to ignore it for a moment.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        server = subprocess.Popen(
            command, env=environment, pass_fds=fds, stdin=subprocess.DEVNULL, close_fds=True
        )
    except BaseException as error:  # noqa: BLE001 - raised where it is waited for
        started.set_exception(error)
        return
    started.set_result(None)
    server.wait()


class _ForkedProcess(BaseProcess):
    _start_method = "forkserver"

    def start_on(self, server: ForkServer) -> None:
        self._popen = _Popen(self, server)
        self._sentinel = self._popen.sentinel
        process._children.add(self)  # type: ignore[attr-defined]  # ended with this process


class _Popen(popen_forkserver.Popen):
    def __init__(self, process_obj: _ForkedProcess, server: ForkServer) -> None:
        self._server = server
        super().__init__(process_obj)

    def _launch(self, process_obj: BaseProcess) -> None:
        message = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump(_preparation(process_obj.name), message)
            reduction.dump(process_obj, message)
        finally:
            set_spawning_popen(None)
        self.sentinel, data = self._server.connect(self._fds)  # type: ignore[attr-defined]
        # The child knows by the end of this pipe that its parent has ended.
        kept = os.dup(data)
        self.finalizer = Finalize(self, close_fds, (kept, self.sentinel))
        with open(data, "wb") as pipe:
            pipe.write(message.getbuffer())
        self.pid = forkserver.read_signed(self.sentinel)


def _preparation(name: str) -> dict[str, Any]:
    """Return what the child takes over from this process, for `multiprocessing.spawn.prepare`.

    Not the main module: a script that calls `automl.search` outside of
    ``if __name__ == "__main__"`` would run itself again in every worker.
    """
    return {
        "name": name,
        "authkey": process.current_process().authkey,
        "sys_path": _search_path(),
        "sys_argv": sys.argv,
        "orig_dir": process.ORIGINAL_DIR,  # type: ignore[attr-defined]
        "dir": os.getcwd(),
        "start_method": "forkserver",
    }


def _search_path() -> list[str]:
    """Return where a worker finds modules: `sys.path`, the user's folder behind the libraries."""
    main = getattr(sys.modules["__main__"], "__file__", None)
    own = {os.getcwd(), *([str(Path(main).resolve().parent)] if main else [])}
    own.discard(str(package_home()))
    path = [entry or os.getcwd() for entry in sys.path]
    return [p for p in path if p not in own] + [p for p in path if p in own]
