"""The home page: what this is and how to make a first request."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One static page that needs nothing from elsewhere."""
    address = request.build_absolute_uri("/").rstrip("/")
    response = render(request, "home.html", {"address": address})
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
