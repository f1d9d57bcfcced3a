"""Gathers the facts of a study for the report. The test split is not opened for it again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data import Dataset, load_again
from automl.data.stored_rows import AnyRows
from automl.errors import AutomlError, StudyError
from automl.report.collect.families import family_outcomes, leading
from automl.report.collect.fold_correction import correct_pruned_scores
from automl.report.collect.importance import importance
from automl.report.facts import Drawn, Facts, Judged
from automl.study.folder import StudyFolder
from automl.study.view import StudyView, read_study


def write_study_report(
    name: str, storage: str | None = None, dataset: Dataset | None = None
) -> Path:
    """Write ``studies/<name>/report.html``; returns its path.

    Parameters
    ----------
    name : str
    storage : str, optional
        As in `read_study`.
    dataset : Dataset, optional
        The study's; read from disk otherwise, and done without where it is not there.

    Raises
    ------
    StudyError
        When there is no such study, or the page cannot be written.
    """
    from automl.report.page import write_report  # Plotly and Jinja: nothing else waits for them

    view = read_study(name, storage)
    path = view.folder.report
    try:
        write_report(path, gather(view, dataset))
    except OSError as error:
        raise StudyError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def gather(view: StudyView, dataset: Dataset | None = None) -> Facts:
    """Gather the facts of a study."""
    records = correct_pruned_scores(view.records)
    space, siblings = leading(view.space, records, view.metric)
    return Facts(
        study=view.folder.name,
        metric=view.metric,
        records=records,
        running=view.running,
        domains=space.domains,
        importance=importance(siblings, space.domains, view.metric),
        families=family_outcomes(records, view.metric) if view.space.families else [],
        config=view.config,
        result=view.result,
        judged=_judged(view, dataset),
        scaling=_scaling(view.folder),
        machines=view.machines,
    )


def _judged(view: StudyView, dataset: Dataset | None) -> Judged | None:
    """Read what was judged, if it belongs to the result that there is."""
    result = view.result
    if result is None or result.test is None or not view.folder.judged.exists():
        return None
    try:
        with np.load(view.folder.judged, allow_pickle=False) as kept:
            y, output = kept["y"], kept["output"]
            plain = kept["uncalibrated"] if result.calibration is not None else None
            drawn = _drawn(kept, y, output) if "drawn" in kept else None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    rows = _test_rows(view.config, result.fingerprint, dataset)
    return Judged(y, output, rows, plain, drawn)


def _drawn(kept: Mapping[str, Array], y: Array, output: Array) -> Drawn:
    """Read the forecasts of the pictures, and bring them to the target's own units."""
    rows, scales = kept["drawn"], kept["scales"][:, None]
    true, forecast = (v.reshape(len(v), -1)[rows] * scales for v in (y, output))
    return Drawn(kept["before"], true, forecast, kept.get("bands"))


def _test_rows(
    config: Mapping[str, Any], fingerprint: str, dataset: Dataset | None
) -> AnyRows | None:
    """Features of the test rows, without their labels; None when the data is not the same.

    Sequences are left out: they would be taken for pictures.
    """
    try:
        dataset = dataset or load_again(config)
    except AutomlError:
        return None
    same = dataset.fingerprint == fingerprint
    return dataset.test.X if same and dataset.kind != "sequence" else None


def _scaling(folder: StudyFolder) -> dict[str, Any] | None:
    path = folder.scaling
    if not path.exists():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
