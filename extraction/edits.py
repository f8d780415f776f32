"""Correcting an invoice by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from rest_framework.serializers import ValidationError

from extraction.announce import announce
from extraction.changes import lock_for_change
from extraction.engine.custom.definition import CustomDefinition, DefinitionFault, parse_definition
from extraction.engine.money import exponent, to_minor
from extraction.engine.result import Extraction
from extraction.history import record_edits, value_of
from extraction.models import ExtractionJob, Invoice, LineItem
from extraction.patch import InvoicePatchSerializer
from extraction.results import apply_extraction, store_lines

NOT_READ = {"metadata"}  # the client's own: no reading touches it, so it needs no mark that it was edited


@transaction.atomic
def edit_invoice(*, invoice: Invoice, given: Any, actor: str) -> Invoice:
    """Change what `given`, the body of a PATCH, names; all of it or nothing. What changes is kept in the history and
    survives a reprocess.

    Raises Invoice.DoesNotExist, InvoiceProcessing, ValidationError.
    """
    invoice = lock_for_change(invoice)
    job = last_reading(invoice)
    definitions = definitions_of(job)
    patch = InvoicePatchSerializer(data=given, context={"definitions": definitions})
    patch.is_valid(raise_exception=True)
    values = dict(patch.validated_data)
    before = {name: value_of(invoice, name) for name in values}
    currency = invoice.currency
    _set(invoice, values, definitions)
    changed = record_edits(invoice, before, actor=actor)
    if not changed:
        return invoice
    invoice.edited_fields = sorted({*invoice.edited_fields, *changed} - NOT_READ)
    if exponent(currency) != exponent(invoice.currency):
        _restate(invoice, job)
    invoice.save()
    announce("updated", invoice)
    return invoice


def last_reading(invoice: Invoice) -> ExtractionJob | None:
    """The job whose result stands, or else the last one that was made."""
    jobs = invoice.jobs.defer("result").order_by("-pk")  # large, and needed only to restate amounts
    return jobs.filter(status=ExtractionJob.Status.SUCCEEDED).first() or jobs.first()


def definitions_of(job: ExtractionJob | None) -> tuple[CustomDefinition, ...]:
    """The custom fields that the job was to read."""
    try:
        return parse_definition(job.definition) if job and job.definition else ()
    except DefinitionFault:
        return ()  # as the reading itself took it


def _set(invoice: Invoice, values: Mapping[str, Any], definitions: tuple[CustomDefinition, ...]) -> None:
    """Set the columns, and store the line items where they are given."""
    for name, value in values.items():
        if name != "line_items":
            setattr(invoice, name, {} if value is None and name == "metadata" else value)
    if "custom_fields" in values and not values["custom_fields"]:
        invoice.custom_fields = {one.name: None for one in definitions if not one.line_item}
    if "line_items" in values:
        blank = {one.name: None for one in definitions if one.line_item}
        given = enumerate(values["line_items"] or (), start=1)
        store_lines(invoice, [_line(invoice, position, cells, blank) for position, cells in given])


def _line(invoice: Invoice, position: int, cells: Mapping[str, Any], blank: dict[str, None]) -> LineItem:
    prices = _unit_prices(cells.get("unit_price"), cells.get("unit_price_decimal"), invoice.currency, position)
    custom = {"custom_fields": cells.get("custom_fields") or blank}
    return LineItem(invoice=invoice, position=position, **{**cells, **prices, **custom})


def _unit_prices(rounded: int | None, exact: str | None, currency: str | None, position: int) -> dict[str, Any]:
    """Both forms of a unit price from the one that is given. Raises ValidationError where both are and disagree."""
    if exact is None:
        return {"unit_price": rounded, "unit_price_decimal": None if rounded is None else major(rounded, currency)}
    try:
        minor = to_minor(Decimal(exact), currency)
    except OverflowError:
        raise _line_fault(position, "The price is too large.") from None
    if rounded is not None and rounded != minor:
        raise _line_fault(position, f"It says {exact}, which is {minor} and not the unitPrice {rounded}. Give one.")
    return {"unit_price": minor, "unit_price_decimal": exact}


def _line_fault(position: int, message: str) -> ValidationError:
    return ValidationError({"lineItems": {str(position - 1): {"unitPriceDecimal": [message]}}})


def major(minor: int, currency: str | None) -> str:
    """An amount in minor units as text in major units: 1250 EUR is "12.50"."""
    return format(Decimal(minor).scaleb(-exponent(currency)), "f")


def _restate(invoice: Invoice, job: ExtractionJob | None) -> None:
    """Put what was read into the smallest unit of a currency that has another one than before: 119.00 on paper is
    11900 in EUR and 119 in JPY. What people gave stays as they gave it."""
    if job is not None and job.result is not None:
        lines = apply_extraction(invoice, Extraction.from_json(job.result))
        if "line_items" not in invoice.edited_fields:
            store_lines(invoice, lines)
            return
    priced = list(invoice.line_items.exclude(unit_price=None))
    for line in priced:
        line.unit_price_decimal = major(line.unit_price or 0, invoice.currency)
    LineItem.objects.bulk_update(priced, ["unit_price_decimal"])
