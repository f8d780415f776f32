from decimal import Decimal

import pytest

from extraction.engine.money import exponent, to_minor


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("EUR", 2), ("JPY", 0), ("KRW", 0), ("ISK", 0), ("UGX", 0), ("HUF", 2), ("IQD", 3), ("KWD", 3), ("TND", 3),
        ("CLF", 4), ("UYW", 4), ("MGA", 2), ("RSD", 2), (None, 2), ("???", 2),
    ],
)  # fmt: skip
def test_exponents_are_those_of_iso_4217(currency, digits):
    assert exponent(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("-12.50", "EUR", -1250),
        ("1234", "JPY", 1234),
        ("1.2345", "KWD", 1234),
        ("1.2355", "KWD", 1236),
        ("0.005", "EUR", 0),
        ("0.015", "EUR", 2),
        ("0.0150001", "EUR", 2),
        ("1E+3", None, 100000),
        ("1E-400", "EUR", 0),
        ("92233720368547758.07", "EUR", 2**63 - 1),
        ("-9223372036854775807", "JPY", -(2**63) + 1),
    ],
)
def test_amounts_become_minor_units_half_even(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor


@pytest.mark.parametrize("amount", ["92233720368547758.08", "1E+17", "1E+5000000000", "0E+300", "NaN", "-Infinity"])
def test_what_64_bits_cannot_hold_is_refused(amount):
    with pytest.raises(OverflowError):
        to_minor(Decimal(amount), "EUR")
