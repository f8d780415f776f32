"""Events: recorded in the transaction of what caused them, and sent again where somebody asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing.models import Workspace
from invorec.lib import versions
from invorec.lib.ids import new_id, next_id
from webhooks.models import EVENT_TYPES, Delivery, Event, WebhookEndpoint

Status = Delivery.Status


def record_event(
    *,
    workspace: Workspace | str,
    livemode: bool,
    type: str,
    subject: str,
    data: Mapping[str, Any],
    is_first: bool = False,
) -> Event:
    """Write down that `type` happened to `subject`, and that every endpoint of the tenant that wants it will be told.

    `data` is the resource as the newest version shows it. Belongs in the transaction of the change, after the lock on
    what changed: that lock is what orders the events of a subject. `is_first` says that the subject has none yet.
    Raises TransactionManagementError outside of a transaction.
    """
    event = _insert_event(_id_of(workspace), livemode, type=type, subject=subject, data=data, is_first=is_first)
    endpoints = WebhookEndpoint.objects.filter(
        workspace=workspace, livemode=livemode, workspace__plan__webhooks=True
    ).only("id", "events", "version")
    _insert_deliveries(event, [endpoint for endpoint in endpoints if endpoint.wants(type)])
    return event


def record_event_for(
    *, endpoints: Iterable[WebhookEndpoint], workspace: str, livemode: bool, type: str, data: Mapping[str, Any]
) -> Event:
    """An event that goes to these endpoints alone, whatever they subscribed to."""
    event = _insert_event(workspace, livemode, type=type, subject="", data=data, is_first=True)
    _insert_deliveries(event, endpoints)
    return event


@transaction.atomic
def resend_event(*, event: Event, endpoint: WebhookEndpoint | None = None) -> QuerySet[Delivery]:
    """Send an event once more, at once and with the whole schedule before it: to `endpoint`, or to all endpoints of its
    tenant that it went to or that want it now. One that is in flight at this moment is left alone."""
    endpoints = WebhookEndpoint.objects.filter(workspace=event.workspace_id, livemode=event.livemode)
    sent_to = set(event.deliveries.values_list("endpoint_id", flat=True))
    chosen = [endpoint] if endpoint else [one for one in endpoints if one.id in sent_to or one.wants(event.type)]
    _insert_deliveries(event, [one for one in chosen if one.id not in sent_to])
    deliveries = Delivery.objects.filter(event=event, endpoint__in=[one.id for one in chosen])
    _begin_again(deliveries)
    return deliveries.order_by("id")


@transaction.atomic
def resend_failed(*, endpoint: WebhookEndpoint, since: datetime) -> int:
    """Send again, in order, what happened at or after `since` and failed for good at this endpoint; how many."""
    return _begin_again(Delivery.objects.filter(endpoint=endpoint, status=Status.FAILED, event__created_at__gte=since))


def _begin_again(deliveries: Any) -> int:
    """Let deliveries start anew; one that is in flight at this moment is left alone."""
    now = timezone.now()
    ids = list(deliveries.order_by("id").select_for_update(of=("self",), no_key=True).values_list("id", flat=True))
    free = Delivery.objects.filter(id__in=ids).exclude(status=Status.PENDING, lease_expires_at__gt=now)
    return int(
        free.update(
            status=Status.PENDING,
            tries=0,
            first_attempt_at=None,
            next_attempt_at=now,
            settled_at=None,
            lease="",
            lease_expires_at=None,
            updated_at=now,
        )
    )


def _insert_event(
    workspace: str, livemode: bool, *, type: str, subject: str, data: Mapping[str, Any], is_first: bool
) -> Event:
    if type not in EVENT_TYPES:
        raise ValueError(f"{type} is not a type of event")
    _require_transaction()
    event = Event(workspace_id=workspace, livemode=livemode, type=type, subject=subject)
    if subject and not is_first:
        last = Event.objects.filter(subject=subject).order_by("-id").values_list("id", flat=True).first()
        event.id = next_id("evt", after=last) if last else new_id("evt")
    event.body = _frozen(
        {
            "id": event.id,
            "object": "event",
            "type": type,
            "created": int(event.created_at.timestamp()),
            "livemode": livemode,
            "data": data,
        }
    )
    event.save(force_insert=True)
    return event


def _insert_deliveries(event: Event, endpoints: Iterable[WebhookEndpoint]) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            endpoint=endpoint,
            event=event,
            subject=event.subject,
            body=_body_in(endpoint.version, event),
            next_attempt_at=event.created_at,
        )
        for endpoint in endpoints
    )


def _body_in(version: str, event: Event) -> str | None:
    """The text of an event in an older version; None where the event's own will do."""
    if version == versions.current():
        return None
    return _frozen(versions.presented(json.loads(event.body), date=version))


def _frozen(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an event commits with the change that caused it")


def _id_of(workspace: Workspace | str) -> str:
    return workspace if isinstance(workspace, str) else workspace.pk
