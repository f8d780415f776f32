"""The edges of every request: its id, and what holds for all of /v1 before and after the views."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from api import answers, bodies, errors, ratelimit, versioning
from invorec.lib import versions
from invorec.lib.ids import new_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Gives every request an id: on the response, in error bodies and on every log line written meanwhile."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = new_id("req")
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response.headers["Request-Id"] = request_id
        return response


class ApiBoundaryMiddleware:
    """Under /v1: no plain HTTP, no body that is too large, and no error that is not in our form.

    Stands outside Django's own middleware, so that a refused host or a crash in between is answered in our form too.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api_path(request.path_info):
            return self.get_response(request)
        request.path_info = request.path_info.rstrip("/")  # a redirect would lose the body of a POST
        fold_content_type(request)
        try:
            refuse_plain_http(request)
            refuse_unknown_host(request)
            with bodies.bounded(request):
                response = in_our_form(self.get_response(request), request)
        except Exception as error:
            response = answers.exception_handler(error, {"request": request})
        response = ratelimit.with_quota(response, request)
        response.headers.setdefault(versioning.HEADER, versions.current())
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")  # invoices have no business in a shared cache
        if response.status_code in (204, 304):  # no body at all, not even one of length 0 (RFC 9110, section 8.6)
            del response.headers["Content-Length"]
        elif isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return without_body(response) if request.method == "HEAD" else response


def is_api_path(path: str) -> bool:
    """Whether the path belongs to the API."""
    return path == "/v1" or path.startswith("/v1/")


def fold_content_type(request: HttpRequest) -> None:
    """Media types have no case (RFC 9110, section 8.3.1); Django and DRF compare them as they are written."""
    media_type, semicolon, parameters = request.META.get("CONTENT_TYPE", "").partition(";")
    request.META["CONTENT_TYPE"] = media_type.lower() + semicolon + parameters


def refuse_plain_http(request: HttpRequest) -> None:
    """A key sent in clear has been seen; a redirect would hide that. Raises InvalidRequest."""
    if settings.REQUIRE_HTTPS and not request.is_secure():
        raise errors.InvalidRequest("Use https://. The key of this request travelled in clear: replace it.")


def refuse_unknown_host(request: HttpRequest) -> None:
    """Raises InvalidRequest for a Host header that names none of ours."""
    try:
        request.get_host()
    except DisallowedHost:
        raise errors.InvalidRequest("The Host header names a host that is not served here.") from None


def without_body(response: HttpResponseBase) -> HttpResponseBase:
    """The answer to HEAD: the headers of the answer to GET, its length included."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()  # what it would have streamed is closed with the response
    elif isinstance(response, HttpResponse):
        response.content = b""
    return response


def in_our_form(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    """The response, or our error in place of a page that Django made of one."""
    is_ours = response.headers.get("Content-Type", "").startswith("application/json")
    if response.status_code < 400 or is_ours:
        return response
    return answers.error_response(answers.for_status(response.status_code, request), request)
