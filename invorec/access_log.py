"""One log line per request: what was asked and how it went, never a query string, header or body."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = structlog.get_logger("invorec.access")
PROBES = ("/healthz", "/readyz")  # asked every few seconds, worth a line only when they fail


class AccessLogMiddleware:
    """Stands right inside the middleware that binds the request id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        if request.path not in PROBES or response.status_code >= 400:
            took_ms = round((time.perf_counter() - started) * 1000)
            log.info("request", method=request.method, path=request.path, status=response.status_code, ms=took_ms)
        return response
