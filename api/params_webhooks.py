"""Query parameters and bodies about webhooks and events that only the API knows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.params import MomentField, PageParams
from invorec.lib.bodies import KnownFields
from webhooks.models import EVENT_TYPES, Delivery

EVENT_FILTERS = {
    "type": "type",
    "subject": "subject",
    "created_after": "created_at__gt",
    "created_before": "created_at__lt",
}


class OneOf(serializers.ChoiceField):
    """One of a few words; the error names them."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        message = f"Unknown. Known: {', '.join(choices)}."
        super().__init__(choices=choices, required=False, error_messages={"invalid_choice": message}, **kwargs)


class DeliveryListParams(PageParams):
    """The filters of GET /v1/webhooks/{id}/deliveries."""

    status = OneOf(Delivery.Status.values, help_text="Only deliveries in this status.")


class EventListParams(PageParams):
    """The filters of GET /v1/events."""

    type = OneOf(EVENT_TYPES, help_text="Only events of this type.")
    subject = serializers.RegexField(
        r"^[A-Za-z0-9_]{1,30}$",
        required=False,
        trim_whitespace=False,
        error_messages={"invalid": "Give an id: inv_…"},
        help_text="Only what happened to this, e.g. `inv_…`.",
    )
    created_after = MomentField(
        after=True, required=False, help_text="Only events after this moment (Unix seconds or ISO 8601), exclusive."
    )
    created_before = MomentField(
        required=False, help_text="Only events before this moment (Unix seconds or ISO 8601), exclusive."
    )


class ResendFailedBody(KnownFields):
    """From when on deliveries that failed are sent again."""

    since = MomentField(
        error_messages={"required": "Say from when on: Unix seconds, or ISO 8601."},
        help_text="Events of this moment and later (Unix seconds or ISO 8601).",
    )
