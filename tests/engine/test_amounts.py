from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.engine.amounts import NumberStyle, decide_style, find_amounts, parse_amount

POINT, COMMA = NumberStyle("."), NumberStyle(",")


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("1,234.56", POINT, "1234.56"),
        ("1.234,56 €", COMMA, "1234.56"),
        ("1'234.50", POINT, "1234.50"),
        ("CHF 1’234.50", POINT, "1234.50"),
        ("12,34,567.00", POINT, "1234567.00"),
        ("13 605,38 zł", NumberStyle(",", blank_groups=True), "13605.38"),
        ("3 000,00", COMMA, "3000.00"),
        ("$12,500", POINT, "12500"),
        ("2.000", COMMA, "2000"),
        ("2.000", POINT, "2.000"),
        ("0.125", COMMA, "0.125"),
        ("€3.50", COMMA, "3.50"),
        ("(100.00)", POINT, "-100.00"),
        ("80,65-", COMMA, "-80.65"),
        ("74'784.00 CHF-", POINT, "-74784.00"),
        ("Rs 17,602.22/-", POINT, "17602.22"),
        ("€ -9,32", COMMA, "-9.32"),
        ("−12.26", POINT, "-12.26"),
        ("5,-", COMMA, "5"),
        ("19 %", POINT, "19"),
        ("Rs. 1939", POINT, "1939"),
    ],
)
def test_a_printed_number_has_one_value(text: str, style: NumberStyle, value: str) -> None:
    parsed = parse_amount(text, style)
    assert parsed == Decimal(value)
    assert str(parsed) == value


@pytest.mark.parametrize("text", ["12.05.2023", "DE303303712", "INV-2024", "10:30", "a@b.example", "78.46.77.79", ""])
def test_dates_and_codes_are_no_amounts(text: str) -> None:
    assert parse_amount(text, POINT) is None


def test_currency_and_percent_are_told() -> None:
    money, rate = find_amounts("EUR 80,65 zzgl. 19 %", COMMA)
    assert (money.value, money.currency, money.percent) == (Decimal("80.65"), "EUR", False)
    assert (rate.value, rate.currency, rate.percent) == (Decimal(19), None, True)
    assert money.looks_like_money
    assert not rate.looks_like_money


def test_the_style_is_that_of_the_whole_document() -> None:
    assert decide_style(["1.234", "17,50", "3,20"]) == COMMA
    assert decide_style(["1.234", "17.50", "3.20"]) == POINT
    assert decide_style(["1 234,56", "2 000,00"]) == NumberStyle(",", blank_groups=True)
    assert decide_style(["nothing here"]) == POINT


def test_one_stray_number_does_not_turn_the_style() -> None:
    assert decide_style(["€ 399,00", "€ 69,99", "Thuiskopie €3.50", "€ 717,97"]) == COMMA


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([(",", "."), (".", ","), ("'", ".")]))
def test_what_is_printed_grouped_is_read_back(value: Decimal, signs: tuple[str, str]) -> None:
    group, decimal = signs
    printed = f"{value:,.2f}".translate(str.maketrans({",": group, ".": decimal}))
    assert parse_amount(printed, NumberStyle(decimal)) == value
