"""Documents are kept as long as the workspace's plan says; what was read from them stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from billing.models import Plan
from extraction import storage
from extraction.changes import InvoiceProcessing, lock_for_change
from extraction.models import Invoice

log = structlog.get_logger(__name__)

BATCH = 500


def remove_old_files(*, now: datetime) -> int:
    """Remove the files of invoices that are older than their plan keeps them; how many. One that is being read at this
    moment waits for the next time."""
    removed = 0
    for plan in Plan.objects.exclude(retention_days=None):
        oldest = now - timedelta(days=plan.retention_days or 0)
        old = Invoice.objects.filter(workspace__plan=plan, created_at__lte=oldest).exclude(file_key="")
        settled = old.exclude(status=Invoice.Status.PROCESSING).order_by("created_at", "id")
        removed += sum(_remove(invoice) for invoice in settled[:BATCH])
    return removed


@transaction.atomic
def _remove(invoice: Invoice) -> bool:
    try:
        invoice = lock_for_change(invoice)
    except (Invoice.DoesNotExist, InvoiceProcessing):
        return False
    key, invoice.file_key = invoice.file_key, ""
    invoice.save(update_fields=["file_key"])
    transaction.on_commit(lambda: storage.delete(key), robust=True)
    return True
