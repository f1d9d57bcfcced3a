"""Routes of what a search has found: result, report, bundle, ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import RowMapping

from automl.bundle.archive import copy_bundle
from automl.bundle.find import read_bundle
from automl.errors import BundleError
from automl.locations import best_bundle
from automl.service.access import Asking
from automl.service.problems import Problem
from automl.service.search_routes import SearchId
from automl.service.state import Service, ThisService

router = APIRouter(prefix="/v1/searches/{search_id}")

REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; script-src 'unsafe-inline';"
    " style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'"
)
"""A report has its scripts within it. In the sandbox they have no origin: no cookie, no request."""


def _answers(media_type: str, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": schema}}
    return {
        200: {"description": "The file.", "content": content},
        206: {"description": "A part of the file.", "content": content},
        304: {"description": "The client has it already."},
        416: {"description": "There is no such part.", "content": {"text/plain": {}}},
    }


BINARY = {"type": "string", "format": "binary"}


@router.get(
    "/result", response_class=Response, responses=_answers("application/json", {"type": "object"})
)
def fetch_result(
    search_id: SearchId, request: Request, user: Asking, service: ThisService
) -> Response:
    """Fetch result.json; docs/result.md has its fields."""
    study, _ = _study(service, user, search_id)
    return service.digests.answer(request, study / "result.json", "application/json")


@router.get("/report", response_class=Response, responses=_answers("text/html", {"type": "string"}))
def fetch_report(
    search_id: SearchId, request: Request, user: Asking, service: ThisService
) -> Response:
    """Fetch the report, an HTML page."""
    study, _ = _study(service, user, search_id)
    headers = {"content-security-policy": REPORT_POLICY}
    return service.digests.answer(request, study / "report.html", "text/html", headers=headers)


@router.get("/bundle", response_class=Response, responses=_answers("application/zip", BINARY))
def fetch_bundle(
    search_id: SearchId, request: Request, user: Asking, service: ThisService
) -> Response:
    """Fetch the best model so far as a ZIP, which `automl.load_model` takes."""
    study, row = _study(service, user, search_id)
    packed = service.searches.folder(search_id).bundle
    best = best_bundle(study)
    if not packed.exists() or row["state"] not in ("finished", "cancelled", "paused"):
        try:
            read_bundle(best, lambda folder: copy_bundle(folder, packed))
        except BundleError:
            raise Problem(404, "this search has no model yet") from None
    name = f"{row['name']}.zip"
    return service.digests.answer(request, packed, "application/zip", name)


@router.get(
    "/model.onnx", response_class=Response, responses=_answers("application/octet-stream", BINARY)
)
def fetch_onnx(
    search_id: SearchId, request: Request, user: Asking, service: ThisService
) -> Response:
    """Fetch the best model as ONNX, if it could be exported."""
    study, row = _study(service, user, search_id)
    path = best_bundle(study) / "model.onnx"
    if not path.exists():
        raise Problem(404, "this search has no ONNX file: it has not ended, or wanted none")
    return service.digests.answer(request, path, "application/octet-stream", f"{row['name']}.onnx")


def _study(service: Service, user: Asking, search_id: str) -> tuple[Path, RowMapping]:
    row = service.searches.find(user, search_id)
    return service.searches.folder(search_id).study(row["name"]), row
