"""Every answer under /v1 that is not a success: one table of codes and one body."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException

from extraction.engine.errors import FileTooLarge as EngineFileTooLarge

# The stable codes and the status each goes out with. 405, 406 and 415 keep their own status, and so does 503.
STATUS = {
    "invalid_request_error": 400,
    "authentication_required": 401,
    "invalid_api_key": 401,
    "insufficient_credits": 402,
    "insufficient_scope": 403,
    "resource_not_found": 404,
    "idempotency_conflict": 409,
    "invoice_processing": 409,
    "unprocessable_invoice": 422,
    "file_too_large": 422,
    "rate_limited": 429,
    "internal_error": 500,
}
CODES = tuple(sorted(STATUS))
RETRY_AFTER_S = 5  # what a client waits when a dependency is down: a restart of it takes about as long
AUTHENTICATE = {"WWW-Authenticate": "Bearer"}


class ApiError(APIException):
    """An answer that is not a success. `fields` lists (param, message) of every field at fault, the first of which is
    also `param` and `message`."""

    code = "internal_error"
    message = "Something went wrong on our side. It is safe to try again."

    def __init__(
        self,
        message: str | None = None,
        *,
        param: str | None = None,
        fields: list[tuple[str, str]] | None = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.message, self.code)
        self.text = message or self.message
        self.param = param
        self.fields = fields or []
        self.status_code = status or STATUS[self.code]
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The wire form (contract, section 3)."""
        error: dict[str, Any] = {"code": self.code, "message": self.text}
        if self.param:
            error["param"] = self.param
        if len(self.fields) > 1:
            error["errors"] = [{"param": param, "message": message} for param, message in self.fields]
        return {"error": error | {"request_id": request_id}}


class InvalidRequest(ApiError):
    code = "invalid_request_error"
    message = "The request could not be understood."

    @classmethod
    def of_fields(cls, fields: list[tuple[str, str]]) -> InvalidRequest:
        """One (param, message) or several; an empty param is the body as a whole."""
        param, message = fields[0]
        return cls(message, param=param or None, fields=fields)


class AuthenticationRequired(ApiError):
    code = "authentication_required"
    message = "Send your API key in the header Authorization: Bearer invr_live_… or invr_test_…"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers=AUTHENTICATE)


class InvalidApiKey(ApiError):
    code = "invalid_api_key"
    message = "The provided key is not valid. Check that it was copied whole."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers=AUTHENTICATE)


class InsufficientCredits(ApiError):
    code = "insufficient_credits"
    message = "There are not enough credits for this document."


class InsufficientScope(ApiError):
    code = "insufficient_scope"
    message = "The provided key may not do this."


class ResourceNotFound(ApiError):
    code = "resource_not_found"
    message = "There is nothing at this address."


class InvoiceProcessing(ApiError):
    code = "invoice_processing"
    message = "The invoice is being read. Try again when its status is no longer processing."


class IdempotencyConflict(ApiError):
    code = "idempotency_conflict"
    message = "This Idempotency-Key was used for another request. Choose a new one for each operation."

    @classmethod
    def still_running(cls) -> IdempotencyConflict:
        """The first request under the key has not ended."""
        message = "The first request under this Idempotency-Key is still running. Send it again in a second."
        return cls(message, headers={"Retry-After": "1"})


class RateLimited(ApiError):
    code = "rate_limited"

    def __init__(self, retry_after_s: int) -> None:
        headers = {"Retry-After": str(retry_after_s)}
        super().__init__(f"Slow down — retry in {retry_after_s}s.", headers=headers)


class UnprocessableInvoice(ApiError):
    code = "unprocessable_invoice"
    message = "The uploaded file is not a recognisable invoice."


class FileTooLarge(ApiError):
    code = "file_too_large"
    message = EngineFileTooLarge.message
