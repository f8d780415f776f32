"""The state machine of a reading: queued -> running -> succeeded | failed, and back to queued after an accident.

The row is the job. A claim is one conditional UPDATE that sets a lease and a new generation; whoever settles repeats
the generation, so a worker that lost its lease changes nothing. The lease is longer than the engine may run
(JOB_LEASE_S > ENGINE_WALL_S), so only a dead or stuck worker loses it. Locks are taken on the invoice, then the job.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from extraction.announce import announce
from extraction.charges import capture_for, release_for
from extraction.engine.errors import Crashed
from extraction.engine.result import Extraction
from extraction.engine.version import VERSION, model
from extraction.history import record_edits, value_of
from extraction.models import ExtractionJob, Invoice
from extraction.results import apply_extraction, storable, store_lines

log = structlog.get_logger(__name__)

Status = ExtractionJob.Status
RETRY_AFTER = timedelta(seconds=5)  # times the square of the attempts made: 5 s, 20 s
WAKE_AFTER = timedelta(seconds=10)  # due for so long and still queued: its message is lost or waits behind others
SWEEP_BATCH = 200
MESSAGE_LIFE_S = 60  # a message older than this is dropped; the sweep has sent others by then
READ_BEFORE = "The document could not be read again, and the earlier result stands:"
URGENT, ORDINARY = 0, 6  # message priorities; on a Redis broker the smaller number goes first


@dataclass(frozen=True, slots=True)
class Claimed:
    """A worker's hold on one attempt at a job."""

    job_id: str
    invoice_id: str
    file_key: str
    generation: int
    attempts: int
    definition: dict[str, Any] | None = None  # of the custom fields to read
    discards_edits_for: str = ""
    livemode: bool = True
    file_name: str = ""  # with the digest, what chooses the answer in test mode
    file_sha256: str = ""


def claim(*, worker: str, now: datetime, job_id: str | None = None, ordinary_first: bool = False) -> Claimed | None:
    """Take a job that is due: the oldest that is not urgent where it is their turn (`ordinary_first`), else `job_id`,
    else the most urgent. None where there is nothing to take.
    """
    due = ExtractionJob.objects.filter(status=Status.QUEUED, due_at__lte=now)
    if not due.exists():  # an idle worker asks often: it must not take SQLite's one write lock to learn this
        return None
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("invoice")
        job = _first_of(rows.order_by("-priority", "due_at", "id"), job_id=job_id, ordinary_first=ordinary_first)
        if job is None:
            return None
        taken = ExtractionJob.objects.filter(pk=job.pk, status=Status.QUEUED, generation=job.generation).update(
            status=Status.RUNNING,
            generation=F("generation") + 1,
            attempts=F("attempts") + 1,
            lease_expires_at=now + timedelta(seconds=settings.JOB_LEASE_S),
            worker=worker,
            started_at=now,
            updated_at=now,
        )
    if not taken:
        return None
    invoice = job.invoice
    return Claimed(
        job_id=job.pk,
        invoice_id=invoice.pk,
        file_key=invoice.file_key,
        generation=job.generation + 1,
        attempts=job.attempts + 1,
        definition=job.definition,
        discards_edits_for=job.discards_edits_for,
        livemode=invoice.livemode,
        file_name=invoice.file_name,
        file_sha256=invoice.file_sha256,
    )


def _first_of(rows: QuerySet[ExtractionJob], *, job_id: str | None, ordinary_first: bool) -> ExtractionJob | None:
    if ordinary_first and (ordinary := rows.filter(priority=0).first()):
        return ordinary
    if job_id is not None and (named := rows.filter(pk=job_id).first()):
        return named
    return rows.first()


@transaction.atomic
def finish(claimed: Claimed, extraction: Extraction, *, seconds: float | None = None) -> bool:
    """Store what was read. False, and nothing changed, where the claim is lost or the invoice deleted."""
    invoice = _lock_invoice(claimed)
    settled = invoice and _settle(
        claimed,
        status=Status.SUCCEEDED,
        result=storable(extraction.to_json()),
        engine_seconds=seconds,
        engine_version=VERSION,
        engine_model=model(),
        last_error="",
    )
    if not invoice or not settled:
        return False
    undone: dict[str, Any] = {}
    if claimed.discards_edits_for:
        undone, invoice.edited_fields = {name: value_of(invoice, name) for name in invoice.edited_fields}, []
    lines = apply_extraction(invoice, extraction)
    if "line_items" not in invoice.edited_fields:
        store_lines(invoice, lines)
    invoice.status, invoice.error_code, invoice.error_message = Invoice.Status.SUCCEEDED, "", ""
    invoice.save()
    record_edits(invoice, undone, actor=claimed.discards_edits_for)
    capture_for(invoice, claimed.job_id)
    announce("succeeded", invoice)
    return True


@transaction.atomic
def fail(claimed: Claimed, *, code: str, message: str, reason: str = "") -> bool:
    """Say for good why the document could not be read; `reason` is for operators only. An earlier result stays, with
    the schema that it was read with. False where the claim is lost.
    """
    invoice = _lock_invoice(claimed)
    if not invoice or not _settle(claimed, status=Status.FAILED, last_error=_bounded(reason or f"{code}: {message}")):
        return False
    invoice.status, invoice.error_code, invoice.error_message = Invoice.Status.FAILED, code, message
    if earlier := invoice.jobs.filter(status=Status.SUCCEEDED).only("schema_id", "schema_name").order_by("-pk").first():
        invoice.status, invoice.error_message = Invoice.Status.SUCCEEDED, f"{READ_BEFORE} {message}"
        invoice.schema_id, invoice.schema_name = earlier.schema_id, earlier.schema_name
    invoice.save()
    release_for(invoice, claimed.job_id)
    announce("failed", invoice)
    return True


def retry_later(claimed: Claimed, *, now: datetime, reason: str, delay: timedelta | None = None) -> bool:
    """Put the job back after an accident that is not the document's fault, or fail it when it had its attempts.

    False where the claim is lost.
    """
    if claimed.attempts >= settings.JOB_MAX_ATTEMPTS:
        return fail(claimed, code=Crashed.code, message=Crashed.message, reason=reason)
    pause = RETRY_AFTER * claimed.attempts**2 if delay is None else delay
    open_again = {"status": Status.QUEUED, "due_at": now + pause, "lease_expires_at": None}
    return _update(claimed, **open_again, last_error=_bounded(reason))


def sweep(*, now: datetime) -> int:
    """Put back jobs whose lease ran out, wake what is due, and return how many jobs were touched."""
    running = ExtractionJob.objects.filter(status=Status.RUNNING, lease_expires_at__lt=now)
    expired = list(running.select_related("invoice").order_by("lease_expires_at")[:SWEEP_BATCH])
    for job in expired:
        log.warning("job_lease_expired", job_id=job.pk, worker=job.worker, attempts=job.attempts)
        lost = Claimed(job.pk, job.invoice_id, job.invoice.file_key, job.generation, job.attempts)
        retry_later(lost, now=now, reason=f"lease of {job.worker} ran out", delay=timedelta(0))
    overdue = ExtractionJob.objects.filter(status=Status.QUEUED, due_at__lte=now - WAKE_AFTER)
    waiting = list(overdue.order_by("-priority", "due_at", "id")[:SWEEP_BATCH])
    for job in waiting:
        wake_job(job)
    return len(expired) + len(waiting)


def wake_job(job: ExtractionJob) -> None:
    """Tell a worker to look at the job as soon as it is due. A broker that is down is logged: the sweep wakes the job
    later."""
    if not settings.CELERY_BROKER_URL:
        return  # embedded workers look by themselves
    from extraction.tasks import run_job

    try:
        # a wait of seconds at most, and only in test mode: longer ones stand on the row and are the sweep's
        wait_s = max(0, ceil((job.due_at - timezone.now()).total_seconds()))
        later = {"countdown": wait_s} if wait_s else {}
        priority = URGENT if job.priority else ORDINARY
        run_job.apply_async((job.pk,), expires=MESSAGE_LIFE_S + wait_s, priority=priority, **later)
    except Exception:  # whatever the transport raises, the row is safe
        log.exception("job_not_woken", job_id=job.pk)


def _lock_invoice(claimed: Claimed) -> Invoice | None:
    return Invoice.objects.select_for_update(no_key=True).filter(pk=claimed.invoice_id).first()


def _settle(claimed: Claimed, **values: object) -> bool:
    return _update(claimed, finished_at=timezone.now(), lease_expires_at=None, **values)


def _update(claimed: Claimed, **values: object) -> bool:
    """Change the job if, and only if, it is still running under this claim."""
    held = ExtractionJob.objects.filter(pk=claimed.job_id, generation=claimed.generation, status=Status.RUNNING)
    return held.update(updated_at=timezone.now(), **values) == 1


def _bounded(reason: str) -> str:
    return str(storable(reason))[:2000]
