"""The files of models: what they count towards what a user may store, and what a kill has left."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, func, select

from automl.service.database import Database, datasets, is_new, models, versions


def stored_bytes(connection: Connection, user_id: int, folder: Path) -> int:
    """Return the bytes of a user's data sets and models, each counted for everybody who has it.

    The files of models are measured each time: they never change, a version has about six, and the
    database holds no size that could differ from them.

    Parameters
    ----------
    connection : Connection
    user_id : int
    folder : Path
        Where the models lie.
    """
    total = select(func.coalesce(func.sum(datasets.c.bytes), 0))
    used = int(connection.execute(total.where(datasets.c.owner == user_id)).scalar_one())
    kept = select(versions.c.model_id, versions.c.version).join_from(versions, models)
    rows = connection.execute(kept.where(models.c.owner == user_id)).all()
    return used + sum(folder_bytes(folder / row.model_id / str(row.version)) for row in rows)


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files in a folder; those that are deleted meanwhile count nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.stat(os.path.join(place, name)).st_size
    return total


def sweep_models(database: Database, folder: Path) -> None:
    """Delete what a killed process has left: half a copy, and versions without a row.

    A version that was moved into place without its row would be in the way of the next one, which
    gets its number.
    """
    with database.read() as connection:
        if is_new(connection):
            return
        rows = connection.execute(select(versions.c.model_id, versions.c.version)).all()
    known = {(row.model_id, str(row.version)) for row in rows}
    models_of_rows = {model for model, _ in known}
    for model in folder.iterdir():
        if model.name not in models_of_rows:
            shutil.rmtree(model, ignore_errors=True)
            continue
        for version in model.iterdir():
            if (model.name, version.name) not in known:
                shutil.rmtree(version, ignore_errors=True)
