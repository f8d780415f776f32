"""Endpoints, events and deliveries on the wire."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from invorec.lib.wire import IsoTime, ObjectType, Shown, UnixTime
from webhooks.models import EVENT_TYPES, Attempt, Delivery, Event, WebhookEndpoint

ATTEMPTS = "attempts_to_show"
DELIVERIES = "deliveries_to_show"


class WebhookSerializer(Shown[WebhookEndpoint]):
    """Where events are sent."""

    id = serializers.CharField(read_only=True)
    url = serializers.CharField(read_only=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENT_TYPES), read_only=True, help_text="Empty: all types, new ones too."
    )
    description = serializers.CharField(read_only=True)
    enabled = serializers.BooleanField(read_only=True)
    createdAt = IsoTime(source="created_at")
    updatedAt = IsoTime(source="updated_at")
    lastDeliveryAt = IsoTime(source="last_delivery_at", allow_null=True)
    lastDeliveryStatus = serializers.SerializerMethodField(method_name="get_last_delivery_status")
    object = ObjectType("webhook")
    created = UnixTime(source="created_at")
    updated = UnixTime(source="updated_at")
    livemode = serializers.BooleanField(read_only=True)
    version = serializers.CharField(read_only=True, help_text="The dated version that events are sent in.")
    disabledReason = serializers.SerializerMethodField(method_name="get_disabled_reason")

    @extend_schema_field(
        serializers.ChoiceField(choices=WebhookEndpoint.LastStatus.choices, allow_null=True, read_only=True)
    )
    def get_last_delivery_status(self, endpoint: WebhookEndpoint) -> str | None:
        return str(endpoint.last_delivery_status) or None

    @extend_schema_field(
        serializers.ChoiceField(
            choices=WebhookEndpoint.DisabledReason.choices,
            allow_null=True,
            read_only=True,
            help_text="Why the service disabled it; null where it did not.",
        )
    )
    def get_disabled_reason(self, endpoint: WebhookEndpoint) -> str | None:
        return str(endpoint.disabled_reason) or None


class WebhookSecretSerializer(WebhookSerializer):
    """An endpoint with a secret that is shown this once."""

    secret = serializers.SerializerMethodField(help_text="`whsec_` and 32 bytes in base64.")

    def get_secret(self, endpoint: WebhookEndpoint) -> str:
        return str(self.context["secret"])


class AttemptSerializer(Shown[Attempt]):
    """One POST and what came of it."""

    id = serializers.CharField(read_only=True)
    startedAt = IsoTime(source="started_at")
    started = UnixTime(source="started_at")
    durationMs = serializers.IntegerField(source="duration_ms", read_only=True)
    statusCode = serializers.IntegerField(
        source="status_code", read_only=True, allow_null=True, help_text="Null where there was no answer."
    )
    error = serializers.SerializerMethodField(help_text="Why there was no usable answer, null where there was one.")
    responseExcerpt = serializers.CharField(source="excerpt", read_only=True)

    def get_error(self, attempt: Attempt) -> str | None:
        return attempt.error or None


class DeliverySerializer(Shown[Delivery]):
    """One event on its way to one endpoint."""

    id = serializers.CharField(read_only=True)
    object = ObjectType("delivery")
    webhook = serializers.CharField(source="endpoint_id", read_only=True)
    event = serializers.CharField(source="event_id", read_only=True)
    eventType = serializers.CharField(source="event.type", read_only=True)
    status = serializers.ChoiceField(read_only=True, choices=Delivery.Status.choices)
    nextAttemptAt = IsoTime(source="next_attempt_at", allow_null=True)
    nextAttempt = UnixTime(source="next_attempt_at", allow_null=True)
    attempts = serializers.SerializerMethodField()
    createdAt = IsoTime(source="created_at")
    updatedAt = IsoTime(source="updated_at")
    created = UnixTime(source="created_at")
    updated = UnixTime(source="updated_at")

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempts(self, delivery: Delivery) -> Any:
        one = AttemptSerializer()
        attempts = getattr(delivery, ATTEMPTS, None)
        return [
            one.to_representation(attempt) for attempt in (delivery.attempts.all() if attempts is None else attempts)
        ]


class EventSerializer(serializers.Serializer[Event]):
    """Something that happened, as it was sent."""

    id = serializers.CharField(read_only=True)
    object = ObjectType("event")
    type = serializers.ChoiceField(read_only=True, choices=EVENT_TYPES)
    created = UnixTime(source="created_at")
    livemode = serializers.BooleanField(read_only=True)
    data = serializers.DictField(  # type: ignore[assignment]
        read_only=True, help_text="The resource as it was then."
    )

    def to_representation(self, instance: Event) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(instance.body)
        return payload


class EventDetailSerializer(EventSerializer):
    """An event and how it fared at each endpoint."""

    deliveries = DeliverySerializer(many=True, read_only=True)

    def to_representation(self, instance: Event) -> dict[str, Any]:
        one = DeliverySerializer()
        deliveries = getattr(instance, DELIVERIES)
        return super().to_representation(instance) | {"deliveries": [one.to_representation(d) for d in deliveries]}
