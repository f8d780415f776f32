"""Events are kept for a while, and then go with their deliveries and attempts."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from webhooks.models import Attempt, Delivery, Event

log = structlog.get_logger(__name__)

BATCH = 1000  # events in one transaction


def purge(*, now: datetime) -> int:
    """Delete events older than EVENT_RETENTION_DAYS; how many there were. Deliveries that still wait, as those of an
    endpoint that has been disabled for so long, go with them and are logged."""
    oldest = now - timedelta(days=settings.EVENT_RETENTION_DAYS)
    purged = 0
    while count := _purge_batch(oldest):
        purged += count
    return purged


@transaction.atomic
def _purge_batch(oldest: datetime) -> int:
    ids = list(Event.objects.filter(created_at__lt=oldest).order_by("created_at").values_list("id", flat=True)[:BATCH])
    deliveries = Delivery.objects.filter(event__in=ids)
    if waiting := deliveries.filter(status=Delivery.Status.PENDING).count():
        log.warning("deliveries_purged_unsent", count=waiting)
    Attempt.objects.filter(delivery__event__in=ids).delete()
    deliveries._raw_delete(deliveries.db)  # delete() would load them all to look for attempts
    Event.objects.filter(id__in=ids).delete()
    return len(ids)
