"""From e-invoice XML to an Extraction: read by syntax, worked out what both syntaxes imply, checked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from extraction.engine.checks import run_checks, with_checks
from extraction.engine.einvoice.codes import CORRECTED_INVOICE
from extraction.engine.einvoice.detect import open_einvoice
from extraction.engine.einvoice.embedded import embedded_xml
from extraction.engine.einvoice.nodes import decimal
from extraction.engine.einvoice.reading import Reading, added, derived, discount_cells
from extraction.engine.options import Limits
from extraction.engine.result import FIELDS, DocumentType, Extraction, Field, Provenance


def find_xml(kind: str, data: bytes, limits: Limits) -> bytes | None:
    """The e-invoice XML of a document: of kind "xml" the data itself, of kind "pdf" its attachment, else None."""
    if kind == "xml":
        return data
    return embedded_xml(data, limits) if kind == "pdf" else None


def read_einvoice(xml: bytes, limits: Limits, page_count: int = 0) -> Extraction:
    """Everything that an e-invoice in CII, ZUGFeRD 1.0 or UBL says, exactly as written, with its checks.

    Raises what `open_einvoice` raises.
    """
    root, reader = open_einvoice(xml, limits)
    reading = reader(root)
    named = reading.fields | _implied(reading)
    extraction = Extraction(
        source="einvoice",
        document_type=_document_type(reading),
        page_count=page_count,
        fields={name: field for name in FIELDS if (field := named.get(name))},
        line_items=reading.lines,
        tax_breakdown=reading.tax_rows,
    )
    checked = with_checks(extraction, run_checks(extraction, reading.sums))
    return replace(checked, confidence=_mean_confidence(checked))


def _implied(reading: Reading) -> dict[str, Field | None]:
    """Fields that follow from several elements rather than stand in one."""
    discount, percent = discount_cells(reading.allowances)
    return {
        "discount_amount": reading.fields.get("discount_amount") or discount,
        "discount_percent": percent,
        "shipping_amount": added(one.amount for one in reading.allowances if one.freight),
        "tax_rate": _tax_rate(reading),
        "payment_status": _payment_status(reading),
    }


def _tax_rate(reading: Reading) -> Field | None:
    """The rate, where the breakdown (or, without one, the lines) has exactly one."""
    rates = {row.rate for row in reading.tax_rows} or {line.decimal("tax_rate") for line in reading.lines}
    rate = rates.pop() if len(rates) == 1 else None
    return None if rate is None else Field(rate, 1.0, Provenance("xml", format(rate, "f"), label="tax breakdown"))


def _payment_status(reading: Reading) -> Field | None:
    """Only what the amounts say: something was paid beforehand, and something or nothing is left to pay."""
    total, paid, due = (reading.fields.get(name) for name in ("total_amount", "amount_paid", "amount_due"))
    whole, before, left = decimal(total) or Decimal(0), decimal(paid), decimal(due)
    if not before or left is None or (before > 0) != (whole > 0):
        return None
    return derived("partial" if left else "paid", paid, due)


def _document_type(reading: Reading) -> DocumentType:
    total = decimal(reading.fields.get("total_amount")) or Decimal(0)
    is_reversal = reading.type_code == CORRECTED_INVOICE and total < 0
    return "credit_note" if reading.is_credit_note or is_reversal else "invoice"


def _mean_confidence(extraction: Extraction) -> float:
    scores = [field.confidence for field in extraction.fields.values()]
    return sum(scores) / len(scores) if scores else 0.0
