"""Mails to owners about endpoints that were disabled."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from billing.models import Membership
from webhooks.models import Attempt, Delivery, WebhookEndpoint

log = structlog.get_logger(__name__)

BATCH = 20
TAKEN_FOR = timedelta(minutes=2)  # and then it is somebody else's turn
REASONS = {
    WebhookEndpoint.DisabledReason.GONE: "it answered 410 Gone",
    WebhookEndpoint.DisabledReason.FAILING: "an event was tried to the end of its schedule, and none arrived meanwhile",
}


def tell_owners(*, now: datetime) -> int:
    """Mail the owners of endpoints that were disabled and whose owners have not been told; how many endpoints.

    An endpoint is taken for a while, mailed about, and marked: a process that ends in between leaves it to others. A
    mail that is refused is logged, and tried again only where no owner could be mailed: else one bad address among
    several would have the others mailed for ever.
    """
    pks = list(_untold(now).order_by("disabled_at").values_list("pk", flat=True)[:BATCH])
    return sum(_tell(pk, now) for pk in pks)


def _untold(now: datetime) -> QuerySet[WebhookEndpoint]:
    free = Q(telling_until=None) | Q(telling_until__lte=now)
    return WebhookEndpoint.objects.exclude(disabled_reason="").filter(free, owners_told_at=None)


def _tell(endpoint_id: str, now: datetime) -> bool:
    if not _untold(now).filter(pk=endpoint_id).update(telling_until=now + TAKEN_FOR):
        return False
    endpoint = WebhookEndpoint.objects.select_related("workspace").filter(pk=endpoint_id).first()
    if endpoint is None or not endpoint.disabled_reason:  # deleted or enabled meanwhile
        return False
    sent = [_sent(endpoint, address) for address in _owners(endpoint)]
    if sent and not any(sent):
        return False
    same = WebhookEndpoint.objects.filter(
        pk=endpoint_id, disabled_at=endpoint.disabled_at
    )  # and not once more meanwhile
    return bool(same.update(owners_told_at=now, telling_until=None))


def _sent(endpoint: WebhookEndpoint, address: str) -> bool:
    try:
        _message(endpoint, address).send()
    except Exception:  # whatever the mail server's client raises
        log.exception("owner_not_told", endpoint_id=endpoint.id)
        return False
    return True


def _owners(endpoint: WebhookEndpoint) -> list[str]:
    owners = Membership.objects.filter(workspace=endpoint.workspace_id, role=Membership.Role.OWNER)
    return sorted(set(owners.exclude(user__email="").values_list("user__email", flat=True)))


def _message(endpoint: WebhookEndpoint, address: str) -> EmailMessage:
    attempt = Attempt.objects.filter(delivery__endpoint=endpoint).order_by("-started_at").first()
    facts = {
        "endpoint": endpoint,
        "workspace": endpoint.workspace,
        "reason": REASONS[WebhookEndpoint.DisabledReason(endpoint.disabled_reason)],
        "attempt": attempt,
        "waiting": Delivery.objects.filter(endpoint=endpoint, status=Delivery.Status.PENDING).count(),
        "days": settings.EVENT_RETENTION_DAYS,
    }
    return EmailMessage(
        subject=f"A webhook of {' '.join(endpoint.workspace.name.split())} was disabled",
        body=render_to_string("webhooks/disabled.txt", facts),
        to=[address],
    )
