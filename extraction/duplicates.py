"""Which earlier invoice another one repeats: the same file, or the same vendor, number and total (contract section 8).

Looked up whenever an invoice is shown, and stored nowhere: simultaneous uploads cannot miss each other, a correction
counts at once, and where the earliest is deleted the next takes its place.
"""

from __future__ import annotations

from django.db.models import CharField, QuerySet
from django.db.models.expressions import RawSQL

from extraction.models import Invoice

# Constant SQL: to build the same from expressions, for every request anew, costs more than to run it. Each is one look
# into an index (invoice_same_file, invoice_same_number). Null equals nothing: what was not read matches none.
_EARLIER = (
    "SELECT min(earlier.id) FROM extraction_invoice AS earlier WHERE earlier.id < extraction_invoice.id"
    " AND earlier.workspace_id = extraction_invoice.workspace_id AND earlier.livemode = extraction_invoice.livemode"
)
_SAME = {
    "same_file_id": ("file_sha256",),
    "same_bill_id": ("invoice_number", "vendor_name", "total_amount"),
}
_LOOKUPS = {
    name: RawSQL(  # noqa: S611 - nothing of a client's is in it
        _EARLIER + "".join(f" AND earlier.{column} = extraction_invoice.{column}" for column in columns),
        (),
        output_field=CharField(),
    )
    for name, columns in _SAME.items()
}


def with_originals(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """The same rows, each with what `original_of` needs, in the same query."""
    return rows.annotate(**_LOOKUPS)


def original_of(invoice: Invoice) -> str | None:
    """The id of the earliest invoice that `invoice` repeats, looked up where its query did not bring it along."""
    if not hasattr(invoice, "same_file_id") and not invoice._state.adding:
        invoice = with_originals(Invoice.objects.only("pk")).filter(pk=invoice.pk).first() or invoice
    found = (getattr(invoice, name, None) for name in _SAME)
    return min(filter(None, found), default=None)
