"""Ten minutes of everything at once over loopback: errors, and whether memory stays flat.

    python benchmarks/service_soak.py --seconds 600 --requests 200000 --clients 8

It starts `automl serve` in a folder of its own, makes a model, and asks from so many connections
that stay open: mostly for predictions of single rows, and in between it lists searches, reads the
result of one, uploads a table and deletes it, and asks for what is not there. Every minute it
submits a search, watches it, and deletes the one before. It ends after the seconds or the
requests, whichever is first. Printed are the requests of each kind, how many were answered in
another way than they should, and the memory and the open files of the server and its worker.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from service_load import JSON, Http, Serving, memory, rows_of, show

OPTIONS = {"trials": 2, "max_epochs": 2, "finalists": 0, "baselines": [], "folds": 0}
BRIEF = OPTIONS | {"onnx": False, "report": False, "workers": 1}

EVERY = {"list": 23, "result": 53, "upload": 101, "nothing": 151}
"""Requests of a client of which one is of this kind; the others are predictions."""


@dataclass
class Soak:
    """What is asked, and what came of it."""

    serving: Serving
    search: str
    end: float
    most: int
    asked: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    row: bytes = field(default_factory=lambda: rows_of(1, JSON))

    @property
    def is_over(self) -> bool:
        return time.perf_counter() > self.end or self.asked.total() >= self.most

    async def client(self, number: int) -> None:
        """Ask over one connection until it is over."""
        http = Http(self.serving.port, self.serving.token)
        turn = number * 7  # or all would do the same at once
        while not self.is_over:
            turn += 1
            kind = next((k for k, n in EVERY.items() if turn % n == 0), "predict")
            for method, path, body, expected in self._requests(kind, number, turn):
                self.asked[kind] += 1
                status, _ = await http.ask(method, path, body, Content_Type=JSON)
                if status != expected:
                    self.wrong[f"{method} {path}: {status}"] += 1

    def _requests(self, kind: str, number: int, turn: int) -> list[tuple[str, str, bytes, int]]:
        mine = f"/v1/datasets/soak-{number}"
        table = f"a,b,y\n{turn},1,no\n2,{number},yes\n".encode()
        return {
            "predict": [("POST", "/v1/models/pictures/predict", self.row, 200)],
            "list": [("GET", "/v1/searches", b"", 200)],
            "result": [("GET", f"/v1/searches/{self.search}/result", b"", 200)],
            "upload": [("PUT", mine, table, 201), ("DELETE", mine, b"", 204)],
            "nothing": [("GET", "/v1/searches/0000000000000000", b"", 404)],
        }[kind]

    def submit_and_delete(self) -> None:
        """Submit a search every minute, and delete the one before."""
        last = ""
        while not self.is_over:
            new = self.serving.client.search("iris", **BRIEF)
            seen = [event.name for event in self.serving.client.watch(new)]
            self.asked["search"] += 1
            if seen[-1] != "finished":
                self.wrong[f"search: {seen[-1]}"] += 1
            if last:
                self.serving.client.delete(last)
            last = new
            until = min(self.end, time.perf_counter() + 60)
            while time.perf_counter() < until and not self.is_over:
                time.sleep(0.5)

    async def look(self) -> None:
        """Print the memory every minute."""
        while not self.is_over:
            self.print_memory()
            until = min(self.end, time.perf_counter() + 60)
            while time.perf_counter() < until and not self.is_over:
                await asyncio.sleep(0.5)
        self.print_memory()

    def print_memory(self) -> None:
        pid = self.serving.process.pid
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        show(f"{self.asked.total():,} requests, MB", memory(pid) | {"open files": files})

    async def run(self, clients: int) -> None:
        """Do all of it."""
        await asyncio.gather(
            self.look(),
            asyncio.to_thread(self.submit_and_delete),
            *(self.client(number) for number in range(clients)),
        )


def main() -> None:
    """Read the options, and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=8)
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder))
        try:
            serving.make_model(Path(folder), trials=1, epochs=1)
            (search,) = (one["id"] for one in serving.client.searches())
            started = time.perf_counter()
            soak = Soak(serving, search, started + args.seconds, args.requests)
            asyncio.run(soak.run(args.clients))
            seconds = round(time.perf_counter() - started, 1)
            print(json.dumps({"seconds": seconds, "asked": soak.asked, "wrong": soak.wrong}))
        finally:
            serving.end()


if __name__ == "__main__":
    main()
