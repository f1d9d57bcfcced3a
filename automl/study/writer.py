"""The study store: Optuna's own schema, one writer, whole trials in one transaction.

Optuna's storage commits at every parameter and every report, 150 to 430 ms for a trial of ten
epochs; here a trial is two short transactions of about a millisecond. The tables are reflected
from a database that Optuna itself has made, and its schema version is checked, so
`optuna.load_study` and optuna-dashboard read what is written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy import update as sql_update

from automl.errors import StudyError
from automl.study.bulk_reader import QuickStorage
from automl.study.cell_codec import attribute_rows, number_columns, utc_now
from automl.study.claim import Claim
from automl.study.connection import CANNOT_OPEN, engine_options, explain, keep_in_wal
from automl.study.folder import StudyFolder
from automl.study.title import IDENTITY, find_title
from automl.study.urls import public_url

SCHEMA_VERSION = 12
"""Optuna's, unchanged from 3.0 to 5.0 (`optuna.storages._rdb.models.SCHEMA_VERSION`)."""

_TABLES = (
    "studies",
    "study_directions",
    "study_user_attributes",
    "trials",
    "trial_params",
    "trial_values",
    "trial_intermediate_values",
    "trial_user_attributes",
    "trial_system_attributes",
    "version_info",
)


class StudyStore:
    """One database, opened for writing by the one process that searches.

    Parameters
    ----------
    url : str
        SQLAlchemy's address. Made by Optuna when there is no database yet.

    Raises
    ------
    StudyError
        When it cannot be opened, or is not in Optuna's schema of the version that we write.

    Attributes
    ----------
    claim : Claim
        Studies of it that no other process may search meanwhile.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._optuna = QuickStorage(url, engine_kwargs=engine_options(url))
            keep_in_wal(self._optuna.engine)
            self.engine = self._optuna.engine
            self.claim = Claim(self.engine)
            metadata = MetaData()
            metadata.reflect(self.engine, only=_TABLES)
            self._tables: Mapping[str, Table] = metadata.tables
            self._check_version()
        except CANNOT_OPEN as error:
            raise StudyError(explain("cannot be opened", error, url)) from None

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Within, a database that turns out to be broken is a `StudyError`."""
        try:
            yield
        except CANNOT_OPEN as error:
            if isinstance(error, StudyError):
                raise
            raise StudyError(explain("cannot be read", error, self.url)) from None

    def close(self) -> None:
        """Let go of the database; a WAL is folded into the file."""
        self.claim.release()
        self._optuna.remove_session()
        self.engine.dispose()

    def find_study(self, name: str) -> int | None:
        """Return the id of the study of that name, if there is one."""
        studies = self._tables["studies"]
        with self.engine.connect() as connection:
            query = select(studies.c.study_id).where(studies.c.study_name == name)
            return connection.execute(query).scalar()

    def find_own(self, folder: StudyFolder, *, or_only: bool) -> tuple[int, str] | None:
        """Return the id and the name of the folder's study; see `find_title`."""
        title = find_title(folder, self._optuna, or_only=or_only)
        study_id = None if title is None else self.find_study(title)
        return None if title is None or study_id is None else (study_id, title)

    def rename_study(self, old: str, new: str) -> None:
        """Rename a study and what its baselines tried, all or nothing.

        Raises
        ------
        StudyError
            When the database has a study of the new name.
        """
        made = {s.study_name: IDENTITY in s.user_attrs for s in self._optuna.get_all_studies()}
        if new in made:
            raise StudyError(f"{public_url(self.url)}: has a study {new!r} already")
        studies = self._tables["studies"]
        with self.engine.begin() as connection:
            for name, ours in made.items():
                if name == old or (name.startswith(f"{old}-") and not ours):
                    change = sql_update(studies).where(studies.c.study_name == name)
                    renamed = new + name.removeprefix(old)
                    connection.execute(change.values(study_name=renamed))

    def delete_study(self, title: str) -> None:
        """Delete a study and what its baselines tried."""
        for study in self._optuna.get_all_studies():
            ours = IDENTITY in study.user_attrs
            if study.study_name == title or (study.study_name.startswith(f"{title}-") and not ours):
                self._optuna.delete_study(study._study_id)

    def create_study(self, name: str, direction: str) -> int:
        """Make a new study; `direction` is ``maximize`` or ``minimize``."""
        with self.engine.begin() as connection:
            study_id = _insert(connection, self._tables["studies"], study_name=name)
            row = {"direction": direction.upper(), "study_id": study_id, "objective": 0}
            _insert(connection, self._tables["study_directions"], **row)
        return study_id

    def study_attrs(self, study_id: int) -> dict[str, Any]:
        """Return the study's user attributes."""
        attrs = self._tables["study_user_attributes"]
        query = select(attrs.c.key, attrs.c.value_json).where(attrs.c.study_id == study_id)
        with self.engine.connect() as connection:
            return {key: json.loads(value) for key, value in connection.execute(query)}

    def set_study_attr(self, study_id: int, key: str, value: Any) -> None:
        """Set one user attribute of the study."""
        attrs = self._tables["study_user_attributes"]
        here = (attrs.c.study_id == study_id) & (attrs.c.key == key)
        text = json.dumps(value)
        with self.engine.begin() as connection:
            changed = connection.execute(sql_update(attrs).where(here).values(value_json=text))
            if changed.rowcount == 0:
                _insert(connection, attrs, study_id=study_id, key=key, value_json=text)

    def trials(self, study_id: int) -> list[FrozenTrial]:
        """Return every trial, by number."""
        trials = self._optuna.get_all_trials(study_id, deepcopy=False)
        return sorted(trials, key=lambda t: t.number)

    def begin_trial(
        self,
        study_id: int,
        number: int,
        params: Mapping[str, Any],
        distributions: Mapping[str, BaseDistribution],
    ) -> int:
        """Write a running trial with its parameters; returns its id."""
        with self.engine.begin() as connection:
            trial_id = _insert(
                connection,
                self._tables["trials"],
                number=number,
                study_id=study_id,
                state=TrialState.RUNNING.name,
                datetime_start=utc_now(),
            )
            rows = [
                {
                    "trial_id": trial_id,
                    "param_name": name,
                    "param_value": distribution.to_internal_repr(params[name]),
                    "distribution_json": distribution_to_json(distribution),
                }
                for name, distribution in distributions.items()
            ]
            _insert_all(connection, self._tables["trial_params"], rows)
        return trial_id

    def finish_trial(
        self,
        trial_id: int,
        state: TrialState,
        *,
        value: float | None,
        intermediate: Mapping[int, float],
        user_attrs: Mapping[str, Any],
        system_attrs: Mapping[str, Any] | None = None,
    ) -> None:
        """Write all that became of a trial, in one transaction."""
        trials = self._tables["trials"]
        values = [] if value is None else [{"objective": 0, **number_columns("value", value)}]
        steps = [
            {"step": step, **number_columns("intermediate_value", value)}
            for step, value in intermediate.items()
        ]
        parts = {
            "trial_values": values,
            "trial_intermediate_values": steps,
            "trial_user_attributes": attribute_rows(user_attrs),
            "trial_system_attributes": attribute_rows(system_attrs or {}),
        }
        with self.engine.begin() as connection:
            connection.execute(
                sql_update(trials)
                .where(trials.c.trial_id == trial_id)
                .values(state=state.name, datetime_complete=utc_now())
            )
            for table, rows in parts.items():
                rows = [{"trial_id": trial_id, **row} for row in rows]
                _insert_all(connection, self._tables[table], rows)

    def begin_again(self, trial_id: int) -> None:
        """Begin a trial of `waiting` again."""
        self._set_state(trial_id, TrialState.RUNNING, utc_now())

    def put_back(self, trial_id: int) -> None:
        """Let a running trial wait, as if it had not begun, until a search takes it up."""
        self._set_state(trial_id, TrialState.WAITING, None)

    def _set_state(self, trial_id: int, state: TrialState, started: datetime | None) -> None:
        trials = self._tables["trials"]
        change = sql_update(trials).where(trials.c.trial_id == trial_id)
        with self.engine.begin() as connection:
            connection.execute(change.values(state=state.name, datetime_start=started))

    def running(self, study_id: int) -> dict[int, int]:
        """Ids of the trials that are running, or that a killed search left, by number."""
        return self._in_state(study_id, TrialState.RUNNING)

    def waiting(self, study_id: int) -> dict[int, int]:
        """Ids of the trials that were put back, by number."""
        return self._in_state(study_id, TrialState.WAITING)

    def _in_state(self, study_id: int, state: TrialState) -> dict[int, int]:
        trials = self._tables["trials"]
        query = select(trials.c.number, trials.c.trial_id).where(
            (trials.c.study_id == study_id) & (trials.c.state == state.name)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(trials.c.number))
            return {row.number: row.trial_id for row in rows}

    def fail(self, trial_id: int, reason: str) -> None:
        """Mark one trial as failed."""
        self.finish_trial(
            trial_id, TrialState.FAIL, value=None, intermediate={}, user_attrs={"error": reason}
        )

    def add_to_attr(self, trial_id: int, key: str) -> int:
        """Count one up in a trial's user attribute; returns what it is now."""
        attrs = self._tables["trial_user_attributes"]
        here = (attrs.c.trial_id == trial_id) & (attrs.c.key == key)
        with self.engine.begin() as connection:
            before = connection.execute(select(attrs.c.value_json).where(here)).scalar()
            text = json.dumps(int(json.loads(before or "0")) + 1)
            if before is None:
                _insert(connection, attrs, trial_id=trial_id, key=key, value_json=text)
            else:
                connection.execute(sql_update(attrs).where(here).values(value_json=text))
        return int(text)

    def _check_version(self) -> None:
        with self.engine.connect() as connection:
            version = connection.execute(
                select(self._tables["version_info"].c.schema_version)
            ).scalar()
        if version != SCHEMA_VERSION:
            raise StudyError(
                f"{public_url(self.url)}: Optuna's schema must be version {SCHEMA_VERSION},"
                f" but is {version}"
            )


def _insert(connection: Connection, table: Table, **row: Any) -> int:
    result = connection.execute(insert(table), row)
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def _insert_all(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
