"""What the API does by the clock."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from api.idempotency import purge


@shared_task
def purge_idempotency_records() -> None:
    """Remove records that answer nothing any more."""
    purge(now=timezone.now())
