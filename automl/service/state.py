"""`Service`: the parts of one running service, which the routes share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from automl.service.accounts import Accounts
from automl.service.database import Database
from automl.service.predictions.pool import PredictionPool
from automl.service.registry import Registry
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
    on_close : list of callable
        Called when the service ends, the last first.
    """

    settings: ServiceSettings
    database: Database
    accounts: Accounts
    registry: Registry
    predictions: PredictionPool
    on_close: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def open(cls, settings: ServiceSettings) -> Service:
        """Open what is kept in the settings' root.

        Raises
        ------
        ConfigError
            When the folder or the database cannot be used.
        """
        settings.create_folders()
        database = Database(settings.database_url)
        return cls(
            settings,
            database,
            Accounts(database, settings.limits),
            Registry(database, settings.models),
            PredictionPool(),
            [database.close],
        )

    def close(self) -> None:
        """Close everything."""
        while self.on_close:
            with suppress(OSError):
                self.on_close.pop()()


def this_service(request: Request) -> Service:
    """Return the service that a request came to."""
    return cast(Service, request.app.state.service)


def client_address(request: Request) -> str:
    """Return where a request came from; behind a proxy, what the proxy says."""
    service = this_service(request)
    forwarded = request.headers.get("x-forwarded-for", "")
    if service.settings.behind_proxy and forwarded:
        return forwarded.split(",")[-1].strip()[:64]  # what the proxy itself has added
    return request.client.host if request.client else ""


ThisService = Annotated[Service, Depends(this_service)]
Address = Annotated[str, Depends(client_address)]
