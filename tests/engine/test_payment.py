from decimal import Decimal

import pytest

from extraction.engine.document import Document, read_document
from extraction.engine.payment import read_currency, read_payment, read_payment_status
from tests.engine.typed import typed_page


def document(text: str) -> Document:
    return read_document((typed_page(text),))


def payment(text: str) -> dict[str, object]:
    return {name: field.value for name, field in read_payment(document(text)).items()}


def test_terms_and_method_beside_their_labels() -> None:
    assert payment("""
    Payment terms:    Net 30 days
    Payment method:   Bank transfer
    """) == {"payment_terms": "Net 30 days", "payment_method": "Bank transfer"}


def test_terms_in_a_sentence() -> None:
    assert payment("Zahlbar innerhalb von 30 Tagen netto auf unser Konto.") == {
        "payment_terms": "Zahlbar innerhalb von 30 Tagen netto auf unser Konto."
    }


def test_notes_are_kept_whole() -> None:
    read = payment("""
    Notes:
    Supplies used for Project Q.
    Deliver to the back door.
    """)
    assert read["notes"] == "Supplies used for Project Q. Deliver to the back door."


def test_nothing_is_made_of_nothing() -> None:
    assert payment("Total   12.00") == {}


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("Total € 12,00", "EUR"),
        ("Total CHF 12.00", "CHF"),
        ("Total $12.00", "USD"),
        ("All amounts in CAD\nTotal $12.00", "CAD"),
        ("Currency: SEK\nTotal 12,00 kr", "SEK"),
        ("Razem 12,00 zł", "PLN"),
        ("Total 12.00", None),
        ("Geelong VIC 3220\nABN 51 824 753 556\nTotal $12.00", "AUD"),
        ("Geelong VIC 3220\n10115 Berlin, Germany\nTotal $12.00", "USD"),
        ("Geelong VIC 3220\nTotal US$12.00", "USD"),
        ("SWIFT HELADEF1GEL 4567\nSumme 12,00 EUR", "EUR"),
        ("Das GEL wurde geliefert. Summe 12,00 €", "EUR"),
        ("Menge   Bezeichnung   Betrag CHF\n1   Leim   12.00", "CHF"),
        ("Lieferung an CUP\nMenge   Bezeichnung   Betrag", None),
    ],
)
def test_the_currency_is_what_the_page_names(text: str, currency: str | None) -> None:
    found = read_currency(document(text), None)
    assert (found.value if found else None) == currency


def test_the_currency_at_the_total_wins() -> None:
    page = document("Price list in EUR 5.00\nExchanged EUR 7.00\nTotal  GBP 12.00")
    total = next(c for c in page.amounts if c.value == Decimal("12.00"))
    found = read_currency(page, total)
    assert found is not None
    assert found.value == "GBP"


@pytest.mark.parametrize(
    ("total", "due", "paid", "status"),
    [("100", "0", None, "paid"), ("100", "60", "40", "partial"), ("100", "100", None, None), ("100", None, None, None)],
)
def test_amounts_tell_the_payment_status(total: str, due: str | None, paid: str | None, status: str | None) -> None:
    amounts = [Decimal(a) if a else None for a in (total, due, paid)]
    found = read_payment_status(document("Invoice"), *amounts)
    assert (found.value if found else None) == status
