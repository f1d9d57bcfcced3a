"""``automl remote``: the same commands, done by a service."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from automl.cli.options import QUIET, LateCommands, add_command
from automl.cli.panels import SERVICE
from automl.errors import ConfigError

if TYPE_CHECKING:
    from automl import Client, SearchConfig

Command = Callable[..., None]

SEARCH = Annotated[str, typer.Argument(help="Id of the search.", metavar="search")]
MODEL = Annotated[str, typer.Argument(help="Name of the model.", metavar="model")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    remote = typer.Typer(cls=LateCommands, no_args_is_help=True, add_completion=False)
    for command in (login, watch, fetch, pin, predict, pause, resume, more_time, cancel):
        remote.command(command.__name__.replace("_", "-"))(cast(Command, command))
    remote.command("list")(list_searches)
    add_command(remote, "search", search, "SearchConfig", panel=None)
    app.add_typer(
        remote,
        name="remote",
        help="Search, watch, fetch and predict on a service; see docs/service.md.",
        rich_help_panel=SERVICE,
    )


def login(url: Annotated[str, typer.Argument(help="Address of the service.")]) -> None:
    """Keep the address of a service, and a token that is asked for, in a file of your own."""
    import automl

    token = typer.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    client = automl.Client(url, token.strip())
    me = client.me()
    print(f"logged in as {me['name']} ({me['role']}); kept in {client.keep_login()}")


def search(config: SearchConfig, quiet: QUIET = False) -> None:
    """Submit a search, and watch it; Ctrl-C leaves it running."""
    from automl.option_types import plain_value

    client = _client()
    own = ("dataset", "study")
    options = {
        name: plain_value(getattr(config, name))
        for name in config.model_fields_set
        if name not in own
    }
    made = client.search(config.dataset, name=config.study, **options)
    print(made if quiet else f"search {made}: `automl remote watch {made}` shows it again")
    if not quiet:
        _show(client, made)


def list_searches() -> None:
    """List the searches, the newest first."""
    for one in _client().searches():
        place = f" (number {one['position']})" if one.get("position") else ""
        print(f"{one['id']}  {one['state']}{place}  {one['name']}")


def watch(search: SEARCH) -> None:
    """Watch a search from its beginning until it ends; Ctrl-C leaves it running."""
    _show(_client(), search)


def fetch(
    search: SEARCH,
    to: Annotated[Path | None, typer.Option("--to", help="File to write.")] = None,
    what: Annotated[str, typer.Option(help="bundle, model.onnx, report, or result.")] = "bundle",
) -> None:
    """Fetch the best model of a search, or its report."""
    print(_client().fetch(search, to, what))


def pin(model: MODEL, search: SEARCH) -> None:
    """Keep the best model of a search under a name, to predict with."""
    found = _client().pin(model, search)
    print(f"{found['name']}: version {found['versions'][-1]['version']}")


def predict(
    model: MODEL,
    data: Annotated[Path, typer.Argument(help="File of rows, or a picture.")],
    proba: Annotated[
        bool, typer.Option("--proba", help="Print a probability for each class.")
    ] = False,
    version: Annotated[str | None, typer.Option(help="A number, or an alias.")] = None,
) -> None:
    """Predict the rows of a file, one line each."""
    client = _client()
    ask = client.predict_proba if proba else client.predict
    for row in ask(model, data, version=version).tolist():
        print(",".join(map(str, row)) if isinstance(row, list) else row)


def pause(search: SEARCH) -> None:
    """Let a search write its best model, and wait."""
    _client().pause(search)


def resume(search: SEARCH) -> None:
    """Let a search go on."""
    _client().resume(search)


def more_time(
    search: SEARCH,
    time: Annotated[str, typer.Argument(help="Time in all, such as 10m.", metavar="time")],
) -> None:
    """Give a search this time in all."""
    _client().more_time(search, time)


def cancel(search: SEARCH) -> None:
    """End a search; what it found stays."""
    _client().cancel(search)


def _client() -> Client:
    import automl

    return automl.Client()


def _show(client: Client, search: str) -> None:
    last: dict[str, Any] = {}
    for event in client.watch(search):
        data = event.data
        last = {"name": event.name, **data}
        match event.name:
            case "plan" if data.get("described"):
                print(data["described"])
            case "phase":
                print(f"{data['name']} …")
            case "best":
                print(f"trial {data['number']}: {data['score']:.6g} is the best so far")
            case "note":
                print(data["text"])
    if last.get("name") == "failed":
        raise ConfigError(f"the search failed: {last.get('error')}")
    print(last.get("verdict") or last.get("name", "nothing has happened"))
