"""Routes by which others see whether the service is well."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from automl.service.database import schema
from automl.service.problems import Problem
from automl.service.state import ThisService

router = APIRouter(prefix="/v2/health")

OPEN: dict[str, Any] = {"security": []}
"""How OpenAPI says that a route needs no login."""


@router.get("/live", openapi_extra=OPEN)
def live() -> dict[str, Any]:
    """Say that the process answers (Open Inference Protocol v2)."""
    return {"live": True}


@router.get("/ready", openapi_extra=OPEN)
def ready(service: ThisService) -> dict[str, Any]:
    """Say whether requests can be answered (Open Inference Protocol v2)."""
    try:
        with service.database.read() as connection:
            connection.execute(select(schema.c.version)).scalar_one()
    except SQLAlchemyError:
        raise Problem(503, "the database does not answer") from None
    return {"ready": True}
