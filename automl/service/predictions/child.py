"""A prediction worker as the web process sees it: a child, and a socket to it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from automl.locations import package_home
from automl.service.predictions.messages import (
    LENGTH,
    MAX_HEAD_BYTES,
    Answer,
    Request,
    answers_of,
    pack_requests,
)


class WorkerGone(Exception):
    """A worker ended, or was ended, with requests that it had not answered."""


class Child:
    """One worker process; it is started by `start`, and ends with this process."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer

    @property
    def pid(self) -> int:
        """Return the worker's process."""
        return self._process.pid

    @classmethod
    async def start(cls, memory: int) -> Child:
        """Start a worker that holds models of `memory` bytes.

        Raises
        ------
        OSError
            When the machine has no process left, or no file.
        """
        ours, theirs = socket.socketpair()
        settings = {"socket": theirs.fileno(), "memory": memory, "parent": os.getpid()}
        start = (
            f"import sys; sys.path.append({str(package_home())!r});"
            " from automl.service.predictions.worker import main; main()"
        )
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", start, json.dumps(settings)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                # Ctrl-C goes to every process of a terminal; this one ends with its socket.
                start_new_session=True,
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return cls(process, reader, writer)

    async def ask(self, model: Path, requests: Sequence[Request]) -> list[Answer]:
        """Return an answer for each request.

        Raises
        ------
        WorkerGone
            When the worker ends meanwhile.
        """
        try:
            self._writer.write(pack_requests(str(model), requests))
            await self._writer.drain()
            (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            if length > MAX_HEAD_BYTES:
                raise WorkerGone
            head = json.loads(await self._reader.readexactly(length))
            sizes = [part["body"] for part in head["parts"]]
            bodies = [await self._reader.readexactly(size) for size in sizes]
            return answers_of(head, bodies)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerGone from None

    async def end(self) -> None:
        """End the worker: at once when it is waiting, and in any case soon."""
        self._writer.close()
        self._process.kill()  # it holds nothing that could be lost
        await asyncio.to_thread(self._process.wait)
