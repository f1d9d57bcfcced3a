"""Load on a service over loopback: single rows and batches predicted, a search watched by many.

    python benchmarks/service_load.py predict --seconds 60 --clients 16
    python benchmarks/service_load.py watch --clients 200

It starts `automl serve` in a folder of its own, makes a model of 28 x 28 pictures by a small
search (or takes that of `--bundle`), and asks for predictions over connections that stay open,
from a process of its own. It prints requests a second, the 50th, 95th and 99th percentile of their
latency, errors, and the memory of the server and its workers at the begin and at the end. `watch`
compares the trials that a search makes in equal time alone and with so many clients that read its
events.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import automl

PASSWORD = "four lazy words here"


class Http:
    """One connection that stays open, and no more of HTTP than the service answers with."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._reader: asyncio.StreamReader | None = None

    async def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, bytes]:
        if self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        if self._token:
            lines.append(f"Authorization: Bearer {self._token}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        self._writer.write("\r\n".join(lines).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = (
            int(head.split("content-length: ")[1].split("\r\n")[0])
            if "content-length" in head
            else 0
        )
        return int(head.split()[1]), await self._reader.readexactly(length)


def memory(pid: int) -> dict[str, float]:
    """Return the resident MB of a process and of its children, by their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = (folder / "status").read_text()
            parent = int(status.split("PPid:")[1].split()[0])
            command = (folder / "cmdline").read_text()
        except (OSError, IndexError, ValueError):
            continue
        if int(folder.name) == pid or (parent == pid and "predictions.worker" in command):
            name = "server" if int(folder.name) == pid else f"worker {folder.name}"
            found[name] = int(status.split("VmRSS:")[1].split()[0]) / 1000
    return found


class Serving:
    """A service in a folder of its own, with a first user, a token and a model."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "automl", "serve", "--port", "0", "--max-running", "1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=folder,
        )
        assert self.process.stdout is not None
        started = time.perf_counter()
        first, second = self.process.stdout.readline(), self.process.stdout.readline()
        self.start_seconds = time.perf_counter() - started
        self.port = int(first.rstrip().rstrip("/").rpartition(":")[2])
        invitation = second.rstrip().rpartition("=")[2]
        self.token = asyncio.run(self._make_token(invitation))
        self.client = automl.Client(f"http://127.0.0.1:{self.port}", self.token)

    async def _make_token(self, invitation: str) -> str:
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Content-Type": "application/json"}
        body = {"invitation": invitation, "name": "ada", "password": PASSWORD}
        connection.request("POST", "/v1/invitations/accept", json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        headers["Cookie"] = (answer.getheader("set-cookie") or "").partition(";")[0]
        connection.request("POST", "/v1/tokens", json.dumps({"name": "load"}), headers)
        return str(json.loads(connection.getresponse().read())["token"])

    def make_model(
        self, folder: Path, trials: int, epochs: int, bundle: Path | None = None
    ) -> None:
        """Search 28 x 28 pictures of ten classes, and keep the best network as ``pictures``.

        Where there is a bundle of such pictures, it is kept in place of what was found.
        """
        random = np.random.RandomState(0)
        y = random.randint(0, 10, 2000)
        X = (random.rand(2000, 28, 28) * 120).astype(np.uint8)
        for i, label in enumerate(y):
            X[i, 2 * label : 2 * label + 5, 4:24] += 100
        np.savez(folder / "pictures.npz", X=X, y=y)
        options = {"finalists": 0, "baselines": [], "space": "cnn", "folds": 0}
        search = self.client.search(
            folder / "pictures.npz", trials=trials, max_epochs=epochs, **options
        )
        self.client.wait(search)
        if bundle is not None:
            (best,) = folder.rglob("best")
            shutil.rmtree(best)
            shutil.copytree(bundle, best)
        self.client.pin("pictures", search)

    def end(self) -> None:
        """End it, and wait."""
        self.process.terminate()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


JSON, NPY = "application/json", "application/octet-stream"


def rows_of(count: int, media: str) -> bytes:
    """Return a request for predictions of random pictures."""
    rows = np.random.RandomState(1).randint(0, 256, (count, 28, 28)).astype(np.uint8)
    if media == JSON:
        return json.dumps({"rows": rows.tolist()}).encode()
    file = io.BytesIO()
    np.save(file, rows)
    return file.getvalue()


async def load(
    serving: Serving, count: int, media: str, clients: int, seconds: float
) -> dict[str, float]:
    """Ask for the same predictions over and over; return what was seen."""
    body = rows_of(count, media)
    path, latencies, errors = "/v1/models/pictures/predict", [], 0
    end = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal errors
        http = Http(serving.port, serving.token)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            status, _ = await http.ask("POST", path, body, Content_Type=media)
            latencies.append(time.perf_counter() - begun)
            errors += status != 200

    await asyncio.gather(*(client() for _ in range(clients)))
    p50, p95, p99 = np.percentile(latencies, [50, 95, 99]) * 1000
    rate = len(latencies) / seconds
    return {"requests/s": rate, "p50 ms": p50, "p95 ms": p95, "p99 ms": p99, "errors": errors}


def show(title: str, seen: dict[str, float]) -> None:
    """Print figures in one line."""
    print(
        title + ": " + ", ".join(f"{name} {value:,.1f}" for name, value in seen.items()), flush=True
    )


def predict(args: argparse.Namespace, folder: Path) -> None:
    """Ask for predictions, of single rows and of batches."""
    serving = Serving(folder)
    try:
        print(f"start: {serving.start_seconds:.2f} s", flush=True)
        show("memory at rest, MB", memory(serving.process.pid))
        serving.make_model(folder, trials=2, epochs=1, bundle=args.bundle)
        asyncio.run(load(serving, 1, JSON, 1, 2.0))  # the worker loads the model
        before = memory(serving.process.pid)
        cases = [(1, JSON, 1), (1, JSON, args.clients), (1000, JSON, 1), (1000, NPY, 1)]
        for count, media, clients in cases:
            seen = asyncio.run(load(serving, count, media, clients, args.seconds / len(cases)))
            show(f"rows {count:,} as {media}, clients {clients}", seen)
        show("memory before, MB", before)
        show("memory after, MB", memory(serving.process.pid))
    finally:
        serving.end()


async def _watch(serving: Serving, search: str, clients: int, seconds: float) -> None:
    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
        head = f"GET /v1/searches/{search}/events HTTP/1.1\r\nHost: 127.0.0.1:{serving.port}\r\n"
        writer.write(f"{head}Authorization: Bearer {serving.token}\r\n\r\n".encode())
        try:
            async with asyncio.timeout(seconds):
                while await reader.read(65536):
                    pass
        except TimeoutError:
            pass
        writer.close()

    await asyncio.gather(*(one() for _ in range(clients)))


def watch(args: argparse.Namespace, folder: Path) -> None:
    """Search with nobody watching and with many, twice each."""
    serving = Serving(folder)
    try:
        for clients in (0, args.clients, 0, args.clients):
            search = serving.client.search(
                "digits", time_budget=args.seconds, finalists=0, baselines=[], onnx=False, folds=0
            )
            asyncio.run(_watch(serving, search, clients, args.seconds))
            serving.client.wait(search)
            print(
                f"{clients} clients: {serving.client.status(search)['trials']} trials", flush=True
            )
    finally:
        serving.end()


def main() -> None:
    """Read the options, and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["predict", "watch"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--bundle", type=Path, help="such as studies/mnist/best")
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        {"predict": predict, "watch": watch}[args.what](args, Path(folder))


if __name__ == "__main__":
    main()
