"""How many slots one search keeps busy, by simulation: slots that sleep in place of training.

python benchmarks/slots.py [--slots 256] [--trials 10000] [--seconds 2] [--sampler random]

All of the search is real but two things: the engine carries requests within this process, and a
slot sleeps for each epoch, by the candidate up to half as long again, and makes its score up. So
what engine and network cost is missing, and what the slots themselves cost here is counted against
the search. Busy is the share of the time from the first job to the last one given out in which a
slot had one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import pickle
import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import automl
from automl.cluster.versions import versions
from automl.executors import EXECUTORS, WorkerInfo
from automl.executors.remote.engine import Engine
from automl.executors.remote.executor import RemoteExecutor
from automl.executors.remote.wire import encode, pack, unpack
from automl.registry import Origin
from automl.training.jobs import TrainJob
from automl.trial import EpochResult, Stop, TrialResult, TrialStatus

EPOCHS = 9

VERSIONS = versions()


@dataclass
class Slot:
    """One that sleeps."""

    host: str
    seconds: float
    said: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    told: Stop | None = None
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def answer(self, head: dict[str, Any], blobs: list[bytes]) -> dict[str, Any]:
        """Do what a station does."""
        if head["what"] == "hello":
            return {"slots": 1, "facts": {"host": self.host, "versions": VERSIONS}}
        if head["what"] == "have":
            return {"missing": []}
        if head["what"] == "stop":
            self.told = Stop[head["why"]]
        if head["what"] == "begin":
            self.told = None
            self.began.append(time.monotonic())
            self.task = asyncio.ensure_future(self._train(head["ticket"], pickle.loads(blobs[0])))
        if head["what"] != "poll":
            return {}
        while self.said and self.said[0]["number"] <= head["heard"]:
            self.said.pop(0)
        if not self.said:
            self.news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(head["wait"]):
                    await self.news.wait()
        return {"messages": self.said}

    def say(self, **plain: Any) -> None:
        """Let the search know."""
        self.count += 1
        self.said.append({**plain, "number": self.count, "blobs": 0})
        self.news.set()

    async def _train(self, ticket: int, job: TrainJob) -> None:
        self.say(ticket=ticket, what="begun")
        number, params = job.candidate.number, job.candidate.params
        share = number * 0.618034 % 1
        pause = self.seconds * (1 + share / 2)
        history: list[EpochResult] = []
        while len(history) < EPOCHS and self.told is None:
            await asyncio.sleep(pause)
            rate = float(params["optimizer.learning_rate"])
            score = 1.0 - abs(rate - 0.003) - 0.1 * share - 0.5 / (len(history) + 1)
            epoch = EpochResult(number, len(history) + 1, 1.0, 1.0, score, pause, 1e3)
            history.append(epoch)
            self.say(ticket=ticket, what="said", payload=encode(epoch), member=0)
        status = TrialStatus.PRUNED if self.told is Stop.PRUNE else TrialStatus.COMPLETE
        last = len(history) or None
        result = TrialResult(number, status, tuple(history), pause * len(history), last)
        info = WorkerInfo(self.host, 1, 1, "cpu", "simulated")
        self.ended.append(time.monotonic())
        self.say(ticket=ticket, what="final", payload=encode(result), info=encode(info))


class Sleeping(Engine):
    """Carries requests to slots in this process."""

    name, advice = "the simulation", "start it again"
    slots: dict[str, Slot]

    async def start(self) -> None:
        """Do nothing."""

    async def addresses(self) -> list[str]:
        """Return all."""
        return [*self.slots]

    async def call(self, address: str, request: bytes) -> bytes:
        """Let one answer."""
        return pack(await self.slots[address].answer(*unpack(request)))

    async def close(self) -> None:
        """Do nothing."""


class SleepingExecutor(RemoteExecutor):
    """Runs jobs in slots that sleep."""

    def __init__(self, workers: int, families: Any = ()) -> None:
        super().__init__(Sleeping(), workers, families)


class Over(Exception):
    """All trials are finished; there are no weights to choose a winner from."""


class Watch(automl.Observer):
    """Tells how far it is, and how much memory this process has."""

    def __init__(self, every: int) -> None:
        self.every, self.done = every, 0

    def trial_finished(self, record: automl.TrialRecord) -> None:
        """Count."""
        self.done += 1
        if self.done % self.every == 0:
            with open("/proc/self/statm", encoding="ascii") as file:
                pages = int(file.read().split()[1])
            used = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            processor = resource.getrusage(resource.RUSAGE_SELF)
            seconds = processor.ru_utime + processor.ru_stime
            print(f"{self.done:6} trials  {used:5.0f} MB  {seconds:6.1f} s of CPU", flush=True)

    def phase(self, name: str) -> None:
        """End after the trials."""
        if name != "trials":
            raise Over


def main() -> None:
    """Print what share of their time the slots were busy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slots", type=int, default=256)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2.0, help="of an epoch, at least")
    parser.add_argument("--sampler", default="random")
    options = parser.parse_args()
    slots = {f"slot-{i}": Slot(f"host-{i // 16}", options.seconds) for i in range(options.slots)}
    Sleeping.slots = slots
    EXECUTORS.add("slots", SleepingExecutor, Origin(__file__, "", is_file=False))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = str(Path(folder))
        with contextlib.suppress(Over):
            automl.search(
                "iris",
                executor="slots",
                workers=options.slots,
                trials=options.trials,
                sampler=options.sampler,
                max_epochs=EPOCHS,
                folds=0,
                baselines=(),
                history=False,
                onnx=False,
                report=False,
                observer=Watch(max(1, options.trials // 10)),
            )
    pairs = [pair for s in slots.values() for pair in zip(s.began, s.ended, strict=True)]
    first, last = min(began for began, _ in pairs), max(began for began, _ in pairs)
    busy = sum(min(ended, last) - began for began, ended in pairs)
    share = busy / ((last - first) * len(slots))
    print(f"{len(pairs)} trials in {last - first:.1f} s, busy {share:.1%}")


if __name__ == "__main__":
    main()
