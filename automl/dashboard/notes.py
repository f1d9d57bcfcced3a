"""What optuna-dashboard shows beside the numbers: the verdict as a note, files as artifacts.

Both are system attributes in Optuna's schema, in the forms of `optuna_dashboard.save_note` and
`optuna.artifacts.upload_artifact`; those write row by row with Optuna's storage, and here it is
one transaction of the process that owns the study.
"""

from __future__ import annotations

import json
import mimetypes
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from automl.errors import StudyError
from automl.result import SearchResult
from automl.study.folder import StudyFolder
from automl.study.study import Study

NOTE_LENGTH = 2045
"""Characters a part of a note (`optuna_dashboard._note.SYSTEM_ATTR_MAX_LENGTH`)."""

_NAMESPACE = uuid.UUID("6f1b6a1e-0f0b-4c55-8f0a-3a6f6f2f7a10")
"""Namespace of artifact ids: a file keeps its id, so that a later search replaces it."""


def attach(study: Study, result: SearchResult) -> None:
    """Write the note, and offer the report and the winner's bundle as artifacts.

    Parameters
    ----------
    study : Study
        Held by this process.
    result : SearchResult

    Raises
    ------
    StudyError
        When the folder or the database cannot be written.
    """
    try:
        _attach(study, result)
    except (OSError, SQLAlchemyError) as error:
        raise StudyError(f"the dashboard's notes cannot be written: {error}") from None


def _attach(study: Study, result: SearchResult) -> None:
    folder = study.folder
    folder.artifacts.mkdir(exist_ok=True)
    report = [_keep(study, folder.report)] if folder.report.exists() else []
    bundle = sorted(p for p in folder.best.iterdir() if p.is_file()) if result.best else []
    files = [_keep(study, path) for path in bundle]
    tables = MetaData()
    names = ("study_system_attributes", "trial_system_attributes", "trials")
    tables.reflect(study.store.engine, only=names)
    of_study, of_trials, trials = (tables.tables[name] for name in names)
    with study.store.engine.begin() as connection:
        _write_note(connection, of_study, study.study_id, note(result))
        mine = trials.c.study_id == study.study_id
        known = [_key(meta) for meta in [*report, *files]]
        for table, owned in (
            (of_study, of_study.c.study_id == study.study_id),
            (of_trials, of_trials.c.trial_id.in_(select(trials.c.trial_id).where(mine))),
        ):
            connection.execute(delete(table).where(owned & table.c.key.in_(known)))
        _add(connection, of_study, {"study_id": study.study_id}, report)
        if result.best is not None:
            here = mine & (trials.c.number == result.best.number)
            trial_id = connection.execute(select(trials.c.trial_id).where(here)).scalar_one()
            _add(connection, of_trials, {"trial_id": trial_id}, files)


def note(result: SearchResult) -> str:
    """Write the study's note, in Markdown."""
    if result.verdict is None:
        said = "The search was stopped before anything was judged on the test split."
        return f"## {result.study}\n\n{said}\n"
    page = StudyFolder(Path(result.folder)).report
    first = f"**{result.headline}**\n\n" if result.headline else ""
    best = f"The winner is trial {result.best.number}.\n\n" if result.best else ""
    return f"## {result.study}\n\n{first}{result.verdict}\n\n{best}The page: `{page}`\n"


def _write_note(connection: Connection, table: Table, study_id: int, text: str) -> None:
    """Replace the note, and raise its version: an open page sees that its copy is old."""
    mine = table.c.study_id == study_id
    here = mine & (table.c.key == "dashboard:note_ver")
    before = connection.execute(select(table.c.value_json).where(here)).scalar()
    parts = mine & table.c.key.startswith("dashboard:note_str:")
    connection.execute(delete(table).where(here | parts))
    pieces = [text[i : i + NOTE_LENGTH] for i in range(0, len(text), NOTE_LENGTH)]
    attrs: dict[str, Any] = {"dashboard:note_ver": int(json.loads(before or "0")) + 1}
    attrs |= {f"dashboard:note_str:{i}": piece for i, piece in enumerate(pieces)}
    rows = [
        {"study_id": study_id, "key": key, "value_json": json.dumps(value)}
        for key, value in attrs.items()
    ]
    connection.execute(insert(table), rows)


def _keep(study: Study, path: Path) -> dict[str, Any]:
    """Put a file where the dashboard finds it; returns what Optuna notes of an artifact."""
    identity = str(uuid.uuid5(_NAMESPACE, f"{study.folder.name}/{path.name}"))
    kept = study.folder.artifacts / identity
    kept.unlink(missing_ok=True)
    try:
        os.link(path, kept)  # no second copy of the weights
    except OSError:
        shutil.copyfile(path, kept)
    kind, encoding = mimetypes.guess_type(path.name)
    return {
        "artifact_id": identity,
        "filename": path.name,
        "mimetype": kind or "application/octet-stream",
        "encoding": encoding,
    }


def _key(meta: dict[str, Any]) -> str:
    return f"artifacts:{meta['artifact_id']}"


def _add(
    connection: Connection, table: Table, owner: dict[str, int], metas: Iterable[dict[str, Any]]
) -> None:
    # Optuna stores the description as JSON in JSON.
    rows = [
        {**owner, "key": _key(meta), "value_json": json.dumps(json.dumps(meta))} for meta in metas
    ]
    if rows:
        connection.execute(insert(table), rows)
