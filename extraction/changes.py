"""Reading an invoice again, and deleting it. Both lock the invoice's row before they touch its jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from extraction import sandbox, storage
from extraction.announce import announce
from extraction.charges import OPEN, hold_for, release_for
from extraction.jobs import wake_job
from extraction.models import ExtractionJob, Invoice, Schema


class InvoiceProcessing(Exception):
    """The invoice is being read and takes no change before that ends."""


class FileRemoved(Exception):
    """The document is gone; what was read from it stays."""


def lock_for_change(invoice: Invoice) -> Invoice:
    """The row as it is now, locked until the transaction ends. Raises Invoice.DoesNotExist, InvoiceProcessing.

    Other rows that point at it may still be written meanwhile (no_key).
    """
    locked = Invoice.objects.select_for_update(no_key=True).get(pk=invoice.pk)
    if not locked.is_final():
        raise InvoiceProcessing
    return locked


@transaction.atomic
def reprocess_invoice(
    *, invoice: Invoice, actor: str, schema: Schema | None = None, discard_edits: bool = False
) -> Invoice:
    """Queue another reading, with `schema` or the one of the last. Values, and edits unless they are to be discarded,
    stay as they are until it succeeds. It costs nothing once a reading has succeeded. Raises Invoice.DoesNotExist,
    InvoiceProcessing, FileRemoved, InsufficientCredits.
    """
    invoice = lock_for_change(invoice)
    if not invoice.file_key:
        raise FileRemoved
    invoice.status, invoice.error_code, invoice.error_message = Invoice.Status.PROCESSING, "", ""
    definition: dict[str, Any] | None = None
    if schema := schema or invoice.schema:
        invoice.schema, invoice.schema_name, definition = schema, schema.name, schema.definition
    elif invoice.schema_name:  # deleted since: what is left of it is what the last reading used
        definition = invoice.jobs.order_by("-pk").values_list("definition", flat=True).first()
    invoice.save()
    queue_job(invoice, definition=definition, discards_edits_for=actor if discard_edits else "")
    announce("updated", invoice)
    return invoice


def queue_job(invoice: Invoice, *, is_first: bool = False, **values: Any) -> ExtractionJob:
    """A job for `invoice`, with the schema that stands on it, paid for, and woken when the transaction commits.

    Raises InsufficientCredits.
    """
    job = ExtractionJob(
        invoice=invoice,
        priority=1 if invoice.workspace.plan.priority else 0,
        schema_id=invoice.schema_id,
        schema_name=invoice.schema_name,
        due_at=timezone.now() + (timedelta(0) if invoice.livemode else sandbox.delay(invoice.file_name)),
        **values,
    )
    job.save(force_insert=True)
    hold_for(job, is_first=is_first)
    transaction.on_commit(lambda: wake_job(job))
    return job


@transaction.atomic
def delete_invoice(*, invoice: Invoice) -> None:
    """Delete the invoice, its readings, edits and file; a reading that still runs will find nothing to settle, and
    what was held for it is released.

    The file goes after the commit; where the store fails then, the sweep of orphans takes it. Raises
    Invoice.DoesNotExist.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if key := invoice.file_key:
        transaction.on_commit(lambda: storage.delete(key), robust=True)
    for job_id in invoice.jobs.filter(status__in=OPEN).values_list("pk", flat=True):
        release_for(invoice, job_id)
    announce("deleted", invoice)
    invoice.delete()
