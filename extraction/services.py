"""What happens to invoices."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any, cast

import structlog
from django.conf import settings
from django.core.files.base import File
from django.db import InterfaceError, OperationalError, transaction

from billing.models import Plan
from billing.tenant import Tenant
from extraction import storage
from extraction.announce import announce_created
from extraction.changes import queue_job
from extraction.engine.custom.definition import CustomDefinition, DefinitionFault, parse_definition
from extraction.engine.errors import FileTooLarge, TooManyPages
from extraction.engine.options import Limits, Options, Reader
from extraction.file_names import CONTENT_TYPES, safe_name
from extraction.models import Invoice, Schema
from extraction.results import storable

log = structlog.get_logger(__name__)

Inspect = Callable[[bytes, Limits], Any]  # -> isolation.Facts
POLL_S = 0.1


def service_options(*, explain: bool = False, definition: Mapping[str, Any] | None = None) -> Options:
    """How every document is read, from the settings; `definition` names the custom fields of this one.

    A definition that is not valid is logged and gives no custom fields.
    """
    reader = cast(Reader, settings.OCR_READER)
    return Options(
        limits=service_limits(),
        reader=reader,
        review_below=settings.REVIEW_BELOW,
        explain=explain,
        custom=_custom(definition),
    )


def _custom(definition: Mapping[str, Any] | None) -> tuple[CustomDefinition, ...]:
    try:
        return parse_definition(definition) if definition else ()
    except DefinitionFault as fault:
        log.error("definition_not_valid", place=fault.place, reason=fault.message)
        return ()


def service_limits() -> Limits:
    """The bounds of every document, from the settings."""
    return Limits(
        max_bytes=settings.MAX_UPLOAD_BYTES, max_pages=settings.MAX_PAGES, max_page_pixels=settings.MAX_PAGE_PIXELS
    )


def create_invoice(
    *,
    tenant: Tenant,
    file: File[bytes],
    file_name: str,
    schema: Schema | None = None,
    metadata: Mapping[str, str] | None = None,
    inspect: Inspect | None = None,
) -> Invoice:
    """Judge a document, store it and queue its reading. `schema` defaults to the workspace's default schema.

    Raises a subclass of EngineError where the document is refused, InsufficientCredits where it cannot be paid for;
    nothing is then written or stored.
    """
    with drafted_invoice(
        tenant=tenant, file=file, file_name=file_name, schema=schema, metadata=metadata, inspect=inspect
    ) as draft:
        return insert_invoice(draft)


@contextmanager
def drafted_invoice(
    *,
    tenant: Tenant,
    file: File[bytes],
    file_name: str,
    schema: Schema | None = None,
    metadata: Mapping[str, str] | None = None,
    inspect: Inspect | None = None,
) -> Iterator[Invoice]:
    """The slow part of `create_invoice`, which belongs before a transaction: the invoice, its document judged and
    stored, for `insert_invoice`. At the end the document of one that was not inserted is removed.
    """
    limits = service_limits()
    data, sha256 = _read_bounded(file, limits.max_bytes)
    facts = (inspect or _inspect_isolated)(data, limits)
    _check_plan(tenant.workspace.plan, facts.page_count)
    schema = schema or Schema.objects.visible_to(tenant).filter(is_default=True).first()
    invoice = Invoice(
        workspace=tenant.workspace,
        livemode=tenant.livemode,
        file_name=safe_name(file_name, facts.kind),
        file_sha256=sha256,
        file_size=len(data),
        content_type=CONTENT_TYPES[facts.kind],
        page_count=facts.page_count,
        metadata=storable(dict(metadata or {})),
        schema=schema,
        schema_name=schema.name if schema else None,
    )
    invoice.file_key = storage.save(data, invoice_id=invoice.id, workspace_id=tenant.workspace.id)
    try:
        yield invoice
    except (OperationalError, InterfaceError):
        raise  # a commit whose answer was lost may have happened; if not, the sweep of orphans takes the document
    except BaseException:
        storage.delete(invoice.file_key)
        raise
    if invoice._state.adding:
        storage.delete(invoice.file_key)


@transaction.atomic
def insert_invoice(draft: Invoice) -> Invoice:
    """Write a drafted invoice and queue its reading. Raises InsufficientCredits; nothing is written then."""
    draft.save(force_insert=True)
    queue_job(draft, is_first=True, definition=draft.schema.definition if draft.schema else None)
    announce_created(draft)
    return draft


def wait_for_result(*, invoice: Invoice, seconds: float) -> Invoice:
    """The invoice once its result is final, or as it is after `seconds` (Prefer: wait). Holds no transaction.

    Raises Invoice.DoesNotExist where it was deleted meanwhile.
    """
    deadline = time.monotonic() + seconds
    while not invoice.is_final() and time.monotonic() < deadline:
        time.sleep(min(POLL_S, max(0.0, deadline - time.monotonic())))
        invoice.refresh_from_db()
    return invoice


def _read_bounded(file: File[bytes], max_bytes: int) -> tuple[bytes, str]:
    """The file's bytes and their SHA-256 in hex, read no further than allowed. Raises FileTooLarge."""
    sha256, buffer = hashlib.sha256(), BytesIO()
    for chunk in file.chunks():
        if buffer.tell() + len(chunk) > max_bytes:
            raise FileTooLarge.beyond(max_bytes)
        sha256.update(chunk)
        buffer.write(chunk)
    return buffer.getvalue(), sha256.hexdigest()


def _check_plan(plan: Plan, pages: int) -> None:
    most = plan.max_pages_per_file
    if most is not None and pages > most:
        allowed = "single-page files" if most == 1 else f"files of up to {most} pages"
        raise TooManyPages(f"The {plan.name} plan takes {allowed}; this one has {pages}.")


def _inspect_isolated(data: bytes, limits: Limits) -> Any:
    from extraction.isolation import inspect_isolated

    return inspect_isolated(data, limits)
