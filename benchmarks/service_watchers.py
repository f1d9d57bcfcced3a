"""What it costs a service when many watch one search.

    python benchmarks/service_watchers.py --watchers 200

A search of iris runs alone, and again with that many clients that read its events, each over a
connection of its own. Counted are the processor seconds of the server while the search runs, and
what the clients have read: each must have every event, in order, once. Seconds of processor time
are compared, which other programs on the machine change little, and not those of a clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from service_kills import SMALL, Server

OPTIONS = {**SMALL, "trials": 40, "max_epochs": 20, "patience": 20}


async def watch(server: Server, place: str) -> list[int]:
    """Read all events of a search; return their ids."""
    host, port = server.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = (
        f"GET {place}/events HTTP/1.1",
        f"Host: {host}:{port}",
        f"Authorization: Bearer {server.token}",
        "Connection: close",
    )
    writer.write("\r\n".join([*lines, "", ""]).encode())
    content = await reader.read(-1)
    writer.close()
    return [int(found) for found in re.findall(rb"^id: (\d+)", content, re.M)]


def figures(server: Server) -> tuple[float, float]:
    """Return the server's processor seconds, and its memory in MB."""
    headers = {"Authorization": f"Bearer {server.token}"}
    request = urllib.request.Request(f"{server.address}/metrics", headers=headers)
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    seconds = re.search(r"^process_cpu_seconds_total (\S+)", text, re.M)
    memory = re.search(r"^process_resident_memory_bytes (\S+)", text, re.M)
    assert seconds is not None
    assert memory is not None
    return float(seconds[1]), float(memory[1]) / 1e6


async def run(server: Server, watchers: int) -> dict[str, Any]:
    """Search with so many watchers; one more waits for the end."""
    before, _ = figures(server)
    made, _ = server.ask("POST", "/v1/searches", {"dataset": "iris", "options": OPTIONS})
    place = f"/v1/searches/{made['id']}"
    started = time.monotonic()
    seen = await asyncio.gather(*(watch(server, place) for _ in range(watchers + 1)))
    after, memory = figures(server)
    facts, _ = server.ask("GET", place)
    return {
        "watchers": watchers,
        "events": len(seen[0]),
        "all_the_same": all(ids == seen[0] and ids == sorted(set(ids)) for ids in seen),
        "state": facts["state"],
        "seconds": round(time.monotonic() - started, 1),
        "server_cpu_seconds": round(after - before, 2),
        "server_mb": round(memory),
    }


def main() -> None:
    """Print a line without watchers, and one with them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "service"))
        server.start()
        try:
            time.sleep(1)  # what is loaded with the first requests is not of the watchers
            print(json.dumps({"idle_mb": round(figures(server)[1])}), flush=True)
            for watchers in (0, asked.watchers):
                print(json.dumps(asyncio.run(run(server, watchers))), flush=True)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
