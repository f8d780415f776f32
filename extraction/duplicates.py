"""Which earlier invoice another one repeats: the same file, or the same vendor, number and total (contract section 8).

Looked up whenever an invoice is shown, and stored nowhere: simultaneous uploads cannot miss each other, a correction
counts at once, and where the earliest is deleted the next takes its place.
"""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from extraction.models import Invoice


def with_originals(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """The same rows, each with what `original_of` needs, in the same query."""
    same = {name: OuterRef(name) for name in ("workspace", "livemode")}
    earlier = Invoice.objects.filter(**same, pk__lt=OuterRef("pk")).order_by("pk").values("pk")
    bill = {name: OuterRef(name) for name in ("invoice_number", "vendor_name", "total_amount")}
    return rows.annotate(
        same_file_id=Subquery(earlier.filter(file_sha256=OuterRef("file_sha256"))[:1]),
        same_bill_id=Subquery(earlier.filter(**bill)[:1]),  # null equals nothing in SQL: what was not read matches none
    )


def original_of(invoice: Invoice) -> str | None:
    """The id of the earliest invoice that `invoice` repeats, looked up where its query did not bring it along."""
    if not hasattr(invoice, "same_file_id") and not invoice._state.adding:
        invoice = with_originals(Invoice.objects.only("pk")).filter(pk=invoice.pk).first() or invoice
    found = (getattr(invoice, name, None) for name in ("same_file_id", "same_bill_id"))
    return min(filter(None, found), default=None)
