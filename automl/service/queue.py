"""The queue: whose search is next, and what becomes of those that run.

It is one thread. What it decides stands in the database before it is done, and what was done is
seen from the outside (a lock, a note in the search's folder), so that it can be killed between any
two steps, and another one goes on from there.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, select, update

from automl.service.account_rows import limits_of
from automl.service.database import Database, datasets, searches, users
from automl.service.events import append
from automl.service.runner import Runner
from automl.service.search_folder import SearchFolder
from automl.service.searches import GONE, Searches
from automl.service.settings import Limits, ServiceSettings

LOOK_SECONDS = 0.25
"""Time between two looks; a request wakes it before."""

CANCEL_SECONDS = 5.0
"""Time in which a search that is cancelled may end by itself."""

MOST_CRASHES = 3
"""Processes in a row that end without a word before a search fails: it may be the cause."""

LEAST_SECONDS = 5.0
"""Time budget of a search that is taken up when its own is over, to conclude."""

logger = logging.getLogger("automl.service")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A search that waits."""

    id: str
    owner: int
    priority: int
    queued: float


def in_order(waiting: Iterable[Waiting], running: Counter[int]) -> list[Waiting]:
    """Return the order of a queue: priority, then the user with the least running, then age.

    A search that is taken counts as running for those that come behind it.
    """
    left, counts, ordered = list(waiting), Counter(running), []
    while left:
        taken = min(left, key=lambda w: (-w.priority, counts[w.owner], w.queued, w.id))
        left.remove(taken)
        counts[taken.owner] += 1
        ordered.append(taken)
    return ordered


class Queue:
    """Starts, watches and ends searches.

    Parameters
    ----------
    settings : ServiceSettings
    database : Database
    all_searches : Searches
    """

    def __init__(
        self, settings: ServiceSettings, database: Database, all_searches: Searches
    ) -> None:
        self._settings = settings
        self._database = database
        self._searches = all_searches
        self._runner = Runner()
        self._wake = threading.Event()
        self._ending = False
        self._asked: dict[str, float] = {}  # when a search was asked to end
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """End; the searches run on."""
        self._ending = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Let it look now."""
        self._wake.set()

    def positions(self) -> dict[str, int]:
        """Return the place of every waiting search, from 1."""
        waiting, running = self._waiting()
        return {w.id: place for place, w in enumerate(in_order(waiting, running), 1)}

    def _run(self) -> None:
        while not self._ending:
            try:
                self.look()
            except Exception:
                # The database may be away for a moment; searches run on meanwhile.
                logger.exception("the queue could not be looked at")
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()

    def look(self) -> None:
        """Do once what there is to do."""
        for row in self._running():
            if self._runner.is_alive(self._searches.folder(row["id"])):
                self._direct(row)
            else:
                self._conclude(row)
        while self._start_next():
            pass

    def _running(self) -> list[RowMapping]:
        with self._database.read() as connection:
            wanted = select(searches).where(searches.c.state == "running")
            return list(connection.execute(wanted).mappings())

    def _direct(self, row: RowMapping) -> None:
        """Tell a running search what is wanted of it."""
        folder, wanted, attempt = self._searches.folder(row["id"]), row["wanted"], row["attempt"]
        if wanted is None and self._is_over_limit(row):
            error = "the user's seconds of compute are used up; an administrator can allow more"
            self._update(row["id"], wanted="paused", error=error)
        elif wanted == GONE:
            self._runner.kill(folder, attempt)
        elif wanted is not None:
            now = time.monotonic()
            if row["id"] not in self._asked and self._runner.stop(folder, attempt):
                self._asked[row["id"]] = now
            is_late = now - self._asked.get(row["id"], now) > CANCEL_SECONDS
            if wanted == "cancelled" and is_late:
                self._runner.kill(folder, attempt)

    def _is_over_limit(self, row: RowMapping) -> bool:
        limits, used = self._limits(row["owner"])
        return bool(used + time.time() - row["started"] > limits.compute_seconds)

    def _conclude(self, row: RowMapping) -> None:
        """Write down what became of a search whose process is gone."""
        folder, attempt = self._searches.folder(row["id"]), row["attempt"]
        self._asked.pop(row["id"], None)
        if row["wanted"] == GONE:
            self._searches.erase(row["id"])
            return
        ended, begun = folder.ended(attempt), folder.begun(attempt)
        seconds = _seconds(row, folder, ended, has_begun=begun is not None)
        values: dict[str, Any] = {"wanted": None, "crashes": 0}
        said: dict[str, Any] = {}
        if ended is not None and ended["status"] != "interrupted":
            values["state"] = ended["status"]
            said = {name: ended[name] for name in ended if name not in ("attempt", "status")}
        elif row["wanted"] is not None:
            values["state"] = row["wanted"]
        elif ended is not None:  # somebody on the machine has stopped it
            values["state"] = "paused"
        else:
            values |= self._after_crash(row, folder, has_begun=begun is not None)
        if values["state"] == "failed":
            said["error"] = values["error"] = said.get("error") or values.get("error")
        if row["wanted"] == "queued" and values["state"] == "finished":
            values["state"] = "queued"  # it was given more while it ended
        if values["state"] == "queued":
            values["queued"] = row["queued"]  # it keeps its place
            append(folder.events, "queued", attempt + 1)
        else:
            append(folder.events, values["state"], attempt, **said)
            values["ended"] = time.time()
        self._add_compute(row, seconds, values)

    def _after_crash(
        self, row: RowMapping, folder: SearchFolder, *, has_begun: bool
    ) -> dict[str, Any]:
        """Return what becomes of a search whose process has ended without a word."""
        crashes = row["crashes"] + has_begun
        if crashes < MOST_CRASHES:
            return {"state": "queued", "crashes": crashes}
        line = folder.last_line()
        error = f"its process ended {crashes} times without a word; the last line: {line}"
        return {"state": "failed", "error": error}

    def _add_compute(self, row: RowMapping, seconds: float, values: dict[str, Any]) -> None:
        total = {"compute_seconds": row["compute_seconds"] + seconds}
        mine = users.c.id == row["owner"]
        more = {"compute_seconds": users.c.compute_seconds + seconds}
        with self._database.write() as connection:
            # Only of this attempt: what was counted is never counted again.
            here = (searches.c.id == row["id"]) & (searches.c.attempt == row["attempt"])
            still = here & (searches.c.state == "running")
            if connection.execute(update(searches).where(still).values(values | total)).rowcount:
                connection.execute(update(users).where(mine).values(more))

    def _update(self, search_id: str, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(searches).where(searches.c.id == search_id).values(values))

    def _waiting(self) -> tuple[list[Waiting], Counter[int]]:
        with self._database.read() as connection:
            columns = [searches.c[n] for n in ("id", "owner", "priority", "queued", "state")]
            states = searches.c.state.in_(("queued", "running"))
            rows = connection.execute(select(*columns).where(states)).all()
        running = Counter(row.owner for row in rows if row.state == "running")
        waiting = [
            Waiting(row.id, row.owner, row.priority, row.queued)
            for row in rows
            if row.state == "queued"
        ]
        return waiting, running

    def _start_next(self) -> bool:
        """Start the search that is next; return whether there may be another one."""
        waiting, running = self._waiting()
        if sum(running.values()) >= self._settings.max_running:
            return False
        for candidate in in_order(waiting, running):
            # Each place in this order counts those before it, of which some are passed over.
            limits, used = self._limits(candidate.owner)
            if running[candidate.owner] < limits.running and used < limits.compute_seconds:
                self._start(candidate.id)
                return True
        return False

    def _limits(self, owner: int) -> tuple[Limits, float]:
        """Return what a user may have, and the seconds of compute that he has used."""
        with self._database.read() as connection:
            mine = select(users.c.compute_seconds).where(users.c.id == owner)
            used = connection.execute(mine).scalar_one()
            return limits_of(connection, owner, self._settings.limits), float(used)

    def _start(self, search_id: str) -> None:
        with self._database.write() as connection:
            here = (searches.c.id == search_id) & (searches.c.state == "queued")
            row = connection.execute(select(searches).where(here)).mappings().first()
            if row is None or row["wanted"] == GONE:
                return
            sha256 = connection.execute(
                select(datasets.c.sha256).where(datasets.c.id == row["dataset_id"])
            ).scalar()
            attempt = row["attempt"] + 1
            values = {"state": "running", "wanted": None, "attempt": attempt}
            values["started"] = time.time()
            connection.execute(update(searches).where(here).values(values))
        folder = self._searches.folder(search_id)
        append(folder.events, "started", attempt)
        if sha256 is not None:
            _link(folder.data / row["dataset"], self._settings.data / sha256)
        self._runner.start(folder, self._request(row, attempt, is_uploaded=sha256 is not None))

    def _request(self, row: RowMapping, attempt: int, *, is_uploaded: bool) -> dict[str, Any]:
        """Return what the process of a search is to do."""
        options = json.loads(row["options"])
        options.setdefault("workers", self._settings.workers)
        if options.get("time_budget") is not None:
            left = options["time_budget"] - row["compute_seconds"]
            options["time_budget"] = max(LEAST_SECONDS, left)
        dataset = f"data/{row['dataset']}" if is_uploaded else row["dataset"]
        return {"attempt": attempt, "study": row["name"], "dataset": dataset, "options": options}


def _link(path: Path, to: Path) -> None:
    """Give the data the name by which its user knows it; relative, so that backups can move."""
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(os.path.relpath(to, path.parent))


def _seconds(
    row: RowMapping, folder: SearchFolder, ended: dict[str, Any] | None, *, has_begun: bool
) -> float:
    """Return how long a process has run; of one that said nothing, until its last event."""
    if ended is not None:
        return float(ended["seconds"])
    if not has_begun:
        return 0.0
    try:
        return max(0.0, folder.events.stat().st_mtime - float(row["started"]))
    except OSError:
        return 0.0
