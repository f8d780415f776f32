"""What the API says of itself: the parts of the OpenAPI document that the views' code does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers

from api.errors import CODES, STATUS
from invorec.lib.bodies import PatchFields
from invorec.lib.wire import ObjectType

F = TypeVar("F", bound=Callable[..., Any])

REQUEST_ID = "req_01HFAB7Z5K8C4M2N7Y9P3R6V0X"
# One example per code that can be the answer now.
MESSAGES = {
    "invalid_request_error": "The limit is a number from 1 to 100.",
    "authentication_required": "Send your API key in the header Authorization: Bearer invr_live_… or invr_test_…",
    "invalid_api_key": "The provided key has been revoked.",
    "insufficient_credits": "This document needs 3 credits and 2 are left. New ones come on 1 May 2026; or top up, or "
    "upgrade.",
    "insufficient_scope": "The provided key lacks the scope invoices:write.",
    "resource_not_found": "There is no invoice inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD.",
    "invoice_processing": "The invoice is being read. Try again when its status is no longer processing.",
    "unprocessable_invoice": "The file is not a PDF, PNG, JPEG, TIFF, WebP, HEIC or XML e-invoice.",
    "file_too_large": "The file is larger than the 25 MiB allowed.",
    "idempotency_conflict": "This Idempotency-Key was used for another request. Choose a new one for each operation.",
    "rate_limited": "Slow down — retry in 3s.",
    "internal_error": "Something went wrong on our side. It is safe to try again.",
}
PARAMS = {"invalid_request_error": "limit", "unprocessable_invoice": "file", "file_too_large": "file"}
MEANINGS = {
    400: "The request is wrong; `param` names what is.",
    401: "No key, or one that is not valid.",
    402: "There are not enough credits for the document; nothing was stored.",
    403: "The key lacks a scope, may not be used from this address, or the plan has no API access.",
    404: "There is no such thing for this key.",
    406: "The Accept header leaves out application/json.",
    409: "The Idempotency-Key was used for another request or its first request still runs; or the invoice is being "
    "read.",
    414: "The address with its parameters is too long.",
    415: "The body is of a type that is not understood here.",
    416: "The range lies outside of the file.",
    422: "The file cannot be an invoice, or is too large.",
    429: "Too many requests; `Retry-After` says when to come again.",
    500: "An error of ours. It is safe to try again.",
    503: "Briefly unavailable. It is safe to try again after `Retry-After` seconds.",
}


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One field at fault."""

    param = serializers.CharField()
    message = serializers.CharField()


class ErrorDetailSerializer(serializers.Serializer[Any]):
    """What went wrong: branch on `code`; `message` is for people and may change."""

    code = serializers.ChoiceField(choices=CODES)
    message = serializers.CharField()
    param = serializers.CharField(required=False, help_text="The parameter or field at fault.")
    errors = FieldErrorSerializer(  # type: ignore[assignment]
        many=True, required=False, help_text="All of them, where several are at fault."
    )
    request_id = serializers.CharField(help_text="The same as in the header Request-Id.")


class ErrorSerializer(serializers.Serializer[Any]):
    """The body of every answer that is not a success."""

    error = ErrorDetailSerializer()


@extend_schema_field(OpenApiTypes.BINARY)
class BinaryField(serializers.FileField):
    """A file in a request; the generator would describe the address of one in an answer."""


class UploadSerializer(serializers.Serializer[Any]):
    """An upload as a form."""

    file = BinaryField(help_text="PDF, PNG, JPEG, TIFF, WebP, HEIC or XML e-invoice, told by its content.")
    schema_id = serializers.CharField(required=False, help_text="As in the query.")
    metadata = serializers.CharField(
        required=False, help_text='A JSON object of at most 20 pairs of text, e.g. {"order": "4711"}. Echoed.'
    )


class PatchBody(OpenApiSerializerExtension):
    """What a PATCH takes: no other fields, and those of a resource as plain values or in the reference's wrapper."""

    target_class = "invorec.lib.bodies.KnownFields"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if isinstance(self.target, PatchFields):
            schema["properties"] = {name: plain_or_wrapped(plain) for name, plain in schema["properties"].items()}
        return schema | {"additionalProperties": False}


def plain_or_wrapped(plain: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value, or of the wrapper {"present", "value"} around it; a value left out is null."""
    if may_be_null(plain):
        return {"anyOf": [plain, wrapper(plain, {"type": "boolean"}, ["present"])]}
    absent, present = ({"type": "boolean", "const": said} for said in (False, True))
    return {"anyOf": [plain, wrapper(plain, absent, ["present"]), wrapper(plain, present, ["present", "value"])]}


def wrapper(plain: dict[str, Any], present: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """The schema of an object that says whether a value is present, and which."""
    properties = {"present": present, "value": plain}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def may_be_null(schema: dict[str, Any]) -> bool:
    """Whether null is a value of the schema."""
    kinds = schema.get("type", [])
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return "null" in ([kinds] if isinstance(kinds, str) else kinds) or any(map(may_be_null, options))


def list_of(item: type[serializers.BaseSerializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    """The serializer class that describes a page of items."""
    fields = {
        "__doc__": "One page, newest first.",
        "object": ObjectType("list"),
        "data": item(many=True),
        "has_more": serializers.BooleanField(),
        "next_cursor": serializers.CharField(allow_null=True, help_text="The `cursor` of the next page."),
        "nextCursor": serializers.CharField(allow_null=True, help_text="The same as `next_cursor`."),
    }
    return type(f"{name}Serializer", (serializers.Serializer,), fields)


def header(name: str, description: str, on: Iterable[int] | bool = False, **options: Any) -> OpenApiParameter:
    """A header of the request, or of the answers in `on` (True: of all)."""
    response = list(on) if not isinstance(on, bool) else on
    kind = options.pop("type", str)
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=response, **options)


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """The answers that are not a success, each with an example of every code that it may carry."""
    return {
        status: OpenApiResponse(ErrorSerializer, MEANINGS[status], examples=list(_examples(status)))
        for status in sorted({*statuses, 400, 401, 403, 406, 414, 429, 500, 503})
    }


def operation(
    *,
    summary: str,
    answers: dict[Any, Any],
    refused: tuple[int, ...] = (),
    **options: Any,
) -> Callable[[F], F]:
    """`extend_schema` with the refusals that every operation may answer with; `api.autoschema` adds the headers."""
    return extend_schema(summary=summary, responses={**answers, **refusals(*refused)}, **options)


def shown(serializer: Any, meaning: str, example: dict[str, Any]) -> OpenApiResponse:
    """A success with an example of it."""
    return OpenApiResponse(serializer, meaning, examples=[OpenApiExample("example", example)])


def sent(name: str, body: Any) -> OpenApiExample:
    """A body to send."""
    return OpenApiExample(name, body, request_only=True)


def path_id(prefix: str, example: str) -> OpenApiParameter:
    """The id in the path, with one that looks like it."""
    return OpenApiParameter(
        "id", str, OpenApiParameter.PATH, description=f"Its id, `{prefix}_…`.", pattern=f"^{prefix}_[0-9A-Z]{{26}}$",
        examples=[OpenApiExample("id", example)],
    )  # fmt: skip


def require_uploads(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of the generator, which cannot be told that a body with several types is required."""
    for methods in result["paths"].values():
        for described in methods.values():
            if "multipart/form-data" in described.get("requestBody", {}).get("content", {}):
                described["requestBody"]["required"] = True
    return result


def mark_replays(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of the generator: an answer that is given again says so in `_meta`, which no serializer knows of."""
    schemas = result["components"]["schemas"]
    schemas["Meta"] = {
        "type": "object",
        "description": "Beside an answer that was given before, to a request with the same Idempotency-Key.",
        "properties": {"idempotent_replay": {"type": "boolean", "const": True}},
        "required": ["idempotent_replay"],
    }
    schemas["Invoice"]["properties"]["_meta"] = {
        "allOf": [{"$ref": "#/components/schemas/Meta"}],
        "readOnly": True,
        "description": "Only on an answer that was given before.",
    }
    return result


def _examples(status: int) -> Iterable[OpenApiExample]:
    standing = status if status in STATUS.values() else {503: 500}.get(status, 400)
    for code in (code for code, own in STATUS.items() if own == standing and code in MESSAGES):
        error = {"code": code, "message": MESSAGES[code]}
        if code in PARAMS and status == standing:
            error["param"] = PARAMS[code]
        yield OpenApiExample(code, {"error": error | {"request_id": REQUEST_ID}}, status_codes=[str(status)])
