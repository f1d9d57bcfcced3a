"""Routes of predictions: the Open Inference Protocol v2, and a plain one for JSON and files.

The body is not read here: a worker of `automl.service.predictions` reads it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

import automl
from automl.service.access import Asking, User
from automl.service.model_routes import ModelName, Reference
from automl.service.predictions import messages
from automl.service.predictions.pool import Busy
from automl.service.problems import Problem
from automl.service.registry import Version
from automl.service.signature import metadata
from automl.service.state import Service, ThisService

router = APIRouter(tags=["predictions"])

JSON = "application/json"
CSV = "text/csv"

_FILES = (CSV, "image/png", "image/jpeg", "application/octet-stream", "application/x-npy")

_PLAIN_BODY = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "description": "Rows: a list of objects by column, or of lists of numbers.",
                "anyOf": [
                    {"type": "object"},
                    {"type": "array", "minItems": 1, "items": {}},
                ],
            }
        },
        **{name: {"schema": {"type": "string", "format": "binary"}} for name in _FILES},
    },
}

_INFER_BODY = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "required": ["inputs"],
                "properties": {
                    "id": {"type": "string"},
                    "inputs": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["name", "shape", "datatype", "data"],
                            "properties": {
                                "name": {"type": "string"},
                                "shape": {"type": "array", "items": {"type": "integer"}},
                                "datatype": {"type": "string"},
                                "data": {"type": "array", "items": {}},
                            },
                        },
                    },
                },
            }
        }
    },
}

_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The predictions, in the order of the rows.",
        "content": {JSON: {"schema": {"type": "object"}}, CSV: {"schema": {"type": "string"}}},
    }
}


@router.post(
    "/v1/models/{name}/predict",
    response_class=Response,
    responses=_ANSWER,
    openapi_extra={"requestBody": _PLAIN_BODY},
)
async def predict(
    name: ModelName,
    request: Request,
    user: Asking,
    service: ThisService,
    version: Annotated[str | None, Query(max_length=100)] = None,
    proba: bool = True,
) -> Response:
    """Predict rows: JSON, CSV, an array, or a picture; the answer is JSON, or CSV if asked for."""
    media = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    form: messages.Form = "rows" if media == JSON else "file"
    as_csv = CSV in request.headers.get("accept", "")
    asked = messages.Request(form, await request.body(), proba, as_csv)
    return await _answer(service, await _find(service, user, name, version), asked)


@router.post(
    "/v2/models/{name}/infer",
    response_class=Response,
    responses=_ANSWER,
    openapi_extra={"requestBody": _INFER_BODY},
)
async def infer(name: ModelName, request: Request, user: Asking, service: ThisService) -> Response:
    """Predict tensors (Open Inference Protocol v2): of a table, one a column."""
    return await _infer(name, None, request, user, service)


@router.post(
    "/v2/models/{name}/versions/{version}/infer",
    response_class=Response,
    responses=_ANSWER,
    openapi_extra={"requestBody": _INFER_BODY},
)
async def infer_version(
    name: ModelName, version: Reference, request: Request, user: Asking, service: ThisService
) -> Response:
    """Predict tensors with a version of a model (Open Inference Protocol v2)."""
    return await _infer(name, version, request, user, service)


@router.get("/v2")
def server_metadata() -> dict[str, Any]:
    """Say what this server is (Open Inference Protocol v2)."""
    return {"name": "automl", "version": automl.__version__, "extensions": []}


@router.get("/v2/models/{name}")
def model_metadata(name: ModelName, user: Asking, service: ThisService) -> dict[str, Any]:
    """Say what a model takes and gives (Open Inference Protocol v2)."""
    return _metadata(service.registry.find(user, name))


@router.get("/v2/models/{name}/versions/{version}")
def version_metadata(
    name: ModelName, version: Reference, user: Asking, service: ThisService
) -> dict[str, Any]:
    """Say what a version of a model takes and gives (Open Inference Protocol v2)."""
    return _metadata(service.registry.find(user, name, version))


@router.get("/v2/models/{name}/ready")
def model_ready(name: ModelName, user: Asking, service: ThisService) -> dict[str, Any]:
    """Say that a model can be asked (Open Inference Protocol v2)."""
    return {"name": service.registry.find(user, name).name, "ready": True}


@router.get("/v2/models/{name}/versions/{version}/ready")
def version_ready(
    name: ModelName, version: Reference, user: Asking, service: ThisService
) -> dict[str, Any]:
    """Say that a version of a model can be asked (Open Inference Protocol v2)."""
    return {"name": service.registry.find(user, name, version).name, "ready": True}


async def _infer(
    name: str, version: str | None, request: Request, user: User, service: Service
) -> Response:
    asked = messages.Request("infer", await request.body())
    return await _answer(service, await _find(service, user, name, version), asked)


async def _find(service: Service, user: User, name: str, version: str | None) -> Version:
    found = service.registry.kept(user, name, version)
    if found is None:
        found = await to_thread.run_sync(service.registry.find, user, name, version)
    return found


async def _answer(service: Service, version: Version, asked: messages.Request) -> Response:
    asked = replace(asked, label=f"{version.name}/{version.number}")
    try:
        answer = await service.predictions.predict(version.folder, asked)
    except Busy:
        raise Problem(
            503, "too many requests for predictions wait already; try again", {"Retry-After": "1"}
        ) from None
    if answer.status >= 400:
        again = {"Retry-After": "1"} if answer.status == 503 else {}
        raise Problem(answer.status, answer.body.decode(), again)
    return Response(answer.body, answer.status, media_type=answer.media)


def _metadata(version: Version) -> dict[str, Any]:
    return metadata(version.name, [str(number) for number in version.versions], version.signature)
