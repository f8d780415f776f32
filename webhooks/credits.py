"""Events of credits: recorded with the upload that spent them, or soon after what else did."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from billing.models import CreditNotice
from webhooks.events import record_event

BATCH = 100


def announce(notice: CreditNotice) -> None:
    """Record the event `credits.low` or `credits.exhausted`, once. Belongs in a transaction."""
    unannounced = CreditNotice.objects.filter(pk=notice.pk, announced_at=None)
    if unannounced.update(announced_at=timezone.now()):
        record_event(
            workspace=notice.account_id,
            livemode=True,
            type=f"credits.{notice.kind}",
            subject=notice.account_id,
            data=notice.data,
        )


def announce_due(*, now: datetime) -> int:
    """Record the events of what no upload spent (staff took it away, say); how many."""
    due = CreditNotice.objects.filter(announced_at=None, created_at__lte=now).select_related("account")
    notices = list(due.order_by("created_at", "id")[:BATCH])
    for notice in notices:
        with transaction.atomic():
            announce(notice)
    return len(notices)
