from datetime import date
from decimal import Decimal

import pytest

from extraction.engine.result import CustomField, TaxLine
from extraction.engine.result import LineItem as EngineLine
from extraction.models import Invoice
from extraction.results import apply_extraction, fitted, storable
from tests.factories import make_extraction, make_field


def applied(**fields):
    invoice = Invoice()
    apply_extraction(invoice, make_extraction(fields={name: make_field(value) for name, value in fields.items()}))
    return invoice


def test_a_reading_sets_every_field_and_what_was_not_found_is_null():
    invoice = Invoice(vendor_phone="earlier", amount_due=5)
    apply_extraction(invoice, make_extraction(needs_review=True))
    assert (invoice.invoice_number, invoice.invoice_date, invoice.currency) == ("R-1001", date(2026, 4, 8), "EUR")
    assert (invoice.subtotal_amount, invoice.tax_amount, invoice.total_amount) == (10000, 1900, 11900)
    assert (invoice.tax_rate, invoice.vendor_phone, invoice.amount_due) == (Decimal("19"), None, None)
    assert (invoice.source, invoice.document_type, invoice.page_count) == ("text", "invoice", 1)
    assert (invoice.extraction_confidence, invoice.needs_review) == (0.9, True)
    assert invoice.tax_breakdown == [{"rate": 19, "base": 10000, "amount": 1900}]


def test_line_items_keep_the_exact_price_beside_the_rounded_one():
    (line,) = apply_extraction(Invoice(), make_extraction())
    assert (line.position, line.unit_price, line.unit_price_decimal) == (1, 5, "0.0500")
    assert (line.quantity, line.total_price, line.tax_rate) == (Decimal("2000"), 10000, Decimal("7.5"))
    assert (line.sku, line.unit, line.discount_amount) == ("S-1", None, None)


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1235), ("EUR", 123456), ("KWD", 1234560), ("CLF", 12345600)])
def test_the_currency_decides_the_minor_unit(currency, minor):
    invoice = applied(currency=currency, total_amount=Decimal("1234.56"))
    assert (invoice.currency, invoice.total_amount) == (currency, minor)


@pytest.mark.parametrize("currency", ["eur", "EURO", "€", "E\x00R"])
def test_what_is_no_currency_code_is_null(currency):
    invoice = applied(currency=currency, total_amount=Decimal("1.00"))
    assert (invoice.currency, invoice.total_amount) == (None, 100)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total_amount", Decimal("1E+30")),
        ("amount_due", Decimal("NaN")),
        ("tax_rate", Decimal("123456")),
        ("tax_rate", Decimal("99999.99999")),
        ("discount_percent", Decimal("Infinity")),
        ("vendor_name", "x" * 501),
        ("iban", "\x00 "),
    ],
)
def test_what_its_column_cannot_hold_is_null(name, value):
    assert getattr(applied(**{name: value}), name) is None


def test_long_notes_are_cut():
    assert len(applied(notes="x" * 20_000).notes) == 10_000


def test_cells_out_of_range_are_null_and_the_line_stays():
    cells = {"quantity": Decimal("1E+12"), "unit_price": Decimal("1E+40"), "total_price": Decimal("1.00")}
    extraction = make_extraction(
        line_items=(EngineLine({name: make_field(value) for name, value in cells.items()}),),
        tax_breakdown=(TaxLine(None, Decimal("1E+40"), Decimal("-0.01")),),
    )
    invoice = Invoice()
    (line,) = apply_extraction(invoice, extraction)
    assert (line.quantity, line.unit_price, line.unit_price_decimal, line.total_price) == (None, None, None, 100)
    assert invoice.tax_breakdown == [{"rate": None, "base": None, "amount": -1}]


def test_rates_are_rounded_to_their_column():
    assert fitted("tax_rate", Decimal("8.33335")) == Decimal("8.3334")
    assert fitted("tax_rate", Decimal("8.33325")) == Decimal("8.3332")
    assert fitted("quantity", Decimal("1E-30")) == 0


def test_edited_fields_are_left_alone():
    invoice = Invoice(currency="JPY", vendor_name="Mine", edited_fields=["currency", "vendor_name"])
    apply_extraction(invoice, make_extraction())
    assert (invoice.currency, invoice.vendor_name, invoice.total_amount) == ("JPY", "Mine", 119)


def test_storable_json_has_no_nul_and_no_unpaired_surrogate():
    assert storable({"a\x00": ["b\x00", "\ud800", 1, None, 0.5]}) == {"a": ["b", "?", 1, None, 0.5]}


@pytest.mark.parametrize(
    ("value", "stored"), [("paid", "paid"), ("overdue", "overdue"), ("PAID", None), ("maybe", None)]
)
def test_only_known_payment_statuses_are_kept(value, stored):
    assert applied(payment_status=value).payment_status == stored


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (CustomField("string", False, (make_field(" CC-1 "),)), "CC-1"),
        (CustomField("integer", False, (make_field(Decimal("12.0")),)), 12),
        (CustomField("number", False, (make_field(Decimal("0.5")),)), 0.5),
        (CustomField("money", False, (make_field(Decimal("2.50")),)), 250),
        (CustomField("money", False, (make_field(Decimal("1E+30")),)), None),
        (CustomField("boolean", False, (make_field("false"),)), False),
        (CustomField("date", False, (make_field(date(2026, 5, 1)),)), "2026-05-01"),
        (CustomField("string", True, (make_field("a"), make_field("b"))), ["a", "b"]),
        (CustomField("string"), None),
        (CustomField("string", True), None),
    ],
)
def test_custom_fields_are_plain_json_in_the_header_and_in_lines(field, shown):
    invoice = Invoice()
    (line,) = apply_extraction(invoice, make_extraction(custom={"x": field}, custom_lines=({"x": field},)))
    assert (invoice.custom_fields, line.custom_fields) == ({"x": shown}, {"x": shown})


def test_custom_fields_that_people_edited_stay():
    invoice = Invoice(custom_fields={"x": 1}, edited_fields=["custom_fields"])
    apply_extraction(invoice, make_extraction(custom={"x": CustomField("string", False, (make_field("a"),))}))
    assert invoice.custom_fields == {"x": 1}
