"""From what the engine read to rows: exact decimals to minor units, and nothing that a column could not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, TypeVar

import structlog

from extraction.engine import result as engine
from extraction.engine.custom.definition import CustomKind
from extraction.engine.money import to_minor
from extraction.models import Invoice, LineItem
from invorec.lib.wire import number

log = structlog.get_logger(__name__)

LONG_TEXTS = {"notes", "payment_terms", "description"}
LONG_TEXT, SHORT_TEXT = 10_000, 500  # characters; a longer "name" is a misreading
LINE_MONEY = ("unit_price", "total_price", "tax_amount", "discount_amount")
LINE_DECIMALS = ("quantity", "tax_rate", "discount_percent")
EXACT_PRICE_LENGTH = 60
_exact = Context(prec=60)
T = TypeVar("T")


def apply_extraction(invoice: Invoice, extraction: engine.Extraction) -> list[LineItem]:
    """Set the attributes of `invoice` to what was read, except what people edited, and return its line items.

    Nothing is saved. A value that its column cannot hold becomes null and is logged.
    """
    invoice.source = extraction.source
    invoice.document_type = extraction.document_type
    invoice.page_count = extraction.page_count
    invoice.extraction_confidence = min(1.0, max(0.0, extraction.confidence))
    invoice.needs_review = extraction.needs_review
    edited = set(invoice.edited_fields)
    if "currency" not in edited:
        invoice.currency = _currency(extraction.value("currency"))
    for name in engine.FIELDS:
        if name != "currency" and name not in edited:
            setattr(invoice, name, _header_value(name, extraction.value(name), invoice.currency))
    if "custom_fields" not in edited:
        invoice.custom_fields = custom_values(extraction.custom, invoice.currency)
    invoice.tax_breakdown = [_tax_line(line, invoice.currency) for line in extraction.tax_breakdown]
    lines = [_line_item(invoice, position, line) for position, line in enumerate(extraction.line_items, start=1)]
    for item, custom in zip(lines, extraction.custom_lines, strict=False):
        item.custom_fields = custom_values(custom, invoice.currency)
    return lines


def store_lines(invoice: Invoice, lines: list[LineItem]) -> None:
    """Put `lines` in the place of the invoice's stored ones."""
    invoice.line_items.all().delete()
    LineItem.objects.bulk_create(lines)


def custom_values(fields: Mapping[str, engine.CustomField], currency: str | None) -> dict[str, Any]:
    """Each custom field's value as JSON: null where none was found, for an array too."""
    return {storable(name): custom_value(name, field, currency) for name, field in fields.items()}


def custom_value(name: str, field: engine.CustomField, currency: str | None) -> Any:
    """The value of a custom field on the wire: a list where it takes many, null where none was found."""
    values = [custom_single(name, field.kind, one.value, currency) for one in field.found]
    kept = [value for value in values if value is not None]
    return (kept or None) if field.many else (kept[0] if kept else None)


def custom_single(name: str, kind: CustomKind, value: engine.Value | None, currency: str | None) -> Any:
    """One value of `kind` as JSON; money in minor units, null where it cannot be stored."""
    if kind == "money":
        return minor(name, value, currency) if isinstance(value, Decimal) else None
    if isinstance(value, Decimal):
        kept = fitted("quantity", value)
        return None if kept is None else number(kept)
    return value == "true" if kind == "boolean" else _text("notes", engine.value_to_json(value) or "")


def storable(value: Any) -> Any:
    """JSON `value` without what PostgreSQL refuses in text: NUL and unpaired surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list | tuple) else value


def minor(name: str, amount: Decimal, currency: str | None) -> int | None:
    """`amount` in minor units, or null where 64 bits do not hold it."""
    return _or_null(name, lambda: to_minor(amount, currency))


def fitted(name: str, value: Decimal) -> Decimal | None:
    """A rate or quantity rounded half-even to the places of its column, or null where it has too many digits."""
    column: Any = LineItem._meta.get_field(name)

    def fit() -> Decimal:
        if not value.is_finite() or value.adjusted() >= column.max_digits - column.decimal_places:
            raise OverflowError
        rounded = value.quantize(Decimal(1).scaleb(-column.decimal_places), ROUND_HALF_EVEN, _exact)
        if rounded.adjusted() >= column.max_digits - column.decimal_places:
            raise OverflowError
        return rounded

    return _or_null(name, fit)


def _header_value(name: str, value: engine.Value | None, currency: str | None) -> Any:
    if isinstance(value, Decimal):
        return minor(name, value, currency) if name in engine.MONEY_FIELDS else fitted(name, value)
    return _text(name, value) if isinstance(value, str) else value


def _line_item(invoice: Invoice, position: int, line: engine.LineItem) -> LineItem:
    item = LineItem(invoice=invoice, position=position)
    for name in engine.LINE_TEXT_CELLS:
        value = line.value(name)
        setattr(item, name, _text(name, value) if isinstance(value, str) else None)
    for name in LINE_MONEY:
        amount = line.decimal(name)
        setattr(item, name, None if amount is None else minor(name, amount, invoice.currency))
    for name in LINE_DECIMALS:
        amount = line.decimal(name)
        setattr(item, name, None if amount is None else fitted(name, amount))
    item.unit_price_decimal = _exact_price(line.decimal("unit_price")) if item.unit_price is not None else None
    return item


def _exact_price(price: Decimal | None) -> str | None:
    text = engine.value_to_json(price)
    return text if text is None or len(text) <= EXACT_PRICE_LENGTH else None


def _tax_line(line: engine.TaxLine, currency: str | None) -> dict[str, Any]:
    rate = None if line.rate is None else fitted("tax_rate", line.rate)
    return {
        "rate": None if rate is None else number(rate),
        "base": None if line.base is None else minor("tax_base", line.base, currency),
        "amount": None if line.amount is None else minor("tax_amount", line.amount, currency),
    }


def _currency(value: engine.Value | None) -> str | None:
    is_code = isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()
    return str(value) if is_code else None


def _text(name: str, value: str) -> str | None:
    """The text as it can be stored; null where nothing is left or it is no such text at all."""
    text = storable(value).strip()
    if name == "payment_status" and text not in Invoice.PaymentStatus.values:
        return None
    if name in LONG_TEXTS:
        text = text[:LONG_TEXT]
    elif len(text) > SHORT_TEXT:
        log.warning("value_does_not_fit", field=name)
        return None
    return text or None


def _or_null(name: str, convert: Callable[[], T]) -> T | None:
    try:
        return convert()
    except OverflowError:
        log.warning("value_does_not_fit", field=name)
        return None
