"""/v1/events: what happened, and how it fared on its way."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api import operations_webhooks as operations
from api.errors import InvalidRequest, ResourceNotFound
from api.pagination import list_body, page_of
from api.params import Params, read_body, read_params
from api.params_webhooks import EVENT_FILTERS, EventListParams
from api.views.base import ApiView
from api.views.webhooks import find_webhook, shown
from billing.tenant import Tenant
from invorec.lib.ids import is_id
from webhooks.bodies import ResendEventBody
from webhooks.events import resend_event
from webhooks.models import Delivery, Event
from webhooks.serializers import DELIVERIES, EventDetailSerializer, EventSerializer


class EventList(ApiView):
    scopes = {"GET": "webhooks:read"}

    @operations.list_events
    def get(self, request: Request) -> Response:
        filters = read_params(EventListParams, request)
        limit, cursor = filters.pop("limit"), filters.pop("cursor", None)
        rows = Event.objects.visible_to(self.tenant).filter(**{EVENT_FILTERS[name]: filters[name] for name in filters})
        page = page_of(rows, path="events", tenant=self.tenant, filters=filters, limit=limit, cursor=cursor)
        return Response(
            list_body([EventSerializer().to_representation(event) for event in page.items], page.next_cursor)
        )


class EventDetail(ApiView):
    scopes = {"GET": "webhooks:read"}

    @operations.retrieve_event
    def get(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        return Response(detail(self.tenant, find_event(self.tenant, id)))


class EventResend(ApiView):
    scopes = {"POST": "webhooks:write"}

    @operations.resend_event
    def post(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        event = find_event(self.tenant, id)
        try:
            named = read_body(ResendEventBody, request).get("webhook")
            endpoint = find_webhook(self.tenant, named) if named else None
        except ResourceNotFound as error:
            raise InvalidRequest(error.text, param="webhook") from error
        resend_event(event=event, endpoint=endpoint)
        return Response(detail(self.tenant, event), status=202)


def detail(tenant: Tenant, event: Event) -> dict[str, Any]:
    """The event with its deliveries, the oldest first."""
    setattr(event, DELIVERIES, list(shown(Delivery.objects.visible_to(tenant).filter(event=event)).order_by("id")))
    return EventDetailSerializer().to_representation(event)


def find_event(tenant: Tenant, event_id: str) -> Event:
    """The tenant's event. Raises ResourceNotFound, the same for what is malformed, unknown or another's."""
    found = Event.objects.visible_to(tenant).filter(pk=event_id).first() if is_id(event_id, "evt") else None
    if found is None:
        raise ResourceNotFound(f"There is no event {event_id}.")
    return found
