"""The amounts as fields: chosen jointly, with confidence from what holds, the rate, the tax rows and the currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.engine.candidates import Candidate
from extraction.engine.confidence import PROVEN, calibrate
from extraction.engine.document import Document
from extraction.engine.header import as_field
from extraction.engine.inside import amounts_inside
from extraction.engine.payment import read_currency, read_payment_status
from extraction.engine.proposals import roundings
from extraction.engine.reconcile import MAIN, Amounts, reconcile
from extraction.engine.result import Field, LineItem, Provenance, TaxLine
from extraction.engine.taxes import MAX_RATE, has_rate, matches_rate

RATE_OF_LINES = 0.9  # factor: what every line says is not quite what the document says


@dataclass(frozen=True)
class Totals:
    """The amount fields, rate and currency of a document, its tax breakdown, and what its total is rounded by."""

    fields: dict[str, Field]
    tax_breakdown: tuple[TaxLine, ...]
    rounding: Decimal | None = None


def read_totals(document: Document, lines: Sequence[LineItem] = ()) -> Totals:
    """Amounts, tax rate, discount per cent, currency and payment status, in the light of the `lines` found."""
    amounts = reconcile(document, _line_sum(lines), amounts_inside(lines, document.amounts))
    fields = {}
    for role, scored in amounts.chosen.items():
        if role in MAIN:
            proven = amounts.sum_holds and "subtotal_amount" in amounts.chosen
            confidence = PROVEN if proven else calibrate("amount", scored.score)
        else:
            confidence = calibrate("side", scored.score)
        field = as_field(scored, amounts.ranking[role], confidence)
        fields[role] = _unsigned(field) if role == "discount_amount" else field
    breakdown = _breakdown(document, amounts, fields)
    total = amounts.chosen.get("total_amount")
    derived = {
        "tax_rate": _tax_rate(document, amounts, breakdown, lines),
        "discount_percent": _discount_percent(document, amounts),
        "currency": read_currency(document, total.candidate if total else None),
        "payment_status": read_payment_status(
            document, *(_decimal(fields.get(n)) for n in ("total_amount", "amount_due", "amount_paid"))
        ),
    }
    rounding = next(filter(None, roundings(amounts.ranking)), None)
    return Totals(fields | {name: field for name, field in derived.items() if field}, breakdown, rounding)


def _unsigned(field: Field) -> Field:
    """A discount printed with a minus is still a discount of that size."""
    return replace(field, value=abs(field.value)) if isinstance(field.value, Decimal) else field


def _decimal(field: Field | None) -> Decimal | None:
    return field.value if field and isinstance(field.value, Decimal) else None


def _rates(document: Document) -> list[Candidate]:
    return [
        c for c in document.amounts if c.kind == "rate" and isinstance(c.value, Decimal) and 0 <= c.value <= MAX_RATE
    ]


def _breakdown(document: Document, amounts: Amounts, fields: dict[str, Field]) -> tuple[TaxLine, ...]:
    """The tax rows of the page that make up its tax; where it has none, the row that rate, subtotal and tax make, if
    they multiply out."""
    subtotal, tax = _decimal(fields.get("subtotal_amount")), _decimal(fields.get("tax_amount"))
    taxed = [line for line in amounts.tax_lines if line.amount]
    whole = [line for line in taxed if line.amount == tax]
    if len(taxed) > 1 and len(whole) == 1:  # the others multiply out too, but are discounts or charges
        return tuple(line for line in amounts.tax_lines if line in whole or not line.amount)
    if amounts.tax_lines:
        return amounts.tax_lines
    if subtotal is None or tax is None:
        return ()
    for rate in _rates(document):
        if isinstance(rate.value, Decimal) and rate.value and matches_rate(subtotal, rate.value, tax):
            return (TaxLine(rate.value, subtotal, tax),)
    return ()


def _tax_rate(
    document: Document, amounts: Amounts, breakdown: Sequence[TaxLine], lines: Sequence[LineItem]
) -> Field | None:
    """The rate, where there is exactly one: of the breakdown, else on the line of the tax, at a tax label, or in every
    line item."""
    rates = _rates(document)
    proven = {line.rate for line in breakdown if line.rate is not None}
    if len(proven) > 1:
        return None
    if proven:
        value = proven.pop()
        place = next((c for c in rates if c.value == value), None)
        return Field(value, PROVEN, place.provenance() if place else Provenance("derived", f"{value} %"))
    tax = amounts.chosen.get("tax_amount")
    added = tax and tax.candidate.amount and tax.candidate.amount.value != tax.candidate.value
    beside = [c for c in rates if tax and not added and has_rate(tax.candidate, [c])]  # a sum may be of several rates
    for near, confidence in ((beside, 0.85), ([c for c in rates if _at_tax_label(c, document)], 0.7)):
        if len({c.value for c in near}) == 1:
            return Field(near[0].value, confidence, near[0].provenance())
    return _rate_of_lines(lines)


def _rate_of_lines(lines: Sequence[LineItem]) -> Field | None:
    """The rate that every line states, where they all state the same."""
    cells = [line.cells.get("tax_rate") for line in lines]
    found = [cell for cell in cells if cell]
    values = {cell.value for cell in found if isinstance(cell.value, Decimal) and 0 <= cell.value <= MAX_RATE}
    if not found or len(found) != len(cells) or len(values) != 1:
        return None
    return replace(found[0], confidence=RATE_OF_LINES * found[0].confidence)


def _line_sum(lines: Sequence[LineItem]) -> Decimal | None:
    totals = [total for line in lines if (total := line.decimal("total_price")) is not None]
    return sum(totals, Decimal(0)) if totals else None


def _at_tax_label(rate: Candidate, document: Document) -> bool:
    span = rate.span
    labels = (hit.span for hit in document.hits if "tax_amount" in hit.names and hit.span.page == span.page)
    return any(
        label.v_overlap(span) > 0.4 * span.height and abs(label.x1 - span.x0) < 15 * span.height for label in labels
    )


def _discount_percent(document: Document, amounts: Amounts) -> Field | None:
    """A per cent on the line of the document's discount."""
    discount = amounts.chosen.get("discount_amount")
    if discount is None:
        return None
    span = discount.candidate.span
    for c in document.amounts:
        if c.kind == "rate" and c.span.page == span.page and c.span.v_overlap(span) > 0.4 * span.height and c.value:
            return Field(abs(c.value) if isinstance(c.value, Decimal) else c.value, 0.6, c.provenance())
    return None
