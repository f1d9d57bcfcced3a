"""Workers: many at once, a full queue, and a worker that is killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from made_bundles import write_bundle
from made_rows import make_rows

from automl.bundle.model import load_model
from automl.service.predictions.messages import Request
from automl.service.predictions.pool import Busy, PredictionPool


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundle"), "multiclass", width=4)


def run(body: Callable[[PredictionPool], Awaitable[None]], **options: int) -> None:
    async def all_of_it() -> None:
        pool = PredictionPool(**options)  # type: ignore[arg-type]
        try:
            await body(pool)
        finally:
            await pool.close()

    asyncio.run(all_of_it())


def test_many_at_once_and_a_worker_that_is_killed(bundle: Path) -> None:
    rows = make_rows("vector")
    labels = load_model(bundle).predict(rows).tolist()
    requests = [Request("rows", json.dumps([row.tolist()]).encode()) for row in rows]

    async def body(pool: PredictionPool) -> None:
        async def ask() -> list[int]:
            answers = await asyncio.gather(*(pool.predict(bundle, one) for one in requests))
            return [json.loads(answer.body)["predictions"][0] for answer in answers]

        asked = asyncio.create_task(ask())
        while not pool.workers:
            await asyncio.sleep(0)
        (pid,) = pool.workers
        os.kill(pid, signal.SIGKILL)  # with a batch that it has not answered
        assert await asked == labels
        assert pool.workers != [pid]
        assert await ask() == labels

    run(body)


def test_a_full_queue_refuses_and_what_waits_is_told_of_the_end(bundle: Path) -> None:
    async def body(pool: PredictionPool) -> None:
        one = Request("rows", b"[[1, 2, 3, 4]]")
        first = asyncio.create_task(pool.predict(bundle, one))
        second = asyncio.create_task(pool.predict(bundle, one))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await pool.predict(bundle, one)
        await pool.close()
        assert [(await first).status, (await second).status] == [503, 503]

    run(body, queue=2)


def test_a_model_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    async def body(pool: PredictionPool) -> None:
        answer = await pool.predict(tmp_path / "gone", Request("rows", b"[[1]]"))
        assert answer.status == 422
        assert str(tmp_path).encode() not in answer.body

    run(body)
