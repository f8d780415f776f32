"""Which dated version a request speaks (contract, section 7); what versions there are: `invorec.lib.versions`."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidRequest
from api.models import ApiKey
from invorec.lib import versions

HEADER = "InvoRec-Version"


def requested(request: Request) -> str:
    """The version of the request's header, else the one that its workspace is pinned to. Raises InvalidRequest."""
    known = versions.known()
    asked = request.headers.get(HEADER)
    if asked is None:
        pinned = request.auth.workspace.api_version if isinstance(request.auth, ApiKey) else ""
        return pinned if pinned in known else versions.current()
    if asked not in known:
        raise InvalidRequest(f"Unknown {HEADER} {asked!r}. Known: {', '.join(known)}.", param=HEADER)
    return asked


def upgrade_query(request: Request) -> None:
    """Puts the newest version's form in place of the query."""
    given = dict(request.query_params.lists())
    upgraded = versions.upgraded_query(given, operation=operation_of(request), date=str(request.version))
    if upgraded is not given:
        query = QueryDict(mutable=True)
        for name, values in upgraded.items():
            query.setlist(name, values)
        request._request.GET = query  # type: ignore[assignment]  # what Request.query_params reads


def upgraded_body(request: Request, body: Any) -> Any:
    """The parsed JSON body of a request in the newest version's form."""
    return versions.upgraded_body(body, operation=operation_of(request), date=str(request.version))


def presented(request: Request, response: HttpResponseBase) -> HttpResponseBase:
    """The answer in the form of the request's version, and saying so."""
    response.headers[HEADER] = str(request.version)
    if isinstance(response, Response) and request.version != versions.current():
        response.data = versions.presented(response.data, date=str(request.version))
    return response


def operation_of(request: Request) -> str:
    """What the request does, as versions name it: "PATCH invoice"."""
    match = request.resolver_match
    return f"{request.method} {match.url_name if match else None}"
