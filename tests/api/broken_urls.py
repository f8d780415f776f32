"""A URL configuration whose views go wrong, each in its own way, for test_errors.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.urls import path
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.views.base import ApiView
from extraction.engine import errors as engine

SECRET = 'FROM api_apikey WHERE digest = "abc" in /srv/invorec/api/models.py'
RAISED: dict[str, Exception] = {
    "crash": RuntimeError(SECRET),
    "key-error": KeyError(SECRET),
    "database-down": OperationalError(SECRET),
    "connection-lost": InterfaceError(SECRET),
    "http404": Http404(SECRET),
    "not-found": exceptions.NotFound(SECRET),
    "denied": PermissionDenied(SECRET),
    "drf-denied": exceptions.PermissionDenied(SECRET),
    "suspicious": SuspiciousOperation(SECRET),
    "too-big": RequestDataTooBig(SECRET),
    "too-many-fields": TooManyFieldsSent(SECRET),
    "client-gone": UnreadablePostError(SECRET),
    "one-field": exceptions.ValidationError({"limit": ["Too much."]}),
    "fields": exceptions.ValidationError(
        {"a": ["No."], "lines": [{"b": ["Nor this."]}, {}], "non_field_errors": ["So."]}
    ),
    "no-field": exceptions.ValidationError(["Neither."]),
    "empty-file": engine.EmptyFile(),
    "large-file": engine.FileTooLarge(),
}


def raising(error: Exception) -> Callable[..., Any]:
    class Broken(ApiView):
        authentication_classes = []
        permission_classes = [AllowAny]

        def get(self, request: Request) -> Response:
            raise error

    return Broken.as_view()


class Echo(ApiView):
    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        return Response(request.data)


class Unruled(ApiView):
    """A view that forgot its scopes."""

    def get(self, request: Request) -> Response:
        return Response({})


def page(request: HttpRequest, status: int) -> HttpResponse:
    return HttpResponse(f"<h1>{SECRET}</h1>", status=status)


def plain_crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


urlpatterns = [
    *(path(f"v1/{name}", raising(error)) for name, error in RAISED.items()),
    path("v1/echo", Echo.as_view()),
    path("v1/unruled", Unruled.as_view()),
    path("v1/page/<int:status>", page),
    path("v1/plain-crash", plain_crash),
]
