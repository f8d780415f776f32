"""Checks that prove: arithmetic, date order and checksums over a finished extraction, whatever it was read from.

A check that cannot be tried, because a value is missing or the country's numbers have no checksum, is left out. None of
them refuses a document or changes a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from stdnum import iban
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

from extraction.engine.money import exponent
from extraction.engine.result import Check, Extraction, TaxLine

# The fields whose value a failed check puts in doubt
DOUBTED_FIELDS = {
    "line_sum": ("subtotal_amount",),
    "subtotal": ("subtotal_amount", "discount_amount"),
    "tax_breakdown": ("tax_amount",),
    "tax_total": ("tax_amount",),
    "total": ("subtotal_amount", "tax_amount", "total_amount"),
    "amount_due": ("amount_paid", "amount_due"),
    "due_date_order": ("due_date",),
    "iban": ("iban",),
    "vendor_tax_id": ("vendor_tax_id",),
    "customer_tax_id": ("customer_tax_id",),
}

_DOUBT = 0.9  # what is left of a value's confidence when a check that involves it fails
_NEEDED = ("invoice_number", "invoice_date", "total_amount")  # without these a person has to look
_PREFIXED_ID = re.compile(r"[A-Z]{2}[A-Z0-9]{2,}", re.ASCII)
_COUNTRY = {"EL": "GR", "XI": "GB"}  # VAT prefixes that are not ISO 3166 country codes


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals that a document may state and that are no fields of the API: the sum of its lines (EN 16931 BT-106),
    of its allowances (BT-107) and charges (BT-108), and the rounding of the amount due (BT-114)."""

    line_total: Decimal | None = None
    allowances: Decimal | None = None
    charges: Decimal | None = None
    rounding: Decimal | None = None


def run_checks(extraction: Extraction, sums: Sums | None = None, rounding: Decimal | None = None) -> tuple[Check, ...]:
    """Every check that the extraction has the values for, in a fixed order.

    `sums`: what an e-invoice states beyond its fields; the equations are then those of EN 16931, to the letter. Without
    it, the forms in which pages bend them pass as well (discount or shipping outside the sub-total, gross lines, a
    total after the `rounding` that the page prints).
    """
    return (
        *_line_sum(extraction, sums, rounding),
        *_subtotal(extraction, sums),
        *_tax_breakdown(extraction),
        *_tax_total(extraction),
        *_total(extraction, sums, rounding),
        *_amount_due(extraction, sums, rounding),
        *_due_date_order(extraction),
        *_iban(extraction),
        *_tax_id(extraction, "vendor_tax_id"),
        *_tax_id(extraction, "customer_tax_id"),
    )


def with_checks(extraction: Extraction, checks: Sequence[Check]) -> Extraction:
    """The extraction with `checks` added: the fields that a failed one puts in doubt a little less confident, and
    `needs_review` set where one failed or number, date or total is missing."""
    failed = [check for check in checks if not check.passed]
    doubted = {name for check in failed for name in _doubted_by(check)}
    fields = {
        name: replace(field, confidence=field.confidence * _DOUBT) if name in doubted else field
        for name, field in extraction.fields.items()
    }
    is_incomplete = any(name not in fields for name in _NEEDED)
    return replace(
        extraction,
        fields=fields,
        checks=(*extraction.checks, *checks),
        needs_review=extraction.needs_review or bool(failed) or is_incomplete,
    )


def _doubted_by(check: Check) -> tuple[str, ...]:
    return DOUBTED_FIELDS.get(check.name) or (check.name.removeprefix("xml_page_"),)


def _amount(extraction: Extraction, name: str) -> Decimal | None:
    value = extraction.value(name)
    return value if isinstance(value, Decimal) else None


def _unit(extraction: Extraction) -> Decimal:
    """The smallest unit of the document's currency."""
    return Decimal(1).scaleb(-exponent(str(extraction.value("currency") or "")))


def _equation(
    name: str, expected: Sequence[Decimal], actual: Decimal, slack: Decimal, terms: Mapping[str, Decimal | None]
) -> Check:
    """Passed where `actual` is within `slack` of one of the `expected`; the check shows the nearest one."""
    nearest = min(expected, key=lambda value: abs(value - actual))
    shown = tuple((term, format(value, "f")) for term, value in terms.items() if value is not None)
    return Check(name, abs(nearest - actual) <= slack, format(nearest, "f"), format(actual, "f"), shown)


def _line_sum(extraction: Extraction, sums: Sums | None, rounding: Decimal | None) -> Iterator[Check]:
    totals = [line.decimal("total_price") for line in extraction.line_items]
    present = [total for total in totals if total is not None]
    subtotal = _amount(extraction, "subtotal_amount")
    if not present or len(present) < len(totals):
        return
    if sums:
        expected = [sums.line_total] if sums.line_total is not None else []
        terms = {"line_total": sums.line_total}
    else:
        discount = _amount(extraction, "discount_amount")
        shipping = _amount(extraction, "shipping_amount")
        before = None if subtotal is None else subtotal + (discount or 0) - (shipping or 0)
        total = _amount(extraction, "total_amount")
        exact = None if total is None or not rounding else total - rounding
        expected = [v for v in (subtotal, before, total, exact) if v is not None]
        terms = {"subtotal_amount": subtotal, "discount_amount": discount, "shipping_amount": shipping}
    if expected:
        yield _equation("line_sum", expected, sum(present, Decimal(0)), _slack(extraction), terms)


def _subtotal(extraction: Extraction, sums: Sums | None) -> Iterator[Check]:
    subtotal = _amount(extraction, "subtotal_amount")
    if subtotal is None or sums is None or sums.line_total is None:
        return
    expected = sums.line_total - (sums.allowances or 0) + (sums.charges or 0)
    terms = {"line_total": sums.line_total, "allowances": sums.allowances, "charges": sums.charges}
    yield _equation("subtotal", [expected], subtotal, _unit(extraction), terms)


def _slack(extraction: Extraction) -> Decimal:
    """Rounding that lines may leave in a sum: one smallest unit, and half a unit for every line."""
    return _unit(extraction) * (1 + Decimal(len(extraction.line_items)) / 2)


def _tax_slack(extraction: Extraction, row: TaxLine) -> Decimal:
    """As of lines; half a major unit where the document counts in whole ones (as Hungarian forint invoices do)."""
    totals = [_amount(extraction, name) for name in ("subtotal_amount", "tax_amount", "total_amount")]
    whole = all(v is None or v == v.to_integral_value() for v in (*totals, row.base, row.amount))
    return max(_slack(extraction), Decimal("0.5") if whole else Decimal(0))


def _tax_breakdown(extraction: Extraction) -> Iterator[Check]:
    for row in extraction.tax_breakdown:
        if row.rate is None or row.base is None or row.amount is None:
            continue
        terms = {"rate": row.rate, "base": row.base}
        expected = row.rate * row.base / 100
        yield _equation("tax_breakdown", [expected], row.amount, _tax_slack(extraction, row), terms)


def _tax_total(extraction: Extraction) -> Iterator[Check]:
    tax, amounts = _amount(extraction, "tax_amount"), [row.amount for row in extraction.tax_breakdown]
    present = [amount for amount in amounts if amount is not None]
    if tax is not None and present and len(present) == len(amounts):
        terms = {f"tax {n}": amount for n, amount in enumerate(present, 1)}
        yield _equation("tax_total", [sum(present, Decimal(0))], tax, _unit(extraction), terms)


def _total(extraction: Extraction, sums: Sums | None, rounding: Decimal | None) -> Iterator[Check]:
    subtotal, tax, total = (_amount(extraction, n) for n in ("subtotal_amount", "tax_amount", "total_amount"))
    if subtotal is None or tax is None or total is None:
        return
    expected = [subtotal + tax]
    terms: dict[str, Decimal | None] = {"subtotal_amount": subtotal, "tax_amount": tax}
    if not sums:
        discount, shipping = _amount(extraction, "discount_amount"), _amount(extraction, "shipping_amount")
        bent = [-(discount or 0), shipping or 0, (shipping or 0) - (discount or 0)]
        bent += [-tax] if _is_tax_inside(extraction, subtotal, tax) else []
        expected += [subtotal + tax + change for change in bent]
        expected += [value + rounding for value in expected] if rounding else []
        terms |= {"discount_amount": discount, "shipping_amount": shipping, "rounding": rounding}
    yield _equation("total", expected, total, _unit(extraction), terms)


def _is_tax_inside(extraction: Extraction, subtotal: Decimal, tax: Decimal) -> bool:
    """Whether the tax rows part the subtotal itself into base and tax, as on a till slip."""
    bases = [line.base for line in extraction.tax_breakdown if line.base is not None]
    return bool(bases) and abs(sum(bases, Decimal(0)) + tax - subtotal) <= len(bases) * _unit(extraction)


def _amount_due(extraction: Extraction, sums: Sums | None, rounding: Decimal | None) -> Iterator[Check]:
    total, paid, due = (_amount(extraction, n) for n in ("total_amount", "amount_paid", "amount_due"))
    if total is None or due is None:
        return
    left = total - (paid or 0)
    if sums:
        rounding = sums.rounding
    elif abs(left - due) <= _unit(extraction):
        rounding = None  # a page's total may be rounded itself
    terms = {"total_amount": total, "amount_paid": paid, "rounding": rounding}
    yield _equation("amount_due", [left + (rounding or 0)], due, _unit(extraction), terms)


def _due_date_order(extraction: Extraction) -> Iterator[Check]:
    issued, due = extraction.value("invoice_date"), extraction.value("due_date")
    if isinstance(issued, date) and isinstance(due, date):
        terms = (("invoice_date", issued.isoformat()),)
        yield Check("due_date_order", due >= issued, f">= {issued.isoformat()}", due.isoformat(), terms)


def _iban(extraction: Extraction) -> Iterator[Check]:
    value = extraction.value("iban")
    if isinstance(value, str):  # mod 97 and the country's length; national digits inside are the bank's business
        yield Check("iban", _is_valid_iban(value), "mod 97 = 1", value)


def _is_valid_iban(value: str) -> bool:
    try:
        iban.validate(value, check_country=False)
    except ValidationError:
        return False
    return True


def _tax_id(extraction: Extraction, name: str) -> Iterator[Check]:
    """By its country's own rule (python-stdnum); ids without a country prefix name no rule."""
    shown = str(extraction.value(name) or "")
    compact = re.sub(r"[^0-9A-Za-z]", "", shown).upper()
    if "/" in shown or not _PREFIXED_ID.fullmatch(compact):  # a German tax number has slashes, a VAT id never
        return
    country = _COUNTRY.get(compact[:2], compact[:2])
    rule = get_cc_module(country.lower(), "vat")
    if rule:
        yield Check(
            name, bool(rule.is_valid(country + compact[2:])), f"checksum of {country}", str(extraction.value(name))
        )
