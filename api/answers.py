"""From any exception, ours or another's, to an answer in our form (`api.errors`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.request import Request

from api.errors import (
    RETRY_AFTER_S,
    ApiError,
    FileTooLarge,
    InsufficientCredits,
    InsufficientScope,
    InvalidRequest,
    InvoiceProcessing,
    ResourceNotFound,
    UnprocessableInvoice,
)
from billing import credits
from extraction import changes
from extraction.engine.errors import EngineError
from extraction.engine.errors import FileTooLarge as EngineFileTooLarge
from extraction.models import Invoice
from extraction.storage import StoreDown
from webhooks import endpoints
from webhooks.models import WebhookEndpoint

log = structlog.get_logger(__name__)


def api_error(exc: Exception, request: HttpRequest | Request) -> ApiError:
    """The answer that an exception, ours or another's, stands for. What nobody foresaw says nothing of itself."""
    if isinstance(exc, ApiError):
        return exc
    if isinstance(exc, EngineError):
        refusal = FileTooLarge if isinstance(exc, EngineFileTooLarge) else UnprocessableInvoice
        return refusal(str(exc), param="file")
    if isinstance(exc, credits.InsufficientCredits):
        return InsufficientCredits(str(exc))
    if isinstance(exc, exceptions.ValidationError):
        return _invalid_fields(exc)
    if isinstance(exc, ValidationError):
        return InvalidRequest.of_fields([(name, text) for name, texts in exc.message_dict.items() for text in texts])
    if isinstance(exc, (OperationalError, InterfaceError, StoreDown)):
        return service_unavailable()
    return _http_error(exc, request) or ApiError()


TOO_LONG = {
    414: "The address with its parameters is too long.",
    431: "The headers are too long.",
}  # what the server beneath refuses before there is a request


def service_unavailable() -> ApiError:
    """A dependency is down: 503, and when to try again."""
    return ApiError(
        "The service is briefly unavailable. It is safe to try again.",
        status=503,
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def for_status(status: int, request: HttpRequest) -> ApiError:
    """The answer in our form for an error that something beneath the views answered in its own."""
    if status == 404:
        return ResourceNotFound(f"There is nothing at {request.path}. The API's paths are listed in /v1/openapi.json.")
    if status == 403:
        return InsufficientScope()
    if 400 <= status < 500:
        return InvalidRequest(TOO_LONG.get(status), status=status)
    return ApiError(status=status)


def error_response(error: ApiError, request: HttpRequest | Request) -> JsonResponse:
    """The HTTP answer. JSON whatever the client accepts: a 406 has to be readable as well."""
    request_id = getattr(request, "request_id", "")
    return JsonResponse(
        error.body(request_id),
        status=error.status_code,
        headers=error.headers,
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )


def exception_handler(exc: Exception, context: dict[str, Any]) -> JsonResponse:
    """The exception handler of every view under /v1."""
    request = context["request"]
    error = api_error(exc, request)
    if error.status_code >= 500:
        log.error("request_failed", status=error.status_code, path=request.path, exc_info=exc)
    return error_response(error, request)


def _http_error(exc: Exception, request: HttpRequest | Request) -> ApiError | None:
    """The errors that Django and DRF raise on their own."""
    for kinds, answer in HTTP_ERRORS:
        if isinstance(exc, kinds):
            return answer(exc, request)
    return None


# Django's and DRF's own exceptions, the more special before the more general, and what each is answered with.
HTTP_ERRORS: list[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any, Any], ApiError]]] = [
    ((Http404, exceptions.NotFound), lambda exc, request: ResourceNotFound()),
    (Invoice.DoesNotExist, lambda exc, request: ResourceNotFound("The invoice has been deleted.")),
    (changes.InvoiceProcessing, lambda exc, request: InvoiceProcessing()),
    (
        changes.FileRemoved,
        lambda exc, request: UnprocessableInvoice("The file of this invoice has been removed: nothing can be read."),
    ),
    (WebhookEndpoint.DoesNotExist, lambda exc, request: ResourceNotFound("The webhook has been deleted.")),
    (endpoints.NoWebhooks, lambda exc, request: InsufficientScope(str(exc))),
    (endpoints.TooManyEndpoints, lambda exc, request: InvalidRequest(str(exc))),
    (
        endpoints.NothingToPromote,
        lambda exc, request: InvalidRequest("There is no pending secret: rotate first, or its time has come already."),
    ),
    ((PermissionDenied, exceptions.PermissionDenied), lambda exc, request: InsufficientScope()),
    (
        exceptions.MethodNotAllowed,
        lambda exc, request: InvalidRequest(f"{request.method} is not possible at {request.path}.", status=405),
    ),
    (
        exceptions.NotAcceptable,
        lambda exc, request: InvalidRequest(
            "The answer is application/json, which the Accept header leaves out.", status=406
        ),
    ),
    (
        exceptions.UnsupportedMediaType,
        lambda exc, request: InvalidRequest(
            f"A body of type {request.content_type.partition(';')[0]!r} is not understood here.", status=415
        ),
    ),
    (
        (RequestDataTooBig, TooManyFieldsSent),
        lambda exc, request: InvalidRequest("The form has too many fields, or too much in them."),
    ),
    (TooManyFilesSent, lambda exc, request: InvalidRequest("Send one file a request.", param="file")),
    (exceptions.ParseError, lambda exc, request: InvalidRequest(f"The body could not be read: {exc.detail}")),
    ((SuspiciousOperation, UnreadablePostError), lambda exc, request: InvalidRequest()),
]


def _invalid_fields(exc: exceptions.ValidationError) -> ApiError:
    fields = list(_flatten(exc.detail))
    return InvalidRequest.of_fields(fields)


def _flatten(detail: Any, param: str = "") -> Any:
    """DRF's nested details as (param, message) pairs: {"metadata": {"a": ["No."]}} gives ("metadata.a", "No.")."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            name = "" if name == "non_field_errors" else str(name)
            yield from _flatten(inner, f"{param}.{name}".strip("."))
    elif isinstance(detail, list) and detail and isinstance(detail[0], (dict, list)):
        for index, inner in enumerate(detail):
            yield from _flatten(inner, f"{param}.{index}".strip("."))
    elif isinstance(detail, list):
        yield from ((param, str(message)) for message in detail)
    else:
        yield param, str(detail)
