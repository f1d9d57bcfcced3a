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
        Name of a study; with ``/single``, ``/ensemble`` or a baseline's name, another model than
        the best.
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
    _check_name(to, kind)
    name, _, other = study.partition("/")
    view = read_study(name)
    if trial is None:
        place = _folder(study) if other else view.folder.best
        if place == view.folder.best.resolve():
            place = view.folder.best
        _model(view, place, kind, to, say)
        return
    if other:
        raise BundleError(f"trial {trial} is one of {name!r}: export it without /{other}")
    with tempfile.TemporaryDirectory(prefix="automl-") as temporary:
        folder = Path(temporary)
        setup = StudySetup.load(view)
        trial_bundle(setup, trial, folder, say)
        to = to or _default(view, kind, f"-trial-{trial}")
        if kind == "onnx":
            say(_export(folder, setup.dataset, to).agreement)
        else:
            copy_bundle(folder, to)
    say(f"trial {trial} of study {study!r} is in {to}")


def _model(
    view: StudyView, place: Path, kind: str, to: Path | None, say: Callable[[str], None]
) -> None:
    """Export the bundle that lies in a place of the study's folder."""
    what = f"the {'best model' if place == view.folder.best else place.name}"
    if kind == "onnx":
        if to is None:
            say(_complete(view, place))
            to = place / ONNX
        else:
            say(_export(_folder(place), StudySetup.load(view).dataset, to).agreement)
    else:
        suffix = "" if place == view.folder.best else f"-{place.name}"
        path = to = to or _default(view, kind, suffix)
        read_bundle(str(place), lambda folder: copy_bundle(folder, path))
    say(f"{what} of study {view.folder.name!r} is in {to}")


def _complete(view: StudyView, place: Path) -> str:
    """Add ``model.onnx`` to a bundle unless it is there; say how far it is from torch."""
    with view.folder.held():  # a search exchanges the same folder
        folder = _folder(place)
        facts = read_info(folder).get("onnx")
        if facts is None:
            to = view.folder.added_onnx
            exported = _export(folder, StudySetup.load(view).dataset, to)
            add_onnx(place, exported)
            to.unlink()
            facts = exported.facts
        return OnnxFile("", facts).agreement


def _folder(place: Path | str) -> Path:
    return read_bundle(str(place), lambda folder: folder)


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


def _check_name(to: Path | None, kind: str) -> None:
    """Refuse a name that disagrees with the format that was asked for."""
    if to is not None and (kind == "zip") != to.name.lower().endswith(".zip"):
        what = {"onnx": "a file", "torch": "a folder"}.get(kind)
        rule = f"must name {what}, not a zip" if what else "must end in .zip"
        raise BundleError(f"{to}: {rule}, for the format {kind}")
    if to is not None and kind == "onnx" and to.is_file() and to.suffix.lower() != ".onnx":
        raise BundleError(f"{to}: must end in .onnx, for there is a file that would be replaced")
