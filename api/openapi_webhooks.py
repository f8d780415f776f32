"""The `webhooks` of the OpenAPI document: what is sent, and by what headers it is known."""

from __future__ import annotations

from typing import Any

from api import examples_webhooks as examples

ABOUT = {
    "invoice": "Invoice",
    "credits": "Credits",
    "webhook": "Webhook",
}  # by the first word of an event's type: what `data` is
MEANINGS = {
    "invoice.created": "A document was taken in and is being read.",
    "invoice.succeeded": "A document was read.",
    "invoice.failed": "A document could not be read; `error` says why. Where an earlier result stands, the invoice "
    "keeps the status `succeeded`.",
    "invoice.updated": "An invoice was changed by hand, or is being read again.",
    "invoice.deleted": "An invoice was deleted; `data` is what it was.",
    "credits.low": "A tenth or less of the period's credits is left, or what the operator set. Once in a period.",
    "credits.exhausted": "No credit is left: uploads are answered 402. Once in a period.",
    "webhook.disabled": "Another webhook of the workspace was disabled, because it answered 410 or failed throughout.",
    "webhook.test": "Somebody asked for a test.",
}
HEADERS = {
    "InvoRec-Event": ("The type of the event.", "invoice.succeeded"),
    "InvoRec-Delivery": ("The id of this delivery, the same at every attempt.", examples.DELIVERY["id"]),
    "InvoRec-Signature": (
        "`t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>`, keyed with the whole secret. While a secret is "
        "being rotated a further `v1=` by the pending one follows.",
        "t=1775640603,v1=8202403c27123a7b43b2fce99364fe4ca532a9f484a89a1e139f3a6f95a4bf28",
    ),
    "webhook-id": ("The event's id (Standard Webhooks).", examples.EVENT["id"]),
    "webhook-timestamp": ("Unix seconds of this attempt (Standard Webhooks).", "1775640603"),
    "webhook-signature": (
        "`v1,<base64>`, keyed with what the secret encodes (Standard Webhooks).",
        "v1,KQIpbT6cqZ2bbVFOJIGNIkNPrAuS7IWDhkh4V0Lfv2U=",
    ),
}


def add_webhooks(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of the generator, which knows nothing of what is sent without being asked for."""
    result["webhooks"] = {kind: {"post": _sending(kind)} for kind in MEANINGS}
    return result


def _sending(kind: str) -> dict[str, Any]:
    about = ABOUT[kind.partition(".")[0]]
    described = {"allOf": [{"$ref": "#/components/schemas/Event"}, _with_data(kind, about)]}
    example = {"value": examples.event(kind, examples.PAYLOADS[kind])}
    return {
        "operationId": f"on_{kind.replace('.', '_')}",
        "summary": kind,
        "description": MEANINGS[kind],
        "tags": ["Events"],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"},
             "example": value}
            for name, (text, value) in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": described, "examples": {"example": example}}},
        },
        "responses": {"2XX": {"description": "Received. Anything else, or nothing within 15 seconds, is tried again."}},
    }  # fmt: skip


def _with_data(kind: str, about: str) -> dict[str, Any]:
    properties = {"type": {"const": kind}, "data": {"$ref": f"#/components/schemas/{about}"}}
    return {"type": "object", "properties": properties}
