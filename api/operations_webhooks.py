"""The operations about webhooks and events as the OpenAPI document describes them (see `api.operations`)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from api import examples_webhooks as examples
from api.openapi import header, list_of, operation, path_id, sent, shown
from api.params import PageParams
from api.params_webhooks import DeliveryListParams, EventListParams, ResendFailedBody
from invorec.lib.wire import ObjectType
from webhooks.bodies import ResendEventBody, WebhookBody, WebhookPatchBody
from webhooks.serializers import (
    DeliverySerializer,
    EventDetailSerializer,
    EventSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)

WEBHOOK_ID = path_id("whk", examples.WEBHOOK["id"])
EVENT_ID = path_id("evt", examples.EVENT["id"])


class ResentSerializer(serializers.Serializer[Any]):
    """How many deliveries were begun anew."""

    object = ObjectType("resend")
    webhook = serializers.CharField()
    deliveries = serializers.IntegerField()


list_webhooks = operation(
    operation_id="list_webhooks",
    summary="List webhooks",
    description="The endpoints that events are sent to, newest first.",
    tags=["Webhooks"],
    parameters=[PageParams],
    answers={
        200: shown(list_of(WebhookSerializer, "WebhookList"), "A page of webhooks.", examples.page(examples.WEBHOOK))
    },
)

create_webhook = operation(
    operation_id="create_webhook",
    summary="Create webhook",
    description="Has events sent to a url. `secret`, which signs them, is shown in this answer and never again. "
    f"A workspace has at most {settings.WEBHOOK_MAX_ENDPOINTS} webhooks.",
    tags=["Webhooks"],
    parameters=[header("Location", "The address of the webhook.", on=[201])],
    request=WebhookBody,
    examples=[sent("webhook", examples.WEBHOOK_BODY)],
    answers={201: shown(WebhookSecretSerializer, "Created. Keep the secret.", examples.CREATED)},
    refused=(409, 415),
)

retrieve_webhook = operation(
    operation_id="retrieve_webhook",
    summary="Retrieve webhook",
    description="One endpoint, without its secret.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID],
    answers={200: shown(WebhookSerializer, "The webhook.", examples.WEBHOOK)},
    refused=(404,),
)

update_webhook = operation(
    operation_id="update_webhook",
    summary="Update webhook",
    description='Changes what is named, as a value or as `{"present": true, "value": …}`. Events that happen while a '
    "webhook is disabled wait, and are sent once it is enabled.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID],
    request=WebhookPatchBody,
    examples=[sent("values", examples.PATCH), sent("wrapper", examples.PATCH_WRAPPED)],
    answers={200: shown(WebhookSerializer, "The webhook as it is now.", examples.WEBHOOK)},
    refused=(404, 409, 415),
)

delete_webhook = operation(
    operation_id="delete_webhook",
    summary="Delete webhook",
    description="Deletes the endpoint and the record of its deliveries. The events stay.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID],
    answers={204: OpenApiResponse(description="Deleted.")},
    refused=(404, 409),
)

rotate_webhook_secret = operation(
    operation_id="rotate_webhook_secret",
    summary="Rotate secret",
    description=f"Gives a new secret, shown in this answer and never again. For {settings.WEBHOOK_OVERLAP_S / 3600:g} "
    "hours, or until it is promoted, signatures carry a further `v1=` by it, after that by the current one; then it is "
    "the secret. Rotating again meanwhile replaces it.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID],
    request=None,
    answers={200: shown(WebhookSecretSerializer, "The webhook and its pending secret.", examples.CREATED)},
    refused=(404, 409, 415),
)

promote_webhook_secret = operation(
    operation_id="promote_webhook_secret",
    summary="Promote secret",
    description="Makes the pending secret of a rotation the only one, at once.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID],
    request=None,
    answers={200: shown(WebhookSerializer, "The webhook.", examples.WEBHOOK)},
    refused=(404, 409, 415),
)

test_webhook = operation(
    operation_id="test_webhook",
    summary="Send test event",
    description="Sends a `webhook.test` event to this endpoint alone, whatever types it wants. Look at its deliveries "
    "for what came of it.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID],
    request=None,
    answers={202: shown(EventSerializer, "The event that is being sent.", examples.TEST_EVENT)},
    refused=(404, 409, 415),
)

resend_failed = operation(
    operation_id="resend_failed_deliveries",
    summary="Resend what failed",
    description="Sends again, in order, all events since a moment that failed for good at this endpoint.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID],
    request=ResendFailedBody,
    examples=[sent("since", {"since": 1775606400})],
    answers={202: shown(ResentSerializer, "They are being sent.", examples.RESENT)},
    refused=(404, 409, 415),
)

list_deliveries = operation(
    operation_id="list_deliveries",
    summary="List deliveries",
    description="What was or will be sent to this endpoint, newest first, with every attempt.",
    tags=["Webhooks"],
    parameters=[WEBHOOK_ID, DeliveryListParams],
    answers={
        200: shown(
            list_of(DeliverySerializer, "DeliveryList"), "A page of deliveries.", examples.page(examples.DELIVERY)
        )
    },
    refused=(404,),
)

list_events = operation(
    operation_id="list_events",
    summary="List events",
    description=f"What happened in the last {settings.EVENT_RETENTION_DAYS} days, newest first.",
    tags=["Events"],
    parameters=[EventListParams],
    answers={200: shown(list_of(EventSerializer, "EventList"), "A page of events.", examples.page(examples.EVENT))},
)

retrieve_event = operation(
    operation_id="retrieve_event",
    summary="Retrieve event",
    description="One event as it was sent, and how it fared at each endpoint.",
    tags=["Events"],
    parameters=[EVENT_ID],
    answers={200: shown(EventDetailSerializer, "The event.", examples.EVENT_DETAIL)},
    refused=(404,),
)

resend_event = operation(
    operation_id="resend_event",
    summary="Resend event",
    description="Sends an event once more, with the same id and the same bytes: to the endpoint that is named, or to "
    "every one that it went to or that wants it now.",
    tags=["Events"],
    parameters=[EVENT_ID],
    request=ResendEventBody,
    examples=[sent("everywhere", {}), sent("one", {"webhook": examples.WEBHOOK["id"]})],
    answers={202: shown(EventDetailSerializer, "It is being sent.", examples.EVENT_DETAIL)},
    refused=(404, 409, 415),
)
