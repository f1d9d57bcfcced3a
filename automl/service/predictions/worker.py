"""A prediction worker's process: it reads requests from a socket and answers them in batches.

It ends when the socket is closed, that is, when the web process is gone, however it went.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from automl.errors import AutomlError
from automl.processes.parent_death import die_with
from automl.service.predictions.messages import (
    Answer,
    Request,
    pack_answers,
    read_requests,
    refuse,
)

UNPROCESSABLE = 422


def main() -> None:
    """Serve until the other end is closed. Settings come as JSON in the first argument."""
    settings = json.loads(sys.argv[1])
    die_with(settings["parent"])
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    ours = socket.socket(fileno=settings["socket"])
    with ours, ours.makefile("rb") as stream, contextlib.suppress(EOFError, ConnectionError):
        serve(_reader(stream.read), ours.sendall, settings["memory"])
    os._exit(0)


def serve(read: Callable[[int], bytes], write: Callable[[bytes], None], memory: int) -> None:
    """Answer frames of requests, one after the other, until `read` raises EOFError."""
    from automl.service.predictions.engine import Engines

    engines = Engines(memory)

    def answer(folder: Path, requests: Sequence[Request]) -> list[Answer]:
        from automl.service.predictions.batch import answer_all

        try:
            engine = engines.get(folder)
        except AutomlError as error:
            return [refuse(UNPROCESSABLE, str(error).replace(str(folder), "the model"))] * len(
                requests
            )
        return answer_all(engine, requests)

    while True:
        model, requests = read_requests(read)
        write(pack_answers(answer(Path(model), requests)))


def _reader(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def exactly(size: int) -> bytes:
        found = read(size)
        if len(found) < size:
            raise EOFError
        return found

    return exactly


if __name__ == "__main__":
    main()
