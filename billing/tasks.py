"""Celery's door to what is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from billing import credits, mail


@shared_task
def renew_accounts() -> None:
    """Begin periods that are due."""
    credits.renew_accounts(now=timezone.now())


@shared_task
def purge_mails() -> None:
    """Forget mails of long ago."""
    mail.purge_mails(now=timezone.now())
