"""/v1/webhooks: endpoints, their secrets, and what was delivered to them."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api import operations_webhooks as operations
from api.errors import ResourceNotFound
from api.pagination import list_body, page_of
from api.params import PageParams, Params, read_body, read_params
from api.params_webhooks import DeliveryListParams, ResendFailedBody
from api.views.base import ApiView
from billing.tenant import Tenant
from invorec.lib.ids import is_id
from webhooks.bodies import WebhookBody, WebhookPatchBody
from webhooks.endpoints import (
    create_endpoint,
    delete_endpoint,
    promote_secret,
    rotate_secret,
    send_test_event,
    update_endpoint,
)
from webhooks.events import resend_failed
from webhooks.models import Attempt, Delivery, WebhookEndpoint
from webhooks.serializers import (
    ATTEMPTS,
    DeliverySerializer,
    EventSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)


class WebhookList(ApiView):
    scopes = {"GET": "webhooks:read", "POST": "webhooks:write"}

    @operations.list_webhooks
    def get(self, request: Request) -> Response:
        asked = read_params(PageParams, request)
        page = page_of(WebhookEndpoint.objects.visible_to(self.tenant), path="webhooks", tenant=self.tenant, **asked)
        return Response(list_body([WebhookSerializer(one).data for one in page.items], page.next_cursor))

    @operations.create_webhook
    def post(self, request: Request) -> Response:
        read_params(Params, request)
        endpoint, secret = create_endpoint(tenant=self.tenant, **read_body(WebhookBody, request))
        headers = {"Location": reverse("webhook", args=[endpoint.pk])}
        return Response(with_secret(endpoint, secret), status=201, headers=headers)


class WebhookDetail(ApiView):
    scopes = {"GET": "webhooks:read", "PATCH": "webhooks:write", "DELETE": "webhooks:write"}

    @operations.retrieve_webhook
    def get(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        return Response(WebhookSerializer(find_webhook(self.tenant, id)).data)

    @operations.update_webhook
    def patch(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        endpoint = find_webhook(self.tenant, id)
        changed = update_endpoint(endpoint=endpoint, **read_body(WebhookPatchBody, request))
        return Response(WebhookSerializer(changed).data)

    @operations.delete_webhook
    def delete(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        delete_endpoint(endpoint=find_webhook(self.tenant, id))
        return Response(status=204)


class WebhookRotate(ApiView):
    scopes = {"POST": "webhooks:write"}

    @operations.rotate_webhook_secret
    def post(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        return Response(with_secret(*rotate_secret(endpoint=find_webhook(self.tenant, id))))


class WebhookPromote(ApiView):
    scopes = {"POST": "webhooks:write"}

    @operations.promote_webhook_secret
    def post(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        return Response(WebhookSerializer(promote_secret(endpoint=find_webhook(self.tenant, id))).data)


class WebhookTest(ApiView):
    scopes = {"POST": "webhooks:write"}

    @operations.test_webhook
    def post(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        event = send_test_event(endpoint=find_webhook(self.tenant, id))
        return Response(EventSerializer(event).data, status=202)


class WebhookResend(ApiView):
    scopes = {"POST": "webhooks:write"}

    @operations.resend_failed
    def post(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        endpoint = find_webhook(self.tenant, id)
        count = resend_failed(endpoint=endpoint, **read_body(ResendFailedBody, request))
        return Response({"object": "resend", "webhook": endpoint.pk, "deliveries": count}, status=202)


class WebhookDeliveries(ApiView):
    scopes = {"GET": "webhooks:read"}

    @operations.list_deliveries
    def get(self, request: Request, id: str) -> Response:
        filters = read_params(DeliveryListParams, request)
        limit, cursor = filters.pop("limit"), filters.pop("cursor", None)
        endpoint = find_webhook(self.tenant, id)
        rows = shown(Delivery.objects.visible_to(self.tenant).filter(endpoint=endpoint, **filters))
        path = f"webhooks/{endpoint.pk}/deliveries"
        page = page_of(rows, path=path, tenant=self.tenant, filters=filters, limit=limit, cursor=cursor)
        return Response(list_body([DeliverySerializer(one).data for one in page.items], page.next_cursor))


def shown(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Deliveries with what their wire form shows, in one further query; without the bodies."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("started_at", "id"), to_attr=ATTEMPTS)
    return rows.select_related("event").defer("body", "event__body").prefetch_related(attempts)


def with_secret(endpoint: WebhookEndpoint, secret: str) -> dict[str, Any]:
    """The endpoint and, this once, a secret."""
    return dict(WebhookSecretSerializer(endpoint, context={"secret": secret}).data)


def find_webhook(tenant: Tenant, webhook_id: str) -> WebhookEndpoint:
    """The tenant's endpoint. Raises ResourceNotFound, the same for what is malformed, unknown or another's."""
    rows = WebhookEndpoint.objects.visible_to(tenant)
    found = rows.filter(pk=webhook_id).first() if is_id(webhook_id, "whk") else None
    if found is None:
        raise ResourceNotFound(f"There is no webhook {webhook_id}.")
    return found
