"""What a reading costs: a credit a page, held when it is queued, captured or released when it ends.

An invoice is paid for once: after a successful reading others are free, after a failed one they are not. Test mode
costs nothing. The caller holds the locks on invoice and job.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from billing import credits
from billing.credits import open_holds
from billing.models import CreditEntry
from extraction.models import ExtractionJob, Invoice
from webhooks.credits import announce

Kind = CreditEntry.Kind
OPEN = (ExtractionJob.Status.QUEUED, ExtractionJob.Status.RUNNING)


def credits_for(invoice: Invoice) -> int:
    """One a page; an e-invoice without pages is one."""
    return invoice.page_count or 1


def hold_for(job: ExtractionJob, *, is_first: bool = False) -> None:
    """Take what the job costs, if anything. Raises InsufficientCredits."""
    invoice = job.invoice
    if not invoice.livemode or (not is_first and _was_read(invoice)):
        return
    moved = credits.hold(
        workspace=invoice.workspace_id, reference=job.pk, credits=credits_for(invoice), subject=invoice.pk
    )
    for notice in moved.notices:
        announce(notice)


def capture_for(invoice: Invoice, job_id: str) -> None:
    """The document was read."""
    if invoice.livemode:
        credits.capture(workspace=invoice.workspace_id, reference=job_id)


def release_for(invoice: Invoice, job_id: str) -> None:
    """It could not be, or is wanted no more."""
    if invoice.livemode:
        credits.release(workspace=invoice.workspace_id, reference=job_id)


def charge_faults() -> list[str]:
    """Invoices and jobs that were not charged as they should have been, as readable lines. What was read before the
    account was opened was not charged at all."""
    return [*_held_for_nothing(), *_read_unpaid(), *_charged_wrongly()]


def _was_read(invoice: Invoice) -> bool:
    return invoice.jobs.filter(status=ExtractionJob.Status.SUCCEEDED).exists()


def _held_for_nothing() -> Iterator[str]:
    waiting = ExtractionJob.objects.filter(pk=OuterRef("reference"), status__in=OPEN)
    for entry in open_holds().filter(~Exists(waiting)).iterator(chunk_size=1000):
        yield f"{entry.account_id}: {entry.reserved} held for {entry.reference} of {entry.subject}, which has ended"


def _charged() -> QuerySet[ExtractionJob]:
    """The jobs that were to be charged for if theirs was the invoice's first reading to succeed."""
    return ExtractionJob.objects.filter(
        invoice__livemode=True, queued_at__gte=F("invoice__workspace__credits__created_at")
    )


def _read_unpaid() -> Iterator[str]:
    """A job that waits or runs has a hold of its size, unless the invoice was read before."""
    held = CreditEntry.objects.filter(kind=Kind.HOLD, reference=OuterRef("pk"), subject=OuterRef("invoice_id"))
    read = ExtractionJob.objects.filter(invoice=OuterRef("invoice"), status=ExtractionJob.Status.SUCCEEDED)
    for job in _charged().filter(~Exists(held), ~Exists(read), status__in=OPEN).iterator(chunk_size=1000):
        yield f"{job.invoice_id}: {job.pk} is {job.status}, and nothing is held for it"


def _charged_wrongly() -> Iterator[str]:
    """An invoice that was read is captured once; one that was not is released as often as a job of it ended. What it
    was held for is its size at upload, which reading may correct; that all of it was captured, the ledger proves."""
    own = CreditEntry.objects.filter(subject=OuterRef("pk")).order_by().values("subject")
    invoices = Invoice.objects.filter(livemode=True, created_at__gte=F("workspace__credits__created_at")).annotate(
        read=Count("jobs", filter=Q(jobs__status=ExtractionJob.Status.SUCCEEDED)),
        failed=Count("jobs", filter=Q(jobs__status=ExtractionJob.Status.FAILED)),
        paid=Coalesce(Subquery(own.filter(kind=Kind.CAPTURE).annotate(count=Count("pk")).values("count")), 0),
        released=Coalesce(Subquery(own.filter(kind=Kind.RELEASE).annotate(count=Count("pk")).values("count")), 0),
    )
    for invoice in invoices.only("id").iterator(chunk_size=1000):
        if invoice.paid != min(invoice.read, 1):
            yield f"{invoice.pk}: read {invoice.read} times, paid {invoice.paid} times"
        if not invoice.read and invoice.released != invoice.failed:
            yield f"{invoice.pk}: failed {invoice.failed} times, released {invoice.released} times"
