"""optuna-dashboard on a search's study, below the search's own address and read-only.

Its page is somebody else's program, and shows what users have named. So it is kept in a sandbox
with the origin of the service, which it needs for its settings, but no windows, frames, forms or
workers; its scripts come from there and can ask nothing but its own data.
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from automl.dashboard.mount import NAME
from automl.errors import StudyError
from automl.service.access import Asking
from automl.service.problems import Problem
from automl.service.search_routes import SearchId
from automl.service.state import ThisService
from automl.study.folder import StudyFolder

router = APIRouter(prefix="/v1/searches/{search_id}", include_in_schema=False)

POLICY = (
    "sandbox allow-scripts allow-same-origin allow-downloads; default-src 'none';"
    # 'unsafe-eval' is what its plots compile themselves with; nothing inline is run.
    " script-src {here}/static/ 'unsafe-eval'; style-src 'unsafe-inline'; font-src data:;"
    " img-src {host}/favicon.ico data: blob:; connect-src {here}/api/; worker-src 'none';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
"""What a policy can name."""

PASSED = ("content-type", "content-disposition", "content-encoding", "etag", "vary")
"""Headers of the dashboard's answer that a client gets."""

_TOGETHER = CapacityLimiter(8)
"""Requests at the same time, so that threads are left for others."""


@router.get(NAME)
@router.get(NAME + "/{place:path}")
async def show_dashboard(
    search_id: SearchId, request: Request, user: Asking, service: ThisService, place: str = ""
) -> Response:
    """Show optuna-dashboard, which can change nothing here."""
    row = await to_thread.run_sync(service.searches.find, user, search_id)
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise Problem(409, f"the dashboard needs a host name or an IPv4 address, not {host!r:.100}")
    prefix = f"/v1/searches/{search_id}{NAME}"
    target = f"{prefix}/{quote(place)}" if place else prefix
    if query := request.scope["query_string"].decode("latin-1"):
        target += f"?{query}"
    wanted = ("accept-encoding", "if-none-match")
    headers = {name: request.headers[name] for name in wanted if name in request.headers}
    database = StudyFolder(service.searches.folder(search_id).study(row["name"])).database
    ask = partial(service.dashboard.ask, database, prefix, target, headers)
    try:
        answer = await to_thread.run_sync(ask, limiter=_TOGETHER)
    except StudyError as error:
        raise Problem(503, str(error), {"Retry-After": "5"}) from None
    if answer.status >= 500:
        raise Problem(502, "the dashboard cannot show this study; the log says why")
    if answer.status == 404:
        raise Problem(404, "the dashboard has nothing here, as of a search that has not begun")
    passed = {name: answer.headers[name] for name in PASSED if name in answer.headers}
    policy = POLICY.format(host=host, here=host + prefix)
    passed |= {"content-security-policy": policy, "cache-control": "private, no-cache"}
    return Response(answer.body, answer.status, passed)
