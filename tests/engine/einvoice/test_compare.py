from datetime import date
from decimal import Decimal

import pytest

from extraction.engine.checks import with_checks
from extraction.engine.einvoice import compare
from extraction.engine.result import Check, Extraction, Field, Provenance


def page(confidence: float = 0.9, document_type="invoice", **values) -> Extraction:
    fields = {name: Field(value, confidence, Provenance("text", str(value), 1)) for name, value in values.items()}
    return Extraction("text", document_type, 1, fields)


def test_page_that_says_the_same_in_another_form_agrees(read):
    shown = page(
        invoice_number="hf 2026-0417",
        invoice_date=date(2026, 3, 10),
        total_amount=Decimal("267.030"),
        currency="EUR",
        iban="DE41 5001 0517 0123 4567 89",
    )
    assert [(check.name, check.passed) for check in compare(read("cii_two_rates"), shown)] == [
        ("xml_page_invoice_number", True),
        ("xml_page_invoice_date", True),
        ("xml_page_total_amount", True),
        ("xml_page_currency", True),
        ("xml_page_iban", True),
    ]


@pytest.mark.parametrize(
    ("name", "value", "expected", "actual"),
    [
        ("invoice_number", "HF-2026/0471", "HF-2026/0417", "HF-2026/0471"),
        ("invoice_date", date(2026, 10, 3), "2026-03-10", "2026-10-03"),
        ("total_amount", Decimal("2670.30"), "267.03", "2670.30"),
        ("currency", "CHF", "EUR", "CHF"),
        ("iban", "NL91ABNA0417164300", "DE41500105170123456789", "NL91ABNA0417164300"),
    ],
)
def test_page_that_says_another_thing_is_a_failed_check(read, name, value, expected, actual):
    invoice = read("cii_two_rates")
    checks = compare(invoice, page(**{name: value}))
    assert checks == (Check(f"xml_page_{name}", False, expected, actual),)
    judged = with_checks(invoice, checks)
    assert judged.needs_review
    assert judged.fields[name].confidence == 0.9
    assert judged.fields[name].value == invoice.fields[name].value
    assert judged.checks == (*invoice.checks, *checks)


def test_what_the_page_shows_unsurely_or_not_at_all_is_not_compared(read):
    assert compare(read("cii_two_rates"), page(0.79, total_amount=Decimal(1))) == ()
    assert compare(read("cii_two_rates"), page()) == ()


def test_credit_note_may_be_printed_with_a_minus(read):
    printed = page(document_type="credit_note", total_amount=Decimal("-21.10"))
    assert [check.passed for check in compare(read("ubl_credit_note"), printed)] == [True]
    assert [check.passed for check in compare(read("ubl_invoice"), page(total_amount=Decimal("-154.28")))] == [False]
