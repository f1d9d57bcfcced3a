"""Server-sent events, read as a browser reads them, with reconnecting where one was."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from automl.client.connection import Connection
from automl.errors import ServiceError

LAST = ("finished", "failed", "cancelled", "paused")
"""Events after which a search does nothing until somebody asks it to."""

SILENT_SECONDS = 60.0
"""Silence after which the connection is begun anew; the service says something every 15 s."""

MOST_TRIES = 8
"""Tries in a row to reach the service again, over about two minutes."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a search has done.

    Attributes
    ----------
    name : str
        Such as ``"trial"`` or ``"best"``; docs/service.md lists them.
    data : dict of str to object
    id : str
        What to come back with to go on behind it.
    """

    name: str
    data: dict[str, Any]
    id: str


def watch(connection: Connection, search: str, after: str | None = None) -> Iterator[Event]:
    """Yield what a search does, from its beginning or from behind an event, until it ends.

    When the connection is lost it is begun anew, behind the last event: none is missed, and none
    comes twice.

    Parameters
    ----------
    connection : Connection
    search : str
        Id of the search.
    after : str, optional
        Id of an event.

    Raises
    ------
    ServiceError
        When the service refuses, or stays away.
    """
    tries = 0
    while True:
        headers = {} if after is None else {"Last-Event-ID": after}
        try:
            opened, answer = connection.open(
                "v1", "searches", search, "events", headers=headers, seconds=SILENT_SECONDS
            )
        except ServiceError as error:
            if error.status is not None and error.status < 500:
                raise
            tries += 1
            if tries > MOST_TRIES:
                raise
            time.sleep(min(0.5 * 2**tries, 30.0))
            continue
        try:
            if answer.status == http.client.NO_CONTENT:
                return
            for event in read_events(answer):
                tries, after = 0, event.id
                yield event
                if event.name in LAST and _is_newest(connection, search, event):
                    return
        except (OSError, http.client.HTTPException):
            pass  # begun anew
        finally:
            opened.close()
        time.sleep(0.2)


def _is_newest(connection: Connection, search: str, event: Event) -> bool:
    """Return whether a search has not been taken up again since this end or pause."""
    now = connection.json("GET", "v1", "searches", search)
    return bool(now["attempt"] == event.data.get("attempt"))


def read_events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events in the lines of a stream; comments, which keep it alive, are none."""
    name, data, number = "message", [], ""
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        field, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if text:
            match field:
                case "event":
                    name = value
                case "data":
                    data.append(value)
                case "id":
                    number = value
        elif data:
            yield Event(name, json.loads("\n".join(data)), number)
            name, data = "message", []
