"""Events of invoices: each is recorded in the transaction of its change, with the invoice as a client would read it.

The caller holds the invoice's lock, which is what puts its events in order.
"""

from __future__ import annotations

from typing import Any

from extraction.duplicates import with_originals
from extraction.models import Invoice
from extraction.serializers import InvoiceSerializer, with_lines
from webhooks.events import record_event


def announce(what: str, invoice: Invoice) -> None:
    """Record the event `invoice.<what>`. The row is read again: the columns round, and know no NUL characters."""
    stored = with_lines(with_originals(Invoice.objects.filter(pk=invoice.pk))).get()
    _record(what, stored, InvoiceSerializer(stored).data)


def announce_created(invoice: Invoice) -> None:
    """The first event of a new invoice: nothing of it was read, so nothing needs reading again."""
    _record("created", invoice, InvoiceSerializer(invoice, context={"line_items": ()}).data, is_first=True)


def _record(what: str, invoice: Invoice, data: Any, *, is_first: bool = False) -> None:
    record_event(
        workspace=invoice.workspace_id,
        livemode=invoice.livemode,
        type=f"invoice.{what}",
        subject=invoice.pk,
        data=data,
        is_first=is_first,
    )
