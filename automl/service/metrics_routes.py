"""The route by which Prometheus reads."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from automl.service.access import Asking
from automl.service.problems import Problem
from automl.service.state import ThisService

router = APIRouter()

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/metrics", response_class=PlainTextResponse)
def read_metrics(user: Asking, service: ThisService) -> PlainTextResponse:
    """Read figures of the service, for Prometheus; they are of all users together."""
    if not user.sees_all:
        raise Problem(403, "figures of all users are for administrators and readers")
    return PlainTextResponse(service.metrics.text(service.database), media_type=TEXT_FORMAT)
