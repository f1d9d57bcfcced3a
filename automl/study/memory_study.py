"""Optuna studies in memory: what samplers draw from, and what importances are computed on.

Optuna logs a line for every study that is made. Users have not made these, so their lines are left
out, and the level of Optuna's log stays what the program has set.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

import optuna
from optuna.storages import InMemoryStorage

_OURS: ContextVar[bool] = ContextVar("a study of automl's own is being made", default=False)


def memory_study(storage: InMemoryStorage | None = None, **options: Any) -> optuna.Study:
    """Make a study in memory.

    Parameters
    ----------
    storage : InMemoryStorage, optional
    **options
        As for `optuna.create_study`.
    """
    token = _OURS.set(True)
    try:
        return optuna.create_study(storage=storage or InMemoryStorage(), **options)
    finally:
        _OURS.reset(token)


def _is_users(record: logging.LogRecord) -> bool:
    return not _OURS.get()


logging.getLogger(InMemoryStorage.__module__).addFilter(_is_users)
