"""Export the winner to ONNX, on a worker."""

from __future__ import annotations

from automl.bundle.onnx.available import HOW_TO_ADD, has_onnx
from automl.bundle.save import OnnxFile
from automl.orchestrator.best_model import BestModel
from automl.orchestrator.choose_ensemble import Together
from automl.orchestrator.finalists import Choice
from automl.orchestrator.observer import Observer
from automl.scheduling.scheduler import Scheduler


def export_winner(
    scheduler: Scheduler,
    first: bool,
    choice: Choice,
    together: Together | None,
    best_model: BestModel,
    observer: Observer,
) -> OnnxFile | None:
    """Export what is handed over; a failure is told to the observer, and fails no search.

    Parameters
    ----------
    scheduler : Scheduler
    first : bool
        Whether to go ahead of what waits: a single worker would fit every baseline before.
    choice : Choice
    together : Together or None
    best_model : BestModel
    observer : Observer
    """
    if not has_onnx():
        observer.note(
            f"model.onnx is left out; to add it: {HOW_TO_ADD}, then"
            f" automl export {best_model.study.folder.name} --format onnx"
        )
        return None
    batch = scheduler.run_batch({"onnx": best_model.export_job(choice, together)}, ahead=first)
    if "onnx" in batch.errors:
        observer.note(f"model.onnx is left out: {batch.errors['onnx']}")
        return None
    exported: OnnxFile = batch.results["onnx"]
    observer.note(f"model.onnx: {exported.agreement}")
    return exported
