"""Errors as `application/problem+json` (RFC 9457), each with one clear line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from automl.errors import AutomlError

MEDIA_TYPE = "application/problem+json"


class Problem(HTTPException):
    """An answer that is an error.

    Parameters
    ----------
    status : int
        HTTP status code.
    detail : str
        One line: the rule, the value, what to do.
    headers : dict of str to str, optional
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)


class ProblemBody(BaseModel):
    """An error."""

    type: str = Field(description="about:blank: the status says what kind of error it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status code.")
    detail: str = Field(description="One line: the rule, the value, and what to do.")


RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "An error, in one line.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
    }
}
"""What every route may answer beside what it is for."""


def problem_body(status: int, detail: str) -> dict[str, Any]:
    """Return the content of an error."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def problem_response(problem: Problem) -> JSONResponse:
    """Return an error as an answer."""
    body = problem_body(problem.status_code, problem.detail)
    return JSONResponse(body, problem.status_code, problem.headers, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let an application answer errors in this form."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> JSONResponse:
        return problem_response(error)

    @app.exception_handler(AutomlError)
    async def on_ours(request: Request, error: AutomlError) -> JSONResponse:
        return problem_response(Problem(422, " ".join(str(error).split())))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        detail = {404: "there is nothing at this address"}.get(error.status_code, error.detail)
        headers = dict(error.headers or {})
        return problem_response(Problem(error.status_code, str(detail), headers))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(Problem(422, _first_line(error)))


def _first_line(error: RequestValidationError) -> str:
    """Return the first complaint: where, the rule, the value."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    rule = str(first["msg"]).replace("Input should be", "must be").removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        return f"the body must be JSON: {first.get('ctx', {}).get('error', rule)}"
    secret = "password" in place or "invitation" in place
    value = "" if secret or first["type"] == "missing" else f", but got {first['input']!r:.120}"
    return " ".join(f"{place}: {rule[0].lower()}{rule[1:]}{value}".split())
