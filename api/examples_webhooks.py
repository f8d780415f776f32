"""An endpoint, an event and a delivery as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Any

from api.examples import ACCEPTED, SUCCEEDED
from api.examples_credits import EXHAUSTED, LOW

WEBHOOK: dict[str, Any] = {
    "id": "whk_01HFAB5X7Y2M4N6P8Q0R3S5T9V",
    "url": "https://erp.example.com/webhooks/invorec",
    "events": ["invoice.succeeded", "invoice.failed"],
    "description": "ERP",
    "enabled": True,
    "createdAt": "2026-04-01T08:00:00Z",
    "updatedAt": "2026-04-01T08:00:00Z",
    "lastDeliveryAt": "2026-04-08T09:30:03Z",
    "lastDeliveryStatus": "succeeded",
    "object": "webhook",
    "created": 1775030400,
    "updated": 1775030400,
    "livemode": True,
    "version": "2026-04-08",
    "disabledReason": None,
}
CREATED: dict[str, Any] = WEBHOOK | {
    "lastDeliveryAt": None,
    "lastDeliveryStatus": None,
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD5jGnnPLZmKE=",
}
DISABLED: dict[str, Any] = WEBHOOK | {
    "enabled": False,
    "lastDeliveryStatus": "failed",
    "disabledReason": "failing",
}
WEBHOOK_BODY: dict[str, Any] = {
    "url": "https://erp.example.com/webhooks/invorec",
    "events": ["invoice.succeeded", "invoice.failed"],
    "description": "ERP",
}
PATCH: dict[str, Any] = {"enabled": True}
PATCH_WRAPPED: dict[str, Any] = {
    "events": {"present": True, "value": None},
    "description": {"present": True, "value": "ERP, all events"},
}


def event(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """An event of that type about `data`."""
    return {
        "id": "evt_01HFAB7Z5K8C4M2N7Y9P3R6V0X",
        "object": "event",
        "type": kind,
        "created": 1775640602,
        "livemode": True,
        "data": data,
    }


def page(item: dict[str, Any]) -> dict[str, Any]:
    """A list of one."""
    return {"object": "list", "data": [item], "has_more": False, "next_cursor": None, "nextCursor": None}


EVENT = event("invoice.succeeded", SUCCEEDED)
TEST_EVENT = event("webhook.test", WEBHOOK)
DELIVERY: dict[str, Any] = {
    "id": "dlv_01HFAB7Z5M1D3F5H7K9M2P4R6T",
    "object": "delivery",
    "webhook": WEBHOOK["id"],
    "event": EVENT["id"],
    "eventType": "invoice.succeeded",
    "status": "pending",
    "nextAttemptAt": "2026-04-08T09:31:04Z",
    "nextAttempt": 1775640664,
    "attempts": [
        {
            "id": "att_01HFAB7Z6A2B4C6D8E0F1G3H5J",
            "startedAt": "2026-04-08T09:30:03Z",
            "started": 1775640603,
            "durationMs": 143,
            "statusCode": 500,
            "error": None,
            "responseExcerpt": "Internal Server Error",
        }
    ],
    "createdAt": "2026-04-08T09:30:02Z",
    "updatedAt": "2026-04-08T09:30:03Z",
    "created": 1775640602,
    "updated": 1775640603,
}
EVENT_DETAIL: dict[str, Any] = EVENT | {"deliveries": [DELIVERY]}
RESENT: dict[str, Any] = {"object": "resend", "webhook": WEBHOOK["id"], "deliveries": 12}
PAYLOADS: dict[str, dict[str, Any]] = {
    "invoice.created": ACCEPTED,
    "invoice.succeeded": SUCCEEDED,
    "invoice.failed": ACCEPTED
    | {"status": "failed", "error": {"code": "no_text_found", "message": "No text was found in the document."}},
    "invoice.updated": SUCCEEDED | {"vendorName": "Muster AG"},
    "invoice.deleted": SUCCEEDED,
    "credits.low": LOW,
    "credits.exhausted": EXHAUSTED,
    "webhook.disabled": DISABLED,
    "webhook.test": WEBHOOK,
}
