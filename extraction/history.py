"""What people changed on invoices, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from extraction.models import Edit, Invoice
from extraction.serializers import LineItemSerializer
from invorec.lib.wire import number


def value_of(invoice: Invoice, name: str) -> Any:
    """The value of a column, or of all line items as they are stored, as JSON."""
    if name == "line_items":
        lines: Any = invoice.line_items.all()
        return list(LineItemSerializer(lines, many=True).data)
    value = getattr(invoice, name)
    if isinstance(value, Decimal):
        return number(value)
    return value.isoformat() if isinstance(value, date) else value


def record_edits(invoice: Invoice, before: Mapping[str, Any], *, actor: str) -> list[str]:
    """Write down which of the fields in `before` (name: value then) have another value now, and return their names."""
    now = {name: value_of(invoice, name) for name in before}
    changed = [name for name in before if now[name] != before[name]]
    Edit.objects.bulk_create(
        [Edit(invoice=invoice, actor=actor, field=name, before=before[name], after=now[name]) for name in changed]
    )
    return changed
