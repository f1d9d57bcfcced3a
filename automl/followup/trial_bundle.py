"""Make a bundle of any trial of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from automl.bundle.save import write_bundle
from automl.errors import StudyError
from automl.followup.replay import rerun
from automl.followup.study_setup import StudySetup
from automl.orchestrator.best_model import bundle_info, trial_training
from automl.study.run import Run
from automl.trial import TrialRecord, TrialStatus


def trial_bundle(setup: StudySetup, number: int, folder: Path, say: Callable[[str], None]) -> None:
    """Write a bundle of one trial.

    Its weights are taken from the study, or made again from its seed when they are gone.

    Parameters
    ----------
    setup : StudySetup
    number : int
        Number of the trial.
    folder : Path
        Where the bundle goes; empty.
    say : callable
        Told in a line when the trial is trained again.

    Raises
    ------
    StudyError
        When there is no such trial, it failed, or cannot be trained again.
    """
    view = setup.view
    record = view.trial(number)
    if record.status is TrialStatus.FAILED:
        raise StudyError(f"trial {number} failed, so it has no model: {record.error}")
    if record.only_glimpsed:
        raise StudyError(f"trial {number} was dropped in its first epoch, so it has no model")
    weights = view.folder.run_weights(Run(number))
    if not weights.exists():
        say(
            f"trial {number} has no weights any more; it is trained again from its seed,"
            f" {len(record.history)} {record.unit}s"
        )
        weights = folder / weights.name
        result = rerun(setup, number, weights)
        if result.weights is None:
            raise StudyError(f"trial {number} could not be trained again: {result.error}")
        if result.valid_score != record.valid_score:
            say(
                f"its validation {view.metric.name} is {result.valid_score} now and was"
                f" {record.valid_score}: this machine or its torch computes otherwise"
            )
            record = replace(
                record,
                valid_score=result.valid_score,
                best_epoch=result.best_epoch,
                history=result.history,
            )
    info = bundle_info(
        view.folder.name,
        setup.dataset,
        setup.data,
        view.metric,
        record.params,
        _training(setup, record),
        {"valid": record.valid_score, "test": None},
    )
    write_bundle(folder, [weights], info.to_json())
    (folder / weights.name).unlink(missing_ok=True)


def _training(setup: StudySetup, record: TrialRecord) -> dict[str, Any]:
    settings = setup.settings
    return {
        "trial": record.number,
        "run": 0,
        **trial_training(record, settings.seed, settings.max_epochs, setup.dataset, settings.folds),
        "chosen_among": "nothing: it was exported by its number",
    }
