"""`Registry`: models with names, versions and aliases, kept apart from the searches they are from.

A version is a copy of a search's best bundle, and never changes. An alias, such as ``production``,
points to a version; where it pointed before is kept, to roll back.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from automl.bundle.archive import copy_bundle
from automl.bundle.format import MODEL, read_info, sha256
from automl.service import audit
from automl.service.access import User, missing
from automl.service.account_rows import limits_of
from automl.service.database import Database, models, promotions, versions
from automl.service.model_files import folder_bytes, stored_bytes, sweep_models
from automl.service.model_rows import (
    PRODUCTION,
    add_version,
    aliases_of,
    describe_model,
    find_model,
    resolve_version,
    version_numbers,
    visible_models,
)
from automl.service.problems import Problem
from automl.service.settings import ServiceSettings
from automl.service.signature import signature_of

CACHE_SECONDS = 2.0
"""Time for which a name is not looked up again; a change in this process empties the cache."""

MOST_CACHED = 1000

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was looked up.

    Attributes
    ----------
    name : str
        The model's.
    number : int
    versions : tuple of int
        All that the model has.
    folder : Path
        Its bundle, whose files never change.
    signature : mapping
        See `automl.service.signature.signature_of`.
    """

    name: str
    number: int
    versions: tuple[int, ...]
    folder: Path
    signature: Mapping[str, Any]


class Registry:
    """The models of a service.

    Parameters
    ----------
    settings : ServiceSettings
    database : Database
    """

    def __init__(self, settings: ServiceSettings, database: Database) -> None:
        self._settings, self._database, self._folder = settings, database, settings.models
        self._cache: dict[tuple[int, bool, str, str | None], tuple[float, Version]] = {}
        sweep_models(database, self._folder)

    def pin(
        self, user: User, name: str, search: str, bundle: Path, address: str
    ) -> tuple[dict[str, Any], bool]:
        """Keep a copy of a bundle as the newest version of the user's model of that name.

        The bundle that is the newest version already is not kept twice.

        Parameters
        ----------
        user : User
        name : str
        search : str
            Id of the search whose bundle it is.
        bundle : Path
        address : str
            Where the request came from.

        Returns
        -------
        dict
            The model, as `get` returns it.
        bool
            Whether there is a new version.

        Raises
        ------
        BundleError
            When the bundle is not whole.
        Problem
            413 when the user may not keep so many bytes.
        """
        if not NAME.fullmatch(name):
            raise Problem(
                422,
                "the name must be 1 to 100 letters, digits, dots, hyphens or underscores, and start"
                f" with one of the first two, but got {name!r:.120}",
            )
        made = self._folder / f"new-{secrets.token_hex(8)}"
        copy_bundle(bundle, made)
        try:
            signature, digest = json.dumps(signature_of(read_info(made))), sha256(made / MODEL)
            with self._database.write() as connection:
                added = add_version(connection, user, name, (search, digest, signature))
                if added is not None:
                    model, number = added
                    self._check_room(connection, user, folder_bytes(made))
                    (self._folder / model).mkdir(exist_ok=True)
                    made.rename(self._folder / model / str(number))
                    audit.record(connection, user.name, "model.pin", f"{name}/{number}", address)
        finally:
            shutil.rmtree(made, ignore_errors=True)  # it was moved, if all went well
        self._cache.clear()
        return self.get(user, name), added is not None

    def _check_room(self, connection: Connection, user: User, more: int) -> None:
        most = limits_of(connection, user.id, self._settings.limits).bytes
        # The new version has a row already, and no files yet.
        if stored_bytes(connection, user.id, self._folder) + more > most:
            raise Problem(
                413,
                f"the model has {more:,} bytes, and too few are left of the {most:,} bytes of"
                f" {user.name}; delete data sets, or versions of models",
            )

    def list(self, user: User) -> list[dict[str, Any]]:
        """Return the models that a user may see, by name."""
        with self._database.read() as connection:
            return [describe_model(connection, row) for row in visible_models(connection, user)]

    def get(self, user: User, name: str) -> dict[str, Any]:
        """Return a model with its versions and aliases.

        Raises
        ------
        Problem
            404 when the user sees none of that name.
        """
        with self._database.read() as connection:
            return describe_model(connection, find_model(connection, user, name))

    def find(self, user: User, name: str, version: str | None = None) -> Version:
        """Return a version by its number or an alias; see `PRODUCTION` for when none is named.

        Raises
        ------
        Problem
            404 when the user sees none.
        """
        key = user.id, user.sees_all, name, version
        kept = self._cache.get(key)
        now = time.monotonic()
        if kept is not None and kept[0] > now:
            return kept[1]
        with self._database.read() as connection:
            row = find_model(connection, user, name)
            numbers = version_numbers(connection, row["id"])
            number = resolve_version(connection, row, version)
            own = (versions.c.model_id == row["id"]) & (versions.c.version == number)
            text = connection.execute(select(versions.c.signature).where(own)).scalar_one()
        folder = self._folder / row["id"] / str(number)
        found = Version(name, number, numbers, folder, json.loads(text))
        if len(self._cache) >= MOST_CACHED:
            self._cache.clear()
        self._cache[key] = now + CACHE_SECONDS, found
        return found

    def kept(self, user: User, name: str, version: str | None = None) -> Version | None:
        """Return what `find` would, if it was looked up a moment ago; this never waits."""
        kept = self._cache.get((user.id, user.sees_all, name, version))
        return kept[1] if kept is not None and kept[0] > time.monotonic() else None

    def promote(self, user: User, name: str, alias: str, version: str, address: str) -> None:
        """Let an alias point to a version.

        Raises
        ------
        Problem
            404 when the user has no such version.
        """
        if not NAME.fullmatch(alias) or alias.isdecimal():
            raise Problem(422, f"an alias must be a word such as {PRODUCTION}, not {alias!r:.120}")
        with self._database.write() as connection:
            row = find_model(connection, user, name, to_write=True)
            number = resolve_version(connection, row, version)
            values = {"model_id": row["id"], "alias": alias, "version": number, "at": time.time()}
            if aliases_of(connection, row["id"]).get(alias) != number:
                connection.execute(insert(promotions).values(values))
            audit.record(
                connection, user.name, "model.promote", f"{name}/{number} as {alias}", address
            )
        self._cache.clear()

    def roll_back(self, user: User, name: str, alias: str, address: str) -> None:
        """Let an alias point to where it pointed before.

        Raises
        ------
        Problem
            404 when there is no such alias, 409 when it pointed nowhere before.
        """
        with self._database.write() as connection:
            row = find_model(connection, user, name, to_write=True)
            its = (promotions.c.model_id == row["id"]) & (promotions.c.alias == alias)
            wanted = select(promotions.c.id).where(its).order_by(promotions.c.id.desc()).limit(2)
            found = connection.execute(wanted).scalars().all()
            if not found:
                raise missing("alias", alias)
            if len(found) == 1:
                raise Problem(409, f"{alias} has pointed to one version only; promote another")
            connection.execute(delete(promotions).where(promotions.c.id == found[0]))
            audit.record(connection, user.name, "model.roll-back", f"{name}: {alias}", address)
        self._cache.clear()

    def drop_alias(self, user: User, name: str, alias: str, address: str) -> None:
        """Delete an alias, and where it pointed.

        Raises
        ------
        Problem
            404 when there is none.
        """
        with self._database.write() as connection:
            row = find_model(connection, user, name, to_write=True)
            its = (promotions.c.model_id == row["id"]) & (promotions.c.alias == alias)
            if not connection.execute(delete(promotions).where(its)).rowcount:
                raise missing("alias", alias)
            audit.record(connection, user.name, "model.drop-alias", f"{name}: {alias}", address)
        self._cache.clear()

    def delete(self, user: User, name: str, address: str) -> None:
        """Delete a model with all of its versions.

        Raises
        ------
        Problem
            404 when the user has none of that name.
        """
        with self._database.write() as connection:
            row = find_model(connection, user, name, to_write=True)
            connection.execute(delete(models).where(models.c.id == row["id"]))
            audit.record(connection, user.name, "model.delete", name, address)
        self._cache.clear()
        shutil.rmtree(self._folder / row["id"], ignore_errors=True)

    def delete_version(self, user: User, name: str, version: str, address: str) -> None:
        """Delete a version to which no alias points.

        Raises
        ------
        Problem
            404 when there is none, 409 when an alias points to it.
        """
        with self._database.write() as connection:
            row = find_model(connection, user, name, to_write=True)
            number = resolve_version(connection, row, version)
            pointing = [a for a, v in aliases_of(connection, row["id"]).items() if v == number]
            if pointing:
                raise Problem(409, f"{pointing[0]} points to version {number}; promote another one")
            for table in (promotions, versions):
                own = (table.c.model_id == row["id"]) & (table.c.version == number)
                connection.execute(delete(table).where(own))
            audit.record(connection, user.name, "model.delete-version", f"{name}/{number}", address)
        self._cache.clear()
        shutil.rmtree(self._folder / row["id"] / str(number), ignore_errors=True)
