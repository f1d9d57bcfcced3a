"""Routes of data sets."""

from __future__ import annotations

from base64 import b64encode
from contextlib import closing
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from automl.service.access import Asking, Writing
from automl.service.options import query_options, query_parameters
from automl.service.problems import Problem
from automl.service.state import Address, ThisService
from automl.service.uploads import Kind, discard, receive

router = APIRouter(prefix="/v1/datasets")

NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"

DatasetName = Annotated[str, Path(pattern=NAME_PATTERN)]
Owner = Annotated[
    str | None, Query(max_length=64, description="Whose; by default, of whoever asks.")
]


class DatasetFacts(BaseModel):
    """A data set."""

    id: str
    name: str
    owner: str
    kind: Kind
    bytes: int
    sha256: str
    created: float


BODY = {
    "requestBody": {
        "required": True,
        "description": "The bytes of a table (CSV, Parquet), of arrays (NPZ), or of a ZIP with a"
        " folder of pictures for each class.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put(
    "/{name}", status_code=201, openapi_extra=BODY, responses={200: {"model": DatasetFacts}}
)
async def upload_dataset(
    name: DatasetName,
    request: Request,
    response: Response,
    user: Writing,
    service: ThisService,
    address: Address,
) -> DatasetFacts:
    """Upload a data set; the same bytes under the same name are the same data set."""
    room = await to_thread.run_sync(service.datasets.room, user)
    with closing(room):
        told = request.headers.get("content-length", "")
        if told.isdecimal():
            room.check(int(told))
        upload = await receive(service.settings, request.stream(), room.take)
        if not _fits(request.headers.get("content-digest", ""), upload.sha256):
            await to_thread.run_sync(discard, upload.path)
            raise Problem(
                422, f"Content-Digest: the bytes that came have the SHA-256 {upload.sha256}"
            )
        row, is_new = await to_thread.run_sync(service.datasets.keep, user, name, upload, address)
    response.status_code = 201 if is_new else 200
    return DatasetFacts(**row)


@router.get("")
def list_datasets(user: Asking, service: ThisService) -> list[DatasetFacts]:
    """List the data sets that one may see."""
    return [DatasetFacts(**row) for row in service.datasets.list(user)]


@router.get("/{name}")
def show_dataset(
    name: DatasetName, user: Asking, service: ThisService, owner: Owner = None
) -> DatasetFacts:
    """Show a data set."""
    return DatasetFacts(**service.datasets.find(user, name, owner))


@router.delete("/{name}", status_code=204)
def remove_dataset(
    name: DatasetName, user: Writing, service: ThisService, address: Address, owner: Owner = None
) -> None:
    """Delete a data set that no unfinished search needs."""
    service.datasets.remove(user, name, owner, address)


def _fits(header: str, sha256: str) -> bool:
    """Return whether the SHA-256 that a client has sent (RFC 9530), if any, is this."""
    told = [part.strip() for part in header.split(",") if part.strip().startswith("sha-256=")]
    return not told or told == [f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:"]


def data_options(request: Request) -> dict[str, Any]:
    """Return the options in a query: how the data is read."""
    pairs = request.query_params.multi_items()
    return query_options([(name, text) for name, text in pairs if name != "owner"])


@router.get("/{name}/inspect", openapi_extra={"parameters": query_parameters()})
def inspect_dataset(
    name: DatasetName,
    user: Asking,
    service: ThisService,
    options: Annotated[dict[str, Any], Depends(data_options)],
    owner: Owner = None,
) -> dict[str, Any]:
    """Say what the program sees in a data set: columns, target, task, split, suspicions."""
    row = service.datasets.find(user, name, owner)
    path = service.datasets.path(row["sha256"])
    return {"name": name} | service.inspections.inspect(name, path, options)
