import pytest

from extraction.engine.features import features
from extraction.engine.result import Check, Extraction, Field, Provenance, Rejected


def a_field(value: str, confidence: float = 0.8, *rejected: float) -> Field:
    place = Provenance("text", value)
    return Field(value, confidence, place, tuple(Rejected("other", score, place) for score in rejected))


def found(*checks: Check, **fields: Field) -> Extraction:
    return Extraction("text", "invoice", 1, fields, checks=checks)


def test_the_runner_up_and_the_company_that_a_value_keeps():
    reading = found(invoice_number=a_field("7", 0.9, 0.2, 0.6), iban=a_field("DE1", 0.5), currency=a_field("EUR", 0.7))
    number, iban = features(reading, "invoice_number"), features(reading, "iban")
    assert (number["runner_up"], number["contested"], number["others"]) == (0.6, 1.0, pytest.approx(0.6))
    assert (iban["runner_up"], iban["contested"], iban["others"]) == (0.0, 0.0, pytest.approx(0.8))
    assert features(found(currency=a_field("EUR")), "currency")["others"] == 0.0


def test_what_the_checks_say():
    total, lines = Check("total", True, "3", "3"), Check("line_sum", False, "3", "4")
    seen = features(found(total, lines, currency=a_field("EUR")), "currency")
    assert (seen["checks_held"], seen["total_holds"], seen["lines_hold"]) == (1.0, 1.0, -1.0)
    assert features(found(currency=a_field("EUR")), "currency")["total_holds"] == 0.0


@pytest.mark.parametrize(
    ("name", "email", "true"),
    [
        ("Hollow Lane Garage Ltd", "bookings@hollowlane.example", {"legal_form", "own_domain"}),
        ("Ontvanger", "info@maasgat.example", {"one_word"}),
        ("Order 88 placed by phone on a Monday", "info@maasgat.example", {"has_digit", "many_words"}),
    ],
)
def test_the_shape_of_a_name(name, email, true):
    seen = features(found(vendor_name=a_field(name), vendor_email=a_field(email)), "vendor_name")
    shape = {key: seen[key] for key in ("one_word", "many_words", "legal_form", "has_digit", "own_domain")}
    assert {key for key, value in shape.items() if value} == true


@pytest.mark.parametrize(
    ("address", "numbered", "town"),
    [
        ("Unit 3 Hollow Lane, Shrewsbury SY1 4RT", 1.0, 1.0),
        ("Rue Saint-Lambert 63, 4040 Herstal", 1.0, 1.0),
        ("Waterloo, IA 50701", 0.0, 1.0),
        ("Hinterhaus, 2. OG", 0.0, 0.0),
    ],
)
def test_the_shape_of_an_address(address, numbered, town):
    seen = features(found(customer_address=a_field(address)), "customer_address")
    assert (seen["numbered_lines"], seen["town"]) == (numbered, town)


def test_the_shape_of_a_telephone_number():
    dialled = {
        text: features(found(p=a_field(text), vendor_phone=a_field(text)), "vendor_phone")["dialled"]
        for text in ("+49 30 1234567", "01743 960 284", "(555) 010 1234", "88124 / 0417")
    }
    assert list(dialled.values()) == [1.0, 1.0, 1.0, 0.0]
