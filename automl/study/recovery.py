"""Recover from a stopped or killed search: trials without an end, and half-written files."""

from __future__ import annotations

import shutil

from automl.files import is_partial
from automl.study.folder import StudyFolder
from automl.study.writer import StudyStore

KILLS = "kills"
"""Trial attribute that counts how often a search was killed while it ran."""

MAX_KILLS = 3
"""A trial that a search was killed with this often fails: it may have been the cause."""

STOPS = "stops"
"""Trial attribute that counts how often the trial was stopped in its first epoch."""

MAX_STOPS = 3
"""A trial that was stopped there this often fails: its first epoch may be longer than any budget,
and every next search would begin with it."""


def take_over(store: StudyStore, study_id: int) -> None:
    """Put the trials that a killed search left back into the queue.

    One that was running at every one of the last few kills may have been their cause, and fails.
    """
    for trial_id in store.running(study_id).values():
        kills = store.add_to_attr(trial_id, KILLS)
        if kills >= MAX_KILLS:
            store.fail(trial_id, f"the search was killed {kills} times while it ran")
        else:
            store.put_back(trial_id)


def let_wait(store: StudyStore, trial_id: int) -> bool:
    """Put a trial that was stopped in its first epoch back into the queue: it was not judged yet.

    Returns
    -------
    bool
        False when that has happened so often that it should fail instead.
    """
    waits = store.add_to_attr(trial_id, STOPS) < MAX_STOPS
    if waits:
        store.put_back(trial_id)
    return waits


def remove_halves(folder: StudyFolder) -> None:
    """Delete what a killed search was writing; the lock must be held."""
    for path in list(filter(is_partial, folder.path.rglob("*"))):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
