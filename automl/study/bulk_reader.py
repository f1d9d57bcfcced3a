"""Read many trials quickly.

Optuna builds an object of SQLAlchemy's a row: 9 s for 10,000 trials of a dozen parameters. Here
they are read as plain rows, table by table, in about a second.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable
from copy import deepcopy as copy_deeply
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import (
    Connection,
    DateTime,
    FromClause,
    Select,
    column,
    or_,
    select,
    table,
)

from automl.study.cell_codec import read_number

_TRIALS = table(
    "trials",
    *(column(name) for name in ("trial_id", "study_id", "number", "state")),
    column("datetime_start", DateTime),
    column("datetime_complete", DateTime),
)

_MOST_NAMED = 500
"""Ids that are named in a statement; SQLite takes 999 in old versions. With more, all are read."""


class QuickStorage(RDBStorage):
    """Optuna's storage, with `get_all_trials` read as plain rows."""

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        trials = self._get_trials(study_id, states, set(), -1)
        return copy_deeply(trials) if deepcopy else trials

    # Called by the cache that Optuna puts over every database.
    def _get_trials(
        self,
        study_id: int,
        states: Container[TrialState] | None,
        included_trial_ids: set[int],
        trial_id_greater_than: int,
    ) -> list[FrozenTrial]:
        self.get_study_name_from_id(study_id)  # raises KeyError when there is none
        wanted = {i for i in included_trial_ids if i <= trial_id_greater_than}
        with self.engine.connect() as connection:
            trials = read_trials(connection, study_id, wanted, trial_id_greater_than)
        return [t for t in trials if states is None or t.state in states]


def read_trials(
    connection: Connection, study_id: int, wanted: Iterable[int] = (), after: int = -1
) -> list[FrozenTrial]:
    """Read the trials of a study, by id.

    Parameters
    ----------
    connection : Connection
        A connection to a database in Optuna's schema.
    study_id : int
    wanted : iterable of int
        Ids of trials that are read although they are not after `after`.
    after : int
        Only trials with greater ids are read; by default, all.
    """
    named = set(wanted)
    chosen = _TRIALS.c.study_id == study_id
    if after > -1 and len(named) <= _MOST_NAMED:
        chosen &= or_(_TRIALS.c.trial_id > after, _TRIALS.c.trial_id.in_(named))

    def rows(name: str, *columns: str, order: str | None = None) -> Iterable[Any]:
        part = table(name, column("trial_id"), *(column(c) for c in columns))
        query = _of(part, [part.c.trial_id, *(part.c[c] for c in columns)]).where(chosen)
        return connection.execute(query.order_by(column(order)) if order else query)

    # This table first: what a trial has when it is seen as finished, it has in the others too.
    heads = connection.execute(select(_TRIALS).where(chosen).order_by(_TRIALS.c.trial_id)).all()
    params: dict[int, dict[str, Any]] = defaultdict(dict)
    distributions: dict[int, dict[str, BaseDistribution]] = defaultdict(dict)
    known: dict[str, BaseDistribution] = {}
    for trial_id, name, value, text in rows(
        "trial_params", "param_name", "param_value", "distribution_json", order="param_id"
    ):
        distribution = known.get(text)
        if distribution is None:
            distribution = known[text] = json_to_distribution(text)
        params[trial_id][name] = distribution.to_external_repr(value)
        distributions[trial_id][name] = distribution
    values: dict[int, dict[int, float]] = defaultdict(dict)
    for trial_id, objective, value, kind in rows(
        "trial_values", "objective", "value", "value_type"
    ):
        values[trial_id][objective] = read_number(value, kind)
    steps: dict[int, dict[int, float]] = defaultdict(dict)
    for trial_id, step, value, kind in rows(
        "trial_intermediate_values", "step", "intermediate_value", "intermediate_value_type"
    ):
        steps[trial_id][step] = read_number(value, kind)
    attrs: dict[str, dict[int, dict[str, Any]]] = {}
    for whose in ("user", "system"):
        found: dict[int, dict[str, Any]] = defaultdict(dict)
        for trial_id, key, text in rows(f"trial_{whose}_attributes", "key", "value_json"):
            found[trial_id][key] = json.loads(text)
        attrs[whose] = found
    return [
        FrozenTrial(
            number=head.number,
            state=TrialState[head.state],
            value=None,
            values=[v for _, v in sorted(values[i].items())] if i in values else None,
            datetime_start=head.datetime_start,
            datetime_complete=head.datetime_complete,
            params=params[i],
            distributions=distributions[i],
            user_attrs=attrs["user"][i],
            system_attrs=attrs["system"][i],
            intermediate_values=steps[i],
            trial_id=i,
        )
        for head in heads
        for i in [head.trial_id]
    ]


def _of(part: FromClause, columns: list[Any]) -> Select[Any]:
    return select(*columns).select_from(part.join(_TRIALS, part.c.trial_id == _TRIALS.c.trial_id))
