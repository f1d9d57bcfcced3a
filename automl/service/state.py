"""`Service`: the parts of one running service, which the routes share."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, cast

from fastapi import Depends, Request

from automl.dashboard.shared import SharedDashboard
from automl.errors import ConfigError
from automl.service.accounts import Accounts
from automl.service.database import Database
from automl.service.datasets import Datasets
from automl.service.event_streams import EventStreams
from automl.service.files import Digests
from automl.service.inspections import Inspections
from automl.service.locks import take
from automl.service.metrics import Metrics
from automl.service.predictions.pool import PredictionPool
from automl.service.queue import Queue
from automl.service.registry import Registry
from automl.service.searches import Searches
from automl.service.settings import ServiceSettings


@dataclass(slots=True)
class Service:
    """The parts.

    Attributes
    ----------
    settings : ServiceSettings
    database : Database
    accounts : Accounts
    registry : Registry
        The models.
    predictions : PredictionPool
    datasets : Datasets
    inspections : Inspections
    searches : Searches
    queue : Queue
    streams : EventStreams
    digests : Digests
    metrics : Metrics
    dashboard : SharedDashboard
    on_close : list of callable
        Called when the service ends, the last first.
    """

    settings: ServiceSettings
    database: Database
    accounts: Accounts
    registry: Registry
    predictions: PredictionPool
    datasets: Datasets
    inspections: Inspections
    searches: Searches
    queue: Queue
    streams: EventStreams
    digests: Digests
    metrics: Metrics
    dashboard: SharedDashboard
    on_close: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def open(cls, settings: ServiceSettings) -> Service:
        """Open what is kept in the settings' root.

        Raises
        ------
        ConfigError
            When the folder or the database cannot be used, or another service uses the folder.
        """
        settings.create_folders()
        lock = take(settings.root / ".lock")
        if lock is None:
            raise ConfigError(f"--root {settings.root}: is used by another service that runs")
        try:
            database = Database(settings.database_url)
            searches = Searches(settings, database)
            queue = Queue(settings, database, searches)
            dashboard = SharedDashboard()
            return cls(
                settings,
                database,
                Accounts(database, settings.limits),
                Registry(settings, database),
                PredictionPool(),
                Datasets(settings, database),
                Inspections(),
                searches,
                queue,
                EventStreams(),
                Digests(),
                Metrics(),
                dashboard,
                [partial(os.close, lock), database.close, queue.close, dashboard.close],
            )
        except BaseException:
            os.close(lock)
            raise

    def close(self) -> None:
        """Close everything."""
        while self.on_close:
            with suppress(OSError):
                self.on_close.pop()()


async def this_service(request: Request) -> Service:
    """Return the service that a request came to."""
    return cast(Service, request.app.state.service)


ThisService = Annotated[Service, Depends(this_service)]


async def client_address(request: Request, service: ThisService) -> str:
    """Return where a request came from; behind a proxy, what the proxy says."""
    forwarded = request.headers.get("x-forwarded-for", "")
    if service.settings.behind_proxy and forwarded:
        return forwarded.split(",")[-1].strip()[:64]  # what the proxy itself has added
    return request.client.host if request.client else ""


Address = Annotated[str, Depends(client_address)]
