"""``automl serve``."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from automl.cli.panels import SERVICE
from automl.errors import ConfigError

DATABASE = "AUTOML_DATABASE"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("serve", rich_help_panel=SERVICE)(serve)
    app.command("backup", rich_help_panel=SERVICE)(backup)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8321,
    root: Annotated[Path, typer.Option(help="Folder of everything that the service keeps.")] = Path(
        "service"
    ),
    database: Annotated[
        str | None,
        typer.Option(
            help="SQLAlchemy URL of the database, in place of a SQLite file in the root. One with"
            f" a password belongs into ${DATABASE}, which other users of the machine cannot read."
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Host name by which browsers reach it; may be repeated."),
    ] = None,
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help="A proxy terminates TLS, and adds X-Forwarded-For."),
    ] = False,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate, a PEM file.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, a PEM file.")] = None,
    max_running: Annotated[
        int | None,
        typer.Option(min=0, help="Searches at the same time; by default, one for four cores."),
    ] = None,
    max_upload: Annotated[str, typer.Option(help="Size that a data set may have.")] = "2GB",
) -> None:
    """Serve searches and models to users over HTTP; see docs/service.md."""
    settings_module = _load("settings")
    if (tls_cert is None) != (tls_key is None):
        raise ConfigError("--tls-cert and --tls-key go together")
    given = {} if max_running is None else {"max_running": max_running}
    settings = settings_module.ServiceSettings(
        root=root,
        database=settings_module.refuse_password("--database", database)
        or os.environ.get(DATABASE)
        or None,
        host=host,
        port=port,
        names=tuple(name or ()),
        behind_proxy=behind_proxy,
        tls=tls_cert is not None,
        max_upload=settings_module.parse_bytes("--max-upload", max_upload),
        **given,
    )
    _load("server").serve(settings, tls_cert, tls_key)


def backup(
    to: Annotated[Path, typer.Argument(help="Folder that is made.")],
    root: Annotated[Path, typer.Option(help="The folder of the service.")] = Path("service"),
) -> None:
    """Copy everything that a service keeps, while it runs; `automl serve --root` takes the copy."""
    _load("backup").back_up(root, to)
    print(f"wrote {to}")


def _load(module: str) -> Any:
    """Import a module of the service, whose libraries are an extra."""
    try:
        return import_module(f"automl.service.{module}")
    except ModuleNotFoundError as error:
        if error.name not in ("fastapi", "uvicorn", "starlette", "anyio"):
            raise
        raise ConfigError(
            "automl serve needs the extra service: pip install 'automl[service]'"
        ) from None
