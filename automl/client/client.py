"""`Client`: what `automl` does on this machine, done by a service."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.client.connection import Connection
from automl.client.events import LAST, Event, watch
from automl.client.login import find_login, keep_login
from automl.client.rows import encode_rows
from automl.errors import ConfigError, ServiceError
from automl.files import replace_file
from automl.locations import default_name

if TYPE_CHECKING:
    from automl.arrays import Array

PIECE = 1 << 20

FILES = {"bundle": ".zip", "model.onnx": ".onnx", "report": ".html", "result": ".json"}
"""What can be fetched of a search, with the ending of its file."""


class Client:
    """A service, as the person whose token it is.

    Parameters
    ----------
    url : str, optional
        Address of the service; by default ``$AUTOML_URL``, or where `automl remote login` was.
    token : str, optional
        A personal token; by default ``$AUTOML_TOKEN``, or what `automl remote login` kept.

    Raises
    ------
    ConfigError
        When one of them is missing, or breaks its rule.

    Examples
    --------
    >>> client = automl.Client("http://127.0.0.1:8321", token)  # doctest: +SKIP
    >>> search = client.search("sales.csv", target="price", time_budget="10m")  # doctest: +SKIP
    >>> for event in client.watch(search):  # doctest: +SKIP
    ...     print(event.name, event.data)
    >>> client.fetch(search, "sales.zip")  # doctest: +SKIP
    >>> client.pin("sales", search)  # doctest: +SKIP
    >>> client.predict("sales", [{"town": "Bath", "rooms": 3}])  # doctest: +SKIP
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        url, self._token = find_login(url, token)
        self._connection = Connection(url, self._token)

    def __repr__(self) -> str:
        return f"Client({self._connection.url!r})"

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def keep_login(self) -> Path:
        """Keep address and token in a file of this user's, which `Client` then finds."""
        return keep_login(self._connection.url, self._token)

    def me(self) -> dict[str, Any]:
        """Return who the token belongs to, and what he may do."""
        return dict(self._connection.json("GET", "v1", "me"))

    def upload(self, path: str | Path, name: str | None = None) -> dict[str, Any]:
        """Upload a data set: a table, arrays, or a ZIP of pictures.

        Parameters
        ----------
        path : str or Path
        name : str, optional
            By default, that of the file without its endings.

        Returns
        -------
        dict
            The data set, with its ``name`` and ``sha256``.
        """
        path = Path(path)
        try:
            with path.open("rb") as file:
                size = str(os.fstat(file.fileno()).st_size)
                headers = {"Content-Length": size, "Content-Type": "application/octet-stream"}
                named = name or default_name(str(path))
                answer = self._connection.send(
                    "PUT", "v1", "datasets", named, body=file, headers=headers
                )
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
        return dict(json.loads(answer))

    def inspect(self, dataset: str, **options: Any) -> dict[str, Any]:
        """Return what the service sees in a data set; options are those of `automl.inspect`."""
        asked = {name: _in_query(value) for name, value in options.items() if value is not None}
        return dict(self._connection.json("GET", "v1", "datasets", dataset, "inspect", query=asked))

    def search(
        self, dataset: str | Path, *, name: str | None = None, priority: int = 0, **options: Any
    ) -> str:
        """Submit a search; see `watch` and `wait` for what becomes of it.

        Parameters
        ----------
        dataset : str or Path
            A data set of the service, or a file here, which is uploaded first.
        name : str, optional
            Name of the search; by default, that of the data set.
        priority : int
        **options
            As those of `automl.search`.

        Returns
        -------
        str
            The id of the search.
        """
        if Path(dataset).is_file():
            dataset = self.upload(dataset)["name"]
        content: dict[str, Any] = {
            "dataset": str(dataset),
            "options": options,
            "priority": priority,
        }
        if name is not None:
            content["name"] = name
        key = {"Idempotency-Key": secrets.token_hex(16)}
        made = self._connection.json("POST", "v1", "searches", content=content, headers=key)
        return str(made["id"])

    def searches(self) -> list[dict[str, Any]]:
        """Return the searches, the newest first."""
        return list(self._connection.json("GET", "v1", "searches"))

    def status(self, search: str) -> dict[str, Any]:
        """Return a search: its ``state``, its ``position`` in the queue, and more."""
        return dict(self._connection.json("GET", "v1", "searches", search))

    def watch(self, search: str, after: str | None = None) -> Iterator[Event]:
        """Yield what a search does until it ends or is paused; see `automl.client.events.watch`."""
        return watch(self._connection, search, after)

    def wait(self, search: str) -> dict[str, Any]:
        """Wait until a search has ended; return what it found, as ``result.json`` has it.

        Raises
        ------
        ServiceError
            When it failed, with its reason.
        """
        ended = None
        for event in self.watch(search):
            ended = event if event.name in LAST else ended
        state = self.status(search)
        if state["state"] == "failed":
            raise ServiceError(f"{state['name']}: the search failed: {state['error']}")
        return self.result(search)

    def result(self, search: str) -> dict[str, Any]:
        """Return what a search found, as ``result.json`` has it."""
        return dict(self._connection.json("GET", "v1", "searches", search, "result"))

    def pause(self, search: str) -> None:
        """Let a search write its best model and wait."""
        self._change(search, state="paused")

    def resume(self, search: str) -> None:
        """Let a search go on that was paused or has ended."""
        self._change(search, state="queued")

    def cancel(self, search: str) -> None:
        """End a search; what it found stays."""
        self._change(search, state="cancelled")

    def more_time(self, search: str, time_budget: str | float) -> None:
        """Give a search this time in all, what it has used included."""
        self._change(search, time_budget=time_budget)

    def delete(self, search: str) -> None:
        """Delete a search and everything of it."""
        self._connection.send("DELETE", "v1", "searches", search)

    def _change(self, search: str, **what: Any) -> None:
        self._connection.json("PATCH", "v1", "searches", search, content=what)

    def fetch(self, search: str, to: str | Path | None = None, what: str = "bundle") -> Path:
        """Fetch what a search has found, and check its SHA-256.

        Parameters
        ----------
        search : str
        to : str or Path, optional
            File to write, whole or not at all; by default, the search's name in this folder.
        what : {"bundle", "model.onnx", "report", "result"}
            A bundle is a ZIP, which `automl.load_model` takes.

        Raises
        ------
        ServiceError
            When there is none yet, or what came is not what the service sent.
        """
        if what not in FILES:
            raise ConfigError(f"what must be one of {', '.join(FILES)}, but got {what!r:.60}")
        path = Path(to) if to is not None else Path(self.status(search)["name"] + FILES[what])
        opened, answer = self._connection.open("v1", "searches", search, what)
        digest = hashlib.sha256()
        try:
            with replace_file(path) as partial, partial.open("wb") as file:
                while piece := answer.read(PIECE):
                    digest.update(piece)
                    file.write(piece)
                told = (answer.getheader("etag") or "").strip('W/"')
                if told and told != digest.hexdigest():
                    raise ServiceError(f"{path}: what came is not what was sent; fetch it again")
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from None
        finally:
            opened.close()
        return path

    def models(self) -> list[dict[str, Any]]:
        """Return the models with their versions and aliases."""
        return list(self._connection.json("GET", "v1", "models"))

    def pin(self, model: str, search: str) -> dict[str, Any]:
        """Keep the best model of a search under a name, as its newest version."""
        content = {"search": search}
        return dict(self._connection.json("PUT", "v1", "models", model, content=content))

    def promote(self, model: str, version: int | str, alias: str = "production") -> None:
        """Let an alias point to a version; ``production`` is what is predicted with."""
        content = {"version": version}
        self._connection.json("PUT", "v1", "models", model, "aliases", alias, content=content)

    def roll_back(self, model: str, alias: str = "production") -> None:
        """Let an alias point to where it pointed before."""
        self._connection.json("POST", "v1", "models", model, "aliases", alias, "rollback")

    def predict(self, model: str, X: Any, *, version: int | str | None = None) -> Array:
        """Return labels or numbers, as `automl.bundle.model.Model.predict` does.

        Parameters
        ----------
        model : str
            Name of a model of the service.
        X : array, frame, list of dict, or path of a file
            Rows as `Model.predict` takes them; a file may be a table, arrays, or a picture.
        version : int or str, optional
            A number or an alias; by default ``production``, or the newest where there is none.
        """
        import numpy as np

        return np.asarray(self._predict(model, X, version)["predictions"])

    def predict_proba(self, model: str, X: Any, *, version: int | str | None = None) -> Array:
        """Return class probabilities of shape ``(rows, classes)``; see `predict`.

        Raises
        ------
        ConfigError
            When the model has none.
        """
        import numpy as np

        found = self._predict(model, X, version)
        if "probabilities" not in found:
            raise ConfigError(f"{model}: has no probabilities")
        return np.asarray(found["probabilities"])

    def _predict(self, model: str, X: Any, version: int | str | None) -> Mapping[str, Any]:
        media, body = encode_rows(X)
        query = {} if version is None else {"version": version}
        data = self._connection.send(
            "POST",
            *("v1", "models", model, "predict"),
            body=body,
            query=query,
            headers={"Content-Type": media},
        )
        return dict(json.loads(data))


def _in_query(value: Any) -> Any:
    return ("true" if value else "false") if isinstance(value, bool) else value
