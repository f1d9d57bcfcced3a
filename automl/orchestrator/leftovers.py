"""What a stopped or killed search leaves: trials without an end, and half written files."""

from __future__ import annotations

from optuna.trial import TrialState

from automl.orchestrator.folder import StudyFolder
from automl.orchestrator.store import StudyStore

KILLS = "kills"
"""Trial attribute that counts how often a search was killed while it ran."""

MOST_KILLS = 3
"""A trial that a search was killed with this often fails: it may have been the cause."""


def take_over(store: StudyStore, study_id: int, total: int) -> None:
    """Decide which of the trials that a killed search left are begun anew.

    One that was running at every one of the last few kills may have been their cause, and fails;
    so does one for which there is no room among `total`. Those that the time budget or Ctrl-C put
    back have been through no kill.
    """
    left = store.unfinished(study_id)
    killed = store.unfinished(study_id, [TrialState.RUNNING])
    room = total - store.count(study_id) + len(left)
    for number, trial_id in left.items():
        kills = store.add_to_attr(trial_id, KILLS) if number in killed else 0
        if kills >= MOST_KILLS:
            store.fail(trial_id, f"the search was killed {kills} times while it ran")
        elif room <= 0 and number in killed:
            store.fail(trial_id, "the search was interrupted")
        room -= 1


def remove_halves(folder: StudyFolder) -> None:
    """Delete what was being written at the moment of a kill; the lock must be held."""
    for path in folder.path.rglob("*.partial"):
        path.unlink(missing_ok=True)
