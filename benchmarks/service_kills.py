"""Kill a busy service and its searches at random moments, and see what is left in the end.

    python benchmarks/service_kills.py --kills 100

The service is `automl serve` with two searches at a time and a few that wait; a search is
`automl search` on iris with two trials. Killed with SIGKILL are the server, the process group of a
search, or both. A server that was killed is started again at once. Between kills searches are
submitted, each twice with the same `Idempotency-Key` as a client would that has lost the answer,
and some are paused and taken up again. Looked at after every kill: no search has two processes. In
the end every search that was submitted must be there once and be finished (or have failed, if its
process was killed three times in a row), with the trials that were asked for in its study and each
of them once among its events, and no process may be left.

The tests run the same with 2 kills.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automl.service.events import read
from automl.service.locks import is_held
from automl.study.view import read_study

SMALL = {
    "trials": 2,
    "max_epochs": 1,
    "folds": 0,
    "finalists": 0,
    "baselines": [],
    "workers": 1,
    "family": ["mlp"],
    "fixed": {"model.width": 16},
    "onnx": False,
    "report": False,
}

PASSWORD = "four lazy words here"

MAIN = ("-c", "from automl.cli import main; main()")


class Server:
    """`automl serve` on a folder, started and killed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.token = ""
        self.address = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and log in where nobody has yet."""
        options = ("--port", "0", "--root", str(self.root), "--max-running", "2")
        with (self.root.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *MAIN, "serve", *options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().split()[-1].rstrip("/")
        if not self.token:
            invitation = self.process.stdout.readline().strip().split("#invitation=")[1]
            body = {"invitation": invitation, "name": "ada", "password": PASSWORD}
            _, headers = self.ask("POST", "/v1/invitations/accept", body)
            cookie = headers["set-cookie"].split(";")[0]
            made, _ = self.ask("POST", "/v1/tokens", {"name": "kills"}, Cookie=cookie)
            self.token = made["token"]
            body = {"limits": {"running": 2}}
            self.ask("PATCH", "/v1/users/ada", body)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, Any]:
        """Send a request; return the body and the headers of the answer."""
        content = None if body is None else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"Content-Type": "application/json"}
        if self.token:
            headers |= {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.address + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers

    def kill(self) -> None:
        """Kill it, and nothing else."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        self.process.communicate(timeout=60)
        return self.process.returncode


@dataclass
class Tally:
    """What was done, and what came of it."""

    victims: Counter[str] = field(default_factory=Counter)
    keys: dict[str, str] = field(default_factory=dict)
    states: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    pauses: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """Kills of any process."""
        return self.victims.total()


def processes(root: Path) -> dict[Path, list[int]]:
    """Return the processes of searches, by the folder of the search."""
    found: dict[Path, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"service.search_process import main" in (path / "cmdline").read_bytes():
                state = (path / "stat").read_text().rpartition(")")[2].split()[0]
                folder = Path(os.readlink(path / "cwd"))
                if state != "Z" and root in folder.parents:
                    found.setdefault(folder, []).append(int(path.name))
    return found


def submit(server: Server, tally: Tally) -> None:
    """Submit a search twice with one key, as a client that has lost the answer."""
    key = f"key-{len(tally.keys)}"
    body = {"dataset": "iris", "options": SMALL}
    answers = [
        server.ask("POST", "/v1/searches", body, Idempotency_Key=key)[0]["id"] for _ in range(2)
    ]
    if answers[0] != answers[1]:
        tally.faults.append(f"{key}: was submitted as {answers}")
    tally.keys[key] = answers[0]


def kill_one(server: Server, tally: Tally, chance: random.Random) -> None:
    """Kill the server, a search, or both; the server is started again."""
    running = [pid for pids in processes(server.root).values() for pid in pids]
    victim = chance.choice(["server", "server", "search", "both"]) if running else "server"
    if victim != "server":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(chance.choice(running), signal.SIGKILL)
    if victim != "search":
        server.kill()
        server.start()
    tally.victims[victim] += 1
    doubled = {f.name: pids for f, pids in processes(server.root).items() if len(pids) > 1}
    if doubled:
        tally.faults.append(f"two processes: {doubled}")


def pause_one(server: Server, tally: Tally, chance: random.Random) -> None:
    """Pause a search that is not over, or take up one that is paused."""
    facts, _ = server.ask("GET", "/v1/searches")
    open_ones = [f for f in facts if f["state"] in ("queued", "running", "paused")]
    if open_ones:
        one = chance.choice(open_ones)
        state = "queued" if one["state"] == "paused" else "paused"
        with contextlib.suppress(urllib.error.HTTPError):  # it has ended meanwhile
            server.ask("PATCH", f"/v1/searches/{one['id']}", {"state": state})
            tally.pauses += 1


def wait_for_the_end(server: Server) -> list[dict[str, Any]]:
    """Take up what is paused, and return all searches when none is open."""
    while True:
        facts: list[dict[str, Any]] = server.ask("GET", "/v1/searches")[0]
        for one in facts:
            if one["state"] == "paused":
                server.ask("PATCH", f"/v1/searches/{one['id']}", {"state": "queued"})
        if all(one["state"] in ("finished", "failed", "cancelled") for one in facts):
            return facts
        time.sleep(0.2)


def check(server: Server, facts: list[dict[str, Any]], tally: Tally) -> None:
    """Look at every search that was submitted."""
    by_id = {one["id"]: one for one in facts}
    if set(by_id) != set(tally.keys.values()):
        tally.faults.append(f"submitted {sorted(tally.keys.values())}, there are {sorted(by_id)}")
    for one in facts:
        tally.states[one["state"]] += 1
        tally.attempts += one["attempt"]
        folder = server.root / "searches" / one["id"]
        tally.faults += [f"{one['id']}: {fault}" for fault in faults_of(folder, one)]
    if left := processes(server.root):
        tally.faults.append(f"left behind: {left}")


def faults_of(folder: Path, facts: dict[str, Any]) -> list[str]:
    """Return what is wrong with a search that is over."""
    events = list(read(folder / "events.jsonl"))
    kinds = Counter(event.kind for event in events)
    numbers = Counter(json.loads(e.data)["number"] for e in events if e.kind == "trial")
    found = []
    if max(numbers.values(), default=1) > 1:
        found.append(f"trials that were told twice: {numbers}")
    if is_held(folder / "run.lock"):
        found.append("its lock is held")
    if facts["state"] == "failed":
        return found if "without a word" in facts["error"] else [*found, facts["error"]]
    os.environ["AUTOML_STUDIES"] = str(folder / "studies")
    study = read_study(facts["name"])
    mine = sorted(record.number for record in study.records)
    if mine != list(range(SMALL["trials"])) or study.running:
        found.append(f"the study has the trials {mine}, {study.running} running")
    if sorted(numbers) != mine:
        found.append(f"the events have the trials {sorted(numbers)}")
    if kinds["finished"] != 1 or kinds["started"] != facts["attempt"]:
        found.append(f"attempt {facts['attempt']}, and the events {dict(kinds)}")
    return found


def run(kills: int, seed: int, root: Path, longest: float = 3.0, busy: int = 3) -> Tally:
    """Kill that often, and look at what is left.

    Parameters
    ----------
    kills, seed : int
    root : Path
        Folder of the service, which is made.
    longest : float
        Seconds between two kills, at most.
    busy : int
        Searches that wait or run before each kill.
    """
    chance, tally, server = random.Random(seed), Tally(), Server(root)
    server.start()
    try:
        while tally.kills < kills:
            waiting = server.ask("GET", "/v1/searches")[0]
            while sum(one["state"] in ("queued", "running") for one in waiting) < busy:
                submit(server, tally)
                waiting = server.ask("GET", "/v1/searches")[0]
            if chance.random() < 0.2:
                pause_one(server, tally, chance)
            time.sleep(chance.uniform(0.0, longest))
            kill_one(server, tally, chance)
        check(server, wait_for_the_end(server), tally)
        if (code := server.stop()) not in (0, -signal.SIGTERM):
            tally.faults.append(f"the server ended with {code}")
    finally:
        server.kill()
    return tally


def main() -> None:
    """Print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        tally = run(asked.kills, asked.seed, Path(folder, "service"))
        seconds = time.monotonic() - started
    print(f"{tally.kills} kills in {seconds:.0f} s: {dict(tally.victims)}; {tally.pauses} pauses")
    print(f"{len(tally.keys)} searches: {dict(tally.states)}, {tally.attempts} processes")
    print(f"{len(tally.faults)} faults")
    for fault in tally.faults:
        print(" ", fault)
    sys.exit(bool(tally.faults))


if __name__ == "__main__":
    main()
