"""``automl export``: copy a study's models out as files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from automl.bundle.archive import copy_bundle
from automl.bundle.find import read_bundle
from automl.bundle.format import ONNX, read_info
from automl.bundle.onnx.job import parity_rows
from automl.bundle.save import OnnxFile, add_onnx
from automl.data import Dataset
from automl.errors import BundleError
from automl.followup.study_setup import StudySetup
from automl.followup.trial_bundle import trial_bundle
from automl.study.view import StudyView, read_study


def export_study(
    study: str, kind: str, trial: int | None, to: Path | None, say: Callable[[str], None]
) -> None:
    """Export the best model of a study, or one of its trials.

    Parameters
    ----------
    study : str
    kind : {"onnx", "torch", "zip"}
        One ONNX file; a folder with weights and ``model.json``, as `load_model` takes it; or a
        zip of such a folder.
    trial : int or None
    to : Path or None
        The file or folder to write; by default, one named after the study in this folder; the best
        model's ONNX file goes into the study's bundle.
    say : callable
        Told in lines what is done.

    Raises
    ------
    AutomlError
        When there is no such study, trial or model, or `to` cannot be written.
    """
    view = read_study(study)
    if trial is None:
        _best(view, kind, to, say)
        return
    with tempfile.TemporaryDirectory(prefix="automl-") as temporary:
        folder = Path(temporary)
        setup = StudySetup.load(view)
        trial_bundle(setup, trial, folder, say)
        to = to or _default(view, kind, f"-trial-{trial}")
        if kind == "onnx":
            say(_export(folder, setup.dataset, to).agreement)
        else:
            copy_bundle(folder, _checked(to, kind))
    say(f"trial {trial} of study {study!r} is in {to}")


def _best(view: StudyView, kind: str, to: Path | None, say: Callable[[str], None]) -> None:
    study = view.folder.name
    if kind == "onnx":
        if to is None:
            say(_complete(view))
            to = view.folder.best / ONNX
        else:
            say(_export(_folder(study), StudySetup.load(view).dataset, to).agreement)
    else:
        to = _checked(to or _default(view, kind, ""), kind)
        read_bundle(str(view.folder.best), lambda folder: copy_bundle(folder, to))
    say(f"the best model of study {study!r} is in {to}")


def _complete(view: StudyView) -> str:
    """Add ``model.onnx`` to the study's bundle unless it is there; say how far it is from torch."""
    with view.folder.held():  # a search switches the same link
        folder = _folder(view.folder.name)
        facts = read_info(folder).get("onnx")
        if facts is None:
            to = view.folder.added_onnx
            exported = _export(folder, StudySetup.load(view).dataset, to)
            add_onnx(view.folder.best, exported)
            to.unlink()
            facts = exported.facts
        return OnnxFile("", facts).agreement


def _folder(study: str) -> Path:
    return read_bundle(study, lambda folder: folder)


def _export(folder: Path, dataset: Dataset, to: Path) -> OnnxFile:
    from automl.bundle.model import load_model
    from automl.bundle.onnx.export import export_onnx

    model = load_model(folder)
    if model.info["fingerprint"] != dataset.fingerprint:
        raise BundleError(
            f"{folder}: must come from the data set {dataset.name!r} as it is now, but the"
            " fingerprints differ"
        )
    return export_onnx(model, parity_rows(dataset.test.X), to)


def _default(view: StudyView, kind: str, suffix: str) -> Path:
    ending = {"onnx": ".onnx", "zip": ".zip", "torch": ""}[kind]
    return Path(f"{view.folder.name}{suffix}-model{ending}")


def _checked(to: Path, kind: str) -> Path:
    """Return the path, whose name must agree with the format that was asked for."""
    if (kind == "zip") != to.name.lower().endswith(".zip"):
        rule = "must end in .zip" if kind == "zip" else "must name a folder, not a zip"
        raise BundleError(f"{to}: {rule}, for the format {kind}")
    return to
