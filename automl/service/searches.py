"""Searches as rows: submitting, finding, changing and deleting them."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from automl.registry import list_names
from automl.service import audit
from automl.service.access import User, missing, visible
from automl.service.account_rows import limits_of
from automl.service.database import Database, datasets, is_new, searches, users
from automl.service.datasets import UNFINISHED, find_dataset
from automl.service.events import append
from automl.service.problems import Problem
from automl.service.search_folder import SearchFolder
from automl.service.settings import ServiceSettings

MOST_UNFINISHED = 1000
"""Searches of a user that wait, run or pause."""

GONE = "deleted"
"""What a search is wanted to become whose process has to be ended before its files go."""

ENDED = ("finished", "failed", "cancelled")


class Searches:
    """The searches of a service.

    Parameters
    ----------
    settings : ServiceSettings
    database : Database
    """

    def __init__(self, settings: ServiceSettings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._sweep()

    def folder(self, search_id: str) -> SearchFolder:
        """Return where a search lies."""
        return SearchFolder(self._settings.searches / search_id)

    def submit(
        self,
        user: User,
        *,
        name: str | None,
        dataset: str,
        options: Mapping[str, Any],
        priority: int,
        key: str | None,
        address: str,
    ) -> tuple[RowMapping, bool]:
        """Queue a search; return it, and whether it is new.

        Parameters
        ----------
        user : User
        name : str or None
            By default the name of the data set.
        dataset : str
            A data set of the user, or one that comes with automl.
        options : mapping of str to Any
            Checked ones.
        priority : int
        key : str or None
            The client's: the same key and content is the same search.
        address : str

        Raises
        ------
        Problem
            404 without such a data set, 409 beyond the user's limits, 422 when the key was used
            for something else.
        """
        content = json.dumps([name, dataset, options, priority], sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()
        search_id = secrets.token_hex(8)
        folder = self.folder(search_id)
        with self._database.write() as connection:
            if key is not None and (known := _by_key(connection, user, key)) is not None:
                if known["key_digest"] != digest:
                    used = f"the Idempotency-Key {key!r:.80} was used for another search"
                    raise Problem(422, used)
                return find_search(connection, user, known["id"]), False
            _check_limits(connection, user, self._settings)
            now = time.time()
            row = {
                "id": search_id,
                "owner": user.id,
                "name": name or dataset,
                "dataset": dataset,
                "dataset_id": _dataset_id(connection, user, dataset),
                "options": json.dumps(dict(options)),
                "priority": priority,
                "state": "queued",
                "attempt": 0,
                "crashes": 0,
                "created": now,
                "queued": now,
                "compute_seconds": 0.0,
                "key": key,
                "key_digest": digest if key is not None else None,
            }
            # The folder first: one without a row is swept, a row without a folder would be lost.
            folder.path.mkdir(mode=0o700)
            append(folder.events, "queued", 1)
            connection.execute(insert(searches).values(row))
            audit.record(connection, user.name, "search.create", search_id, address)
            return find_search(connection, user, search_id), True

    def list(self, user: User, most: int) -> list[RowMapping]:
        """Return the searches that a user may see, the newest first."""
        newest = searches.c.created.desc()
        wanted = _shown().where(visible(searches, user)).order_by(newest).limit(most)
        with self._database.read() as connection:
            return list(connection.execute(wanted).mappings())

    def find(self, user: User, search_id: str) -> RowMapping:
        """Return a search.

        Raises
        ------
        Problem
            404 when there is none that the user may see.
        """
        with self._database.read() as connection:
            return find_search(connection, user, search_id)

    def change(
        self, user: User, search_id: str, changes: Mapping[str, Any], address: str
    ) -> RowMapping:
        """Change a search: `priority`, `options` and the `state` that is wanted.

        Raises
        ------
        Problem
            404, or 409 when it cannot become so.
        """
        with self._database.write() as connection:
            row = find_search(connection, user, search_id, lock=True)
            values = dict(changes)
            state = values.pop("state", None)
            if "options" in values:
                options = json.loads(row["options"]) | values["options"]
                values["options"] = json.dumps(options)
                if state is None and row["state"] in ("running", "finished"):
                    state = "queued"  # taken up with more
                    values["wanted"] = "queued"
            if state is not None:
                values |= self._become(row, state, more="options" in values)
            here = searches.c.id == search_id
            if values:
                connection.execute(update(searches).where(here).values(values))
            what = json.dumps(dict(changes))
            audit.record(connection, user.name, "search.change", f"{search_id} {what}", address)
            return find_search(connection, user, search_id)

    def _become(self, row: RowMapping, state: str, *, more: bool) -> dict[str, Any]:
        """Return the values of a row that is to become queued, paused or cancelled."""
        now, folder = row["state"], self.folder(row["id"])
        if now == "running":
            # The queue ends the process first. Running on is what "queued" means for one that
            # nobody has told to stop, unless it is to have more.
            return {"wanted": None if state == "queued" and not (more or row["wanted"]) else state}
        if state == now:
            return {}
        if state == "queued":
            if row["dataset_id"] is None and row["dataset"] not in own_datasets():
                raise Problem(409, f"its data set {row['dataset']!r} was deleted")
            append(folder.events, "queued", row["attempt"] + 1)
            return {"state": "queued", "queued": time.time(), "error": None, "crashes": 0}
        if now in ENDED:
            raise Problem(409, f"a search that is {now} cannot become {state}")
        append(folder.events, state, row["attempt"])
        return {"state": state, "ended": time.time() if state == "cancelled" else None}

    def remove(self, user: User, search_id: str, address: str) -> None:
        """Delete a search and everything of it; one that runs is ended first, within seconds.

        Raises
        ------
        Problem
            404 when there is none that the user may see.
        """
        with self._database.write() as connection:
            row = find_search(connection, user, search_id, lock=True)
            here = searches.c.id == search_id
            connection.execute(update(searches).where(here).values(wanted=GONE))
            audit.record(connection, user.name, "search.delete", search_id, address)
        if row["state"] != "running":
            self.erase(search_id)

    def erase(self, search_id: str) -> None:
        """Delete the files and then the row of a search without a process."""
        shutil.rmtree(self.folder(search_id).path, ignore_errors=True)
        with self._database.write() as connection:
            connection.execute(delete(searches).where(searches.c.id == search_id))

    def _sweep(self) -> None:
        """Finish what a killed service has begun: deletions, and submissions without a row."""
        with self._database.read() as connection:
            if is_new(connection):
                return
            known = {row.id: row for row in connection.execute(select(searches))}
        for path in self._settings.searches.iterdir():
            if path.name not in known:
                shutil.rmtree(path, ignore_errors=True)
        for row in known.values():
            if row.wanted == GONE and row.state != "running":
                self.erase(row.id)


def own_datasets() -> list[str]:
    """Return the names of the data sets that come with automl."""
    return list_names("automl.data.sources")


def find_search(
    connection: Connection, user: User, search_id: str, *, lock: bool = False
) -> RowMapping:
    """Return a search that a user may see.

    Parameters
    ----------
    connection : Connection
    user : User
    search_id : str
    lock : bool
        Whether nobody else may change it in this transaction; SQLite has one writer anyway.

    Raises
    ------
    Problem
        404 when there is none.
    """
    wanted = _shown().where(visible(searches, user), searches.c.id == search_id)
    if lock:
        wanted = wanted.with_for_update(of=searches)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise missing("search", search_id)
    return row


def _shown() -> Any:
    is_there = searches.c.wanted.is_(None) | (searches.c.wanted != GONE)
    columns = [c for c in searches.c if c.name != "owner"]
    owner = (users.c.name.label("owner"), searches.c.owner.label("owner_id"))
    return select(*columns, *owner).join_from(searches, users).where(is_there)


def _by_key(connection: Connection, user: User, key: str) -> RowMapping | None:
    mine = (searches.c.owner == user.id) & (searches.c.key == key)
    return connection.execute(select(searches).where(mine)).mappings().first()


def _dataset_id(connection: Connection, user: User, name: str) -> str | None:
    """Return the id of a data set of the user; None for one that comes with automl."""
    mine = (datasets.c.owner == user.id) & (datasets.c.name == name)
    found: str | None = connection.execute(select(datasets.c.id).where(mine)).scalar()
    if found is None and name not in own_datasets():
        return str(find_dataset(connection, user, name)["id"])  # which says that it is missing
    return found


def _check_limits(connection: Connection, user: User, settings: ServiceSettings) -> None:
    limits = limits_of(connection, user.id, settings.limits)
    used = connection.execute(
        select(users.c.compute_seconds).where(users.c.id == user.id)
    ).scalar_one()
    if used >= limits.compute_seconds:
        raise Problem(
            409,
            f"{user.name} has used {used:,.0f} of {limits.compute_seconds:,} seconds of"
            " compute; an administrator can allow more",
        )
    mine = (searches.c.owner == user.id) & searches.c.state.in_(UNFINISHED)
    count = connection.execute(select(func.count()).select_from(searches).where(mine)).scalar_one()
    if count >= MOST_UNFINISHED:
        raise Problem(
            409,
            f"{user.name} has {count} searches that are not finished; the most is"
            f" {MOST_UNFINISHED}",
        )
