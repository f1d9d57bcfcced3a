"""Routes of searches: submit, look, change, delete, watch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from automl.service.access import Asking, Writing
from automl.service.account_routes import WHOLE, Body
from automl.service.dataset_routes import NAME_PATTERN
from automl.service.events import LAST, is_event_id
from automl.service.options import check_options, options_schema
from automl.service.problems import Problem
from automl.service.state import Address, Service, ThisService

router = APIRouter(prefix="/v1/searches")

State = Literal[
    "queued", "running", "pausing", "paused", "cancelling", "cancelled", "finished", "failed"
]

SearchId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]

LEAST, MOST = -10, 10
"""Priorities; those above 0 are for administrators."""


class NewSearch(Body):
    """A search to be queued."""

    model_config = ConfigDict(extra="forbid")

    dataset: str = Field(
        pattern=NAME_PATTERN, description="A data set of one's own, or one that comes with automl."
    )
    name: str | None = Field(
        None, pattern=NAME_PATTERN, description="By default, that of the data set."
    )
    options: dict[str, Any] = Field(
        default={},
        description="As `automl search` has them, without paths, plug-ins and addresses.",
        json_schema_extra=options_schema(),
    )
    priority: Annotated[int, Field(ge=LEAST, le=MOST), WHOLE] = Field(
        0, description="Above 0 for administrators only."
    )


class SearchChange(Body):
    """What is to change of a search; what is left out stays."""

    state: Literal["queued", "paused", "cancelled"] | None = None
    priority: Annotated[int, Field(ge=LEAST, le=MOST), WHOLE] | None = None
    trials: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] | None = Field(
        None, description="In all, those before too."
    )
    time_budget: float | str | None = Field(
        None, description="Seconds, or 5m or 1h: in all, that before too."
    )


class SearchFacts(BaseModel):
    """A search."""

    id: str
    name: str
    owner: str
    dataset: str
    options: dict[str, Any]
    priority: int
    state: State
    position: int | None = Field(description="Place in the queue, from 1, while it waits.")
    attempt: int = Field(description="How often it was started.")
    error: str | None
    created: float
    queued: float
    started: float | None
    ended: float | None
    compute_seconds: float
    metric: str | None = Field(description="What the score is; when it has ended.")
    score: float | None = Field(description="On the test split; when it has ended.")
    trials: int | None = Field(description="Trials that were made; when it has ended.")
    files: list[Literal["result", "report", "bundle", "model.onnx"]] = Field(
        description="What can be fetched now, as the routes below it are called."
    )


def _facts(service: Service, row: RowMapping, positions: Mapping[str, int]) -> SearchFacts:
    shown = {n: row[n] for n in SearchFacts.model_fields if n in row}
    state = row["state"]
    if state == "running":
        state = {"paused": "pausing", "cancelled": "cancelling"}.get(row["wanted"], state)
    folder = service.searches.folder(row["id"])
    ended = folder.ended(row["attempt"]) or {}
    shown |= {name: ended.get(name) for name in ("metric", "score", "trials")}
    place = positions.get(row["id"]) if state == "queued" else None
    options = json.loads(row["options"])
    shown |= {"options": options, "position": place, "files": folder.files(row["name"])}
    return SearchFacts(**shown | {"state": state})


@router.post("", status_code=201, responses={200: {"model": SearchFacts}})
def submit_search(
    body: NewSearch,
    response: Response,
    user: Writing,
    service: ThisService,
    address: Address,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=256)] = None,
) -> SearchFacts:
    """Queue a search; the same Idempotency-Key and content is the same search."""
    if body.priority > 0 and user.role != "admin":
        raise Problem(403, f"priority: only administrators go above 0, but got {body.priority}")
    row, is_new = service.searches.submit(
        user,
        name=body.name,
        dataset=body.dataset,
        options=check_options(body.options, service.settings.max_workers),
        priority=body.priority,
        key=idempotency_key,
        address=address,
    )
    response.status_code = 201 if is_new else 200
    service.queue.wake()
    return _facts(service, row, service.queue.positions())


@router.get("")
def list_searches(
    user: Asking, service: ThisService, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[SearchFacts]:
    """List the searches that one may see, the newest first."""
    positions = service.queue.positions()
    return [_facts(service, row, positions) for row in service.searches.list(user, limit)]


@router.get("/{search_id}")
def show_search(search_id: SearchId, user: Asking, service: ThisService) -> SearchFacts:
    """Show a search."""
    row = service.searches.find(user, search_id)
    return _facts(service, row, service.queue.positions())


@router.patch("/{search_id}")
def change_search(
    search_id: SearchId,
    body: SearchChange,
    user: Writing,
    service: ThisService,
    address: Address,
) -> SearchFacts:
    """Pause, take up, or cancel a search; change its priority, trials or time.

    A search that has ended or runs goes on with more trials or time; a pause lets it write its
    best model first.
    """
    changes = body.model_dump(exclude_none=True, include={"state", "priority"})
    if changes.get("priority", 0) > 0 and user.role != "admin":
        raise Problem(403, f"priority: only administrators go above 0, but got {body.priority}")
    more = body.model_dump(exclude_none=True, include={"trials", "time_budget"})
    if more:
        before = json.loads(service.searches.find(user, search_id)["options"])
        checked = check_options(before | more, service.settings.max_workers)
        changes["options"] = {name: checked[name] for name in more}
    row = service.searches.change(user, search_id, changes, address)
    service.queue.wake()
    return _facts(service, row, service.queue.positions())


@router.delete("/{search_id}", status_code=204)
def remove_search(
    search_id: SearchId, user: Writing, service: ThisService, address: Address
) -> None:
    """Delete a search and everything of it; one that runs is ended first, within seconds."""
    service.searches.remove(user, search_id, address)
    service.queue.wake()


EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; docs/service.md lists them.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "The search is over, and the client has seen everything."},
}


@router.get("/{search_id}/events", response_class=StreamingResponse, responses=EVENTS)
def watch_search(
    search_id: SearchId,
    user: Asking,
    service: ThisService,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**53)] = None,
    after: Annotated[
        int | None, Query(ge=0, le=2**53, description="As Last-Event-ID, which wins.")
    ] = None,
) -> Response:
    """Watch a search: everything from its beginning, or behind an event, and what comes."""
    row = service.searches.find(user, search_id)
    path = service.searches.folder(search_id).events
    place = last_event_id if last_event_id is not None else after or 0
    if not is_event_id(path, place):
        raise Problem(422, f"Last-Event-ID: this search has no event {place}")
    if row["state"] in LAST and place and place >= path.stat().st_size:
        return Response(status_code=204)
    return StreamingResponse(
        service.streams.stream(path, place),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},  # nginx would keep events back
    )
