"""`create_app`: the service as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import chain
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

import automl
from automl.service import (
    account_routes,
    dashboard_routes,
    dataset_routes,
    health,
    inference_routes,
    metrics_routes,
    model_routes,
    page_routes,
    result_routes,
    search_routes,
)
from automl.service.guard import EVENTS, Guard
from automl.service.problems import RESPONSES, ProblemBody, add_handlers
from automl.service.settings import ServiceSettings
from automl.service.state import Service

ROUTERS: tuple[APIRouter, ...] = (
    inference_routes.router,
    account_routes.router,
    dataset_routes.router,
    search_routes.router,
    result_routes.router,
    dashboard_routes.router,
    model_routes.router,
    health.router,
    metrics_routes.router,
    page_routes.router,
)
"""In the order in which a path is looked for: those that are asked for most often come first, as a
prediction that came seventh spent 40 % of the application's time on what it is not.
"""

OPENAPI = "/v1/openapi.json"


def create_app(settings: ServiceSettings) -> FastAPI:
    """Return the application; everything in it lies behind `automl.service.guard.Guard`.

    Parameters
    ----------
    settings : ServiceSettings

    Raises
    ------
    ConfigError
        When the folder or the database of the settings cannot be used.
    """
    service = Service.open(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.queue.start()
        try:
            yield
        finally:
            await service.predictions.close()
            await to_thread.run_sync(service.close)

    app = FastAPI(
        title="automl",
        version=automl.__version__,
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from another host
        redoc_url=None,
        openapi_url=OPENAPI,
        redirect_slashes=False,
        responses=RESPONSES,
        generate_unique_id_function=_operation_name,
    )
    app.state.service = service
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    _describe_problems(app)
    app.add_middleware(
        Guard,
        settings=settings,
        authenticate=service.accounts.authenticate,
        remembered=service.accounts.remembered,
        count=service.metrics.count,
        methods_at=partial(_methods_at, app),
    )
    return app


def _methods_at(app: FastAPI, path: str) -> list[str]:
    """Return the methods that a path answers; the guard answers HEAD where there is GET."""
    routes = chain(app.routes, *(router.routes for router in ROUTERS))
    fitting = (r for r in routes if isinstance(r, Route) and r.path_regex.match(path))
    found = {method for route in fitting for method in route.methods or ()}
    if "GET" in found and not path.endswith(EVENTS):
        found.add("HEAD")
    return sorted(found)


def _operation_name(route: APIRoute) -> str:
    return route.name


def _describe_problems(app: FastAPI) -> None:
    """Add the schema of errors, and how one logs in, to the description of the interface."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        described = describe()
        if is_new:
            parts = described.setdefault("components", {})
            parts.setdefault("schemas", {})["ProblemBody"] = ProblemBody.model_json_schema()
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            described["security"] = [{"token": []}]
        return described

    app.openapi = openapi  # type: ignore[method-assign]
