from datetime import date
from decimal import Decimal

import pytest

from extraction.engine.checks import Sums, run_checks, with_checks
from extraction.engine.result import Extraction, Field, LineItem, Provenance, TaxLine


def field(value) -> Field:
    return Field(Decimal(value) if isinstance(value, int) else value, 1.0, Provenance("text", str(value)))


def extraction(*line_totals: str, rows: tuple[TaxLine, ...] = (), **values) -> Extraction:
    money = {name: Decimal(v) if name.endswith(("amount", "paid", "due")) else v for name, v in values.items()}
    lines = tuple(LineItem({"total_price": field(Decimal(total))}) for total in line_totals)
    return Extraction("text", "invoice", 1, {name: field(v) for name, v in money.items()}, lines, rows)


def verdicts(found: Extraction, sums: Sums | None = None, rounding: Decimal | None = None) -> dict[str, bool]:
    return {check.name: check.passed for check in run_checks(found, sums, rounding)}


def test_nothing_found_nothing_checked():
    assert run_checks(extraction()) == ()


@pytest.mark.parametrize(
    ("values", "passed"),
    [
        ({"subtotal_amount": "30.00"}, True),
        ({"subtotal_amount": "25.00", "discount_amount": "5.00"}, True),
        ({"subtotal_amount": "34.00", "shipping_amount": "4.00"}, True),
        ({"subtotal_amount": "25.21", "tax_amount": "4.79", "total_amount": "30.00"}, True),  # gross lines
        ({"subtotal_amount": "31.00"}, False),
    ],
)
def test_line_sum_of_a_page_in_the_forms_pages_have(values, passed):
    assert verdicts(extraction("10.00", "20.00", **values))["line_sum"] is passed


def test_line_sum_of_an_e_invoice_is_its_stated_line_total():
    found = extraction("10.00", "20.00", subtotal_amount="25.00", discount_amount="5.00")
    assert verdicts(found, Sums(Decimal("30.00"), Decimal("5.00"))) == {"line_sum": True, "subtotal": True}
    assert verdicts(found, Sums(Decimal("25.00"))) == {"line_sum": False, "subtotal": True}
    assert verdicts(found, Sums(Decimal("30.00"))) == {"line_sum": True, "subtotal": False}


def test_line_sum_needs_every_line():
    partly = Extraction("text", "invoice", 1, extraction(subtotal_amount="10").fields, (LineItem({}),))
    assert "line_sum" not in verdicts(partly)


@pytest.mark.parametrize(
    ("base", "amount", "currency", "passed"),
    [
        ("100.05", "19.01", "EUR", True),
        ("100.05", "19.03", "EUR", False),
        ("1003", "191", "JPY", True),
        ("1003", "193", "JPY", False),
        ("1003.00", "191.00", "HUF", True),  # counted in whole forints, though the currency has two decimals
        ("1003.50", "191.00", "HUF", False),
    ],
)
def test_tax_row_is_rate_times_base_but_for_rounding(base, amount, currency, passed):
    row = TaxLine(Decimal(19), Decimal(base), Decimal(amount))
    found = extraction(rows=(row,), tax_amount=amount, currency=currency)
    assert verdicts(found) == {"tax_breakdown": passed, "tax_total": True}


def test_tax_total_is_the_sum_of_its_rows():
    rows = (TaxLine(None, None, Decimal("1.50")), TaxLine(None, None, Decimal("2.50")))
    assert verdicts(extraction(rows=rows, tax_amount="4.00")) == {"tax_total": True}
    assert verdicts(extraction(rows=rows, tax_amount="4.02")) == {"tax_total": False}


def test_total_of_a_page_may_have_discount_or_shipping_after_the_subtotal():
    parts = {"subtotal_amount": "100.00", "tax_amount": "19.00", "discount_amount": "4.00", "shipping_amount": "6.00"}
    for total, passed in [("119.00", True), ("115.00", True), ("125.00", True), ("121.00", True), ("122.00", False)]:
        assert verdicts(extraction(total_amount=total, **parts))["total"] is passed
    assert verdicts(extraction(total_amount="121.00", **parts), Sums()) == {"total": False}


def test_amount_due_is_what_is_left_after_payment_and_rounding():
    found = extraction(total_amount="119.02", amount_paid="19.00", amount_due="100.00")
    assert verdicts(found) == {"amount_due": False}
    assert verdicts(found, Sums(rounding=Decimal("-0.02"))) == {"amount_due": True}
    assert verdicts(extraction(total_amount="5.00", amount_due="5.00")) == {"amount_due": True}


def test_due_date_is_not_before_the_invoice_date():
    issued = date(2026, 3, 10)
    assert verdicts(extraction(invoice_date=issued, due_date=issued)) == {"due_date_order": True}
    assert verdicts(extraction(invoice_date=issued, due_date=date(2026, 3, 9))) == {"due_date_order": False}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("iban", "NL91ABNA0417164300", {"iban": True}),
        ("iban", "NL91ABNA0417164301", {"iban": False}),
        ("iban", "see above", {"iban": False}),
        ("vendor_tax_id", "DE281459730", {"vendor_tax_id": True}),
        ("vendor_tax_id", "DE 281 459 731", {"vendor_tax_id": False}),
        ("customer_tax_id", "EL094259216", {"customer_tax_id": True}),  # Greece's own prefix
        ("customer_tax_id", "CHE-107.787.577 IVA", {"customer_tax_id": True}),
        ("vendor_tax_id", "33/456/78901", {}),
        ("vendor_tax_id", "94-1696494", {}),  # no country, no rule
        ("vendor_tax_id", "ZZ123456", {}),
    ],
)
def test_identifiers_by_their_checksums(name, value, expected):
    assert verdicts(extraction(**{name: value})) == expected


def test_a_check_shows_its_terms():
    check = run_checks(extraction(subtotal_amount="10.00", tax_amount="1.90", total_amount="12.00"))[0]
    assert check.to_json() == {
        "name": "total",
        "passed": False,
        "expected": "11.90",
        "actual": "12.00",
        "terms": [{"name": "subtotal_amount", "value": "10.00"}, {"name": "tax_amount", "value": "1.90"}],
    }


def test_missing_number_date_or_total_needs_review():
    whole = {"invoice_number": "1", "invoice_date": date(2026, 1, 1), "total_amount": "1.00"}
    assert not with_checks(extraction(**whole), ()).needs_review
    for name in whole:
        rest = {other: value for other, value in whole.items() if other != name}
        assert with_checks(extraction(**rest), ()).needs_review


def test_rounding_of_a_page_explains_its_total_or_what_is_due():
    parts = {"subtotal_amount": "31.16", "tax_amount": "5.61"}
    found = extraction(total_amount="37.00", **parts)
    assert verdicts(found) == {"total": False}
    assert verdicts(found, rounding=Decimal("0.23")) == {"total": True}
    assert verdicts(found, rounding=Decimal("0.20")) == {"total": False}
    for total, is_operand in (("36.77", True), ("37.00", False)):  # what is due may be rounded, or the total itself
        found = extraction(total_amount=total, amount_due="37.00", **parts)
        checks = {check.name: check for check in run_checks(found, None, Decimal("0.23"))}
        assert {name: check.passed for name, check in checks.items()} == {"total": True, "amount_due": True}
        assert ("rounding" in dict(checks["amount_due"].terms)) is is_operand
