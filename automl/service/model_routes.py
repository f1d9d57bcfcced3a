"""Routes of models: pin, promote, roll back, fetch, delete."""

from __future__ import annotations

import pathlib
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from automl.bundle.format import MODEL
from automl.locations import best_bundle
from automl.service.access import Asking, User, Writing
from automl.service.problems import Problem
from automl.service.state import Address, Service, ThisService

router = APIRouter(prefix="/v1/models", tags=["models"])

NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"

ModelName = Annotated[str, Path(pattern=NAME_PATTERN)]
Reference = Annotated[str, Path(pattern=NAME_PATTERN, description="A number, or an alias.")]
Alias = Annotated[
    str,
    Path(
        max_length=100,
        pattern="^([A-Za-z]|[0-9]+[A-Za-z._-])[A-Za-z0-9._-]*$",
        description="A word such as production; no number, which would be a version.",
    ),
]


class Body(BaseModel):
    """What a client sends: nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Pin(Body):
    """The search whose best model is kept under the name."""

    search: str = Field(max_length=100, description="The id of a search that has a model.")


class Promotion(Body):
    """The version that an alias is to point to."""

    version: str | int = Field(description="A number, or another alias.")


class VersionFacts(BaseModel):
    """One version of a model."""

    version: int
    search: str
    sha256: str = Field(description="Of its model.json, which names every file of the bundle.")
    created: float
    task: str
    family: str
    metric: str
    scores: dict[str, Any]
    has_onnx: bool


class ModelFacts(BaseModel):
    """A model with its versions and aliases."""

    name: str
    created: float
    aliases: dict[str, int]
    versions: list[VersionFacts]


class Signature(BaseModel):
    """What a version takes and gives."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: int


@router.get("", response_model=list[ModelFacts])
def list_models(user: Asking, service: ThisService) -> list[dict[str, Any]]:
    """List the models that one may see, by name."""
    return service.registry.list(user)


@router.put("/{name}", response_model=ModelFacts, responses={201: {"model": ModelFacts}})
def pin_model(
    name: ModelName,
    body: Pin,
    user: Writing,
    service: ThisService,
    address: Address,
    response: Response,
) -> dict[str, Any]:
    """Keep the best model of a search as the newest version; 201 when there is a new one."""
    bundle = find_bundle(service, user, body.search)
    model, is_new = service.registry.pin(user, name, body.search, bundle, address)
    response.status_code = 201 if is_new else 200
    return model


@router.get("/{name}", response_model=ModelFacts)
def get_model(name: ModelName, user: Asking, service: ThisService) -> dict[str, Any]:
    """Return a model with its versions and aliases."""
    return service.registry.get(user, name)


@router.delete("/{name}", status_code=204)
def delete_model(name: ModelName, user: Writing, service: ThisService, address: Address) -> None:
    """Delete a model with all of its versions."""
    service.registry.delete(user, name, address)


@router.get("/{name}/versions/{version}", response_model=Signature)
def get_version(
    name: ModelName, version: Reference, user: Asking, service: ThisService
) -> dict[str, Any]:
    """Return what a version takes and gives."""
    found = service.registry.find(user, name, version)
    return {"name": found.name, "version": found.number, **found.signature}


@router.delete("/{name}/versions/{version}", status_code=204)
def delete_version(
    name: ModelName, version: Reference, user: Writing, service: ThisService, address: Address
) -> None:
    """Delete a version to which no alias points."""
    service.registry.delete_version(user, name, version, address)


@router.put("/{name}/aliases/{alias}", response_model=ModelFacts)
def promote_version(
    name: ModelName,
    alias: Alias,
    body: Promotion,
    user: Writing,
    service: ThisService,
    address: Address,
) -> dict[str, Any]:
    """Let an alias, such as production, point to a version."""
    service.registry.promote(user, name, alias, str(body.version), address)
    return service.registry.get(user, name)


@router.post("/{name}/aliases/{alias}/rollback", response_model=ModelFacts)
def roll_back_alias(
    name: ModelName, alias: Alias, user: Writing, service: ThisService, address: Address
) -> dict[str, Any]:
    """Let an alias point to where it pointed before."""
    service.registry.roll_back(user, name, alias, address)
    return service.registry.get(user, name)


@router.delete("/{name}/aliases/{alias}", status_code=204)
def delete_alias(
    name: ModelName, alias: Alias, user: Writing, service: ThisService, address: Address
) -> None:
    """Delete an alias."""
    service.registry.drop_alias(user, name, alias, address)


def find_bundle(service: Service, user: User, search: str) -> pathlib.Path:
    """Return the bundle of a search's best model.

    Raises
    ------
    Problem
        404 when the user sees no such search, 409 when it has no model yet.
    """
    row = service.searches.find(user, search)
    bundle = best_bundle(service.searches.folder(search).study(row["name"]))
    if not (bundle / MODEL).is_file():
        raise Problem(409, f"{row['name']} has no model yet; wait until it has finished")
    return bundle
