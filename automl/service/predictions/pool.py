"""`PredictionPool`: a bounded queue of requests, and the workers that take from it.

A worker that is free takes what waits for one model, all at once: while a batch is computed the
next one gathers, so that single rows are predicted together as soon as there are many, and nobody
waits for a batch to fill.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from automl.service.predictions.child import Child, WorkerGone
from automl.service.predictions.messages import Answer, Request, refuse

UNAVAILABLE, TIMEOUT = 503, 504

BATCH_REQUESTS = 256
"""Requests of one batch at most."""

BATCH_BYTES = 4_000_000
"""Bytes of one batch, beyond its first request: a large one is not made to wait for others."""


class Busy(Exception):
    """The queue is full; whoever asks may ask again in a moment."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    model: Path
    request: Request
    answer: asyncio.Future[Answer]
    alone: bool = False


class PredictionPool:
    """Workers that are started with the first request, and requests that wait for them.

    Parameters
    ----------
    workers : int
        Processes at most.
    queue : int
        Requests that wait at most.
    queue_bytes : int
        Bytes of the requests that wait at most.
    memory : int
        Bytes of the models that each worker holds.
    seconds : float
        Longest time of one batch; the worker is ended then.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        queue: int = 1024,
        queue_bytes: int = 256_000_000,
        memory: int = 1_000_000_000,
        seconds: float = 60.0,
    ) -> None:
        self._most, self._queue, self._queue_bytes = workers, queue, queue_bytes
        self._memory, self._seconds = memory, seconds
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._children: set[Child] = set()
        self._arrived = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many requests wait for a worker."""
        return len(self._waiting)

    @property
    def workers(self) -> list[int]:
        """Return the processes that predict now."""
        return [child.pid for child in self._children]

    async def predict(self, model: Path, request: Request) -> Answer:
        """Return the answer of a worker.

        Parameters
        ----------
        model : Path
            Folder of a bundle, whose files never change.
        request : Request

        Raises
        ------
        Busy
            When the queue is full.
        """
        size = len(request.body)
        is_full = len(self._waiting) >= self._queue or self._bytes + size > self._queue_bytes
        if is_full and self._waiting:
            raise Busy
        one = _Waiting(model, request, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._bytes += size
        if len(self._tasks) < self._most:
            task = asyncio.create_task(self._serve())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._arrived.set()
        return await one.answer

    async def close(self) -> None:
        """End the workers; requests that wait are refused."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._refuse_waiting("the service is stopping")

    async def _serve(self) -> None:
        """Give one worker what waits, for as long as it lives; then another one."""
        child: Child | None = None
        try:
            while True:
                await self._arrived.wait()
                if not self._waiting:
                    self._arrived.clear()
                    continue
                child = child or await self._start()
                if batch := self._take():
                    child = await self._ask(child, batch)
        except OSError as error:  # the next request tries again
            self._refuse_waiting(f"no prediction worker can be started: {error.strerror}")
        finally:
            if child is not None:
                await self._end(child)

    async def _start(self) -> Child:
        child = await Child.start(self._memory)
        self._children.add(child)
        return child

    async def _end(self, child: Child) -> None:
        self._children.discard(child)
        await child.end()

    async def _ask(self, child: Child, batch: list[_Waiting]) -> Child | None:
        """Have a batch answered; return the worker unless it is gone."""
        requests = [one.request for one in batch]
        try:
            async with asyncio.timeout(self._seconds):
                answers = await child.ask(batch[0].model, requests)
        except TimeoutError:
            _tell_all(batch, TIMEOUT, f"the prediction took more than {self._seconds:g} s")
        except WorkerGone:
            if not batch[0].alone:  # each is tried again, on its own: one may be the cause
                self._put_back(batch)
            else:
                _tell_all(batch, UNAVAILABLE, "the worker ended, perhaps for want of memory")
        except asyncio.CancelledError:
            _tell_all(batch, UNAVAILABLE, "the service is stopping")
            raise
        else:
            for one, answer in zip(batch, answers, strict=True):
                _tell(one, answer)
            return child
        await self._end(child)
        return None

    def _refuse_waiting(self, line: str) -> None:
        _tell_all(self._waiting, UNAVAILABLE, line)
        self._waiting.clear()
        self._bytes = 0

    def _put_back(self, batch: list[_Waiting]) -> None:
        self._waiting.extendleft(replace(one, alone=True) for one in reversed(batch))
        self._bytes += sum(len(one.request.body) for one in batch)

    def _take(self) -> list[_Waiting]:
        """Take the oldest request, and with it others that wait for the same model."""
        first = self._waiting[0]
        batch: list[_Waiting] = []
        left: deque[_Waiting] = deque()
        size = 0
        for one in self._waiting:
            fits = not batch or (
                one.model == first.model
                and not (one.alone or first.alone)
                and len(batch) < BATCH_REQUESTS
                and size + len(one.request.body) <= BATCH_BYTES
            )
            if fits:
                batch.append(one)
                size += len(one.request.body)
            else:
                left.append(one)
        self._waiting = left
        self._bytes -= size
        return [one for one in batch if not one.answer.done()]  # some clients have gone


def _tell(one: _Waiting, answer: Answer) -> None:
    if not one.answer.done():
        one.answer.set_result(answer)


def _tell_all(batch: Iterable[_Waiting], status: int, line: str) -> None:
    for one in batch:
        _tell(one, refuse(status, f"{line}; send fewer rows at a time, or try again"))
