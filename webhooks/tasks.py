"""Celery's door to what is due every hour."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from webhooks import retention


@shared_task
def purge_events() -> None:
    """Remove events that have been kept long enough."""
    retention.purge(now=timezone.now())
