"""What papers of trades have besides an invoice's own facts: other dates and numbers, gross sub-totals, discounts."""

from datetime import date
from decimal import Decimal

import pytest

from tests.engine.answers import header, totals


def test_a_date_that_shares_its_heading_with_a_number_belongs_to_it() -> None:
    read = header("""
    Invoice number/Date
    90041877 / 03.05.2024
    Delivery note no./Date
    80077120 / 02.05.2024
    """)
    assert (read["invoice_number"], read["invoice_date"]) == ("90041877", date(2024, 5, 3))


def test_a_date_at_the_other_end_of_the_title_line() -> None:
    read = header("""
    VAT INVOICE No. 30442                                14-06-24

    Date          Text                                   Charges
    02-05-24      Deposit                                 150.00
    11-06-24      Breakfast                                12.00
    12-06-24      Dinner                                   62.50
    """)
    assert (read["invoice_number"], read["invoice_date"]) == ("30442", date(2024, 6, 14))


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("Zahlbar bis zum 18.10.2024 ohne Abzug. Bei Zahlung bis zum 28.09.2024 gewähren wir 2 % Skonto.", (10, 18)),
        ("Payment falls due 30 days after the invoice date, on 15/08/2024.", (8, 15)),
        ("NET DUE: 12.07.2024     DISC DUE: 22.06.2024", (7, 12)),
        ("Please pay by 12.07.2024. If paid by 22.06.2024 you may remit 2,720.90.", (7, 12)),
        ("Amount to pay\n122,32 EUR\nbefore 06.09.2024", (9, 6)),
    ],
)
def test_the_net_date_is_due_and_not_that_of_a_discount(terms: str, due: tuple[int, int]) -> None:
    assert header(f"Invoice no. 77-1\nInvoice date: 01.06.2024\n\n{terms}")["due_date"] == date(2024, *due)


def test_a_subtotal_that_is_called_gross_is_none() -> None:
    read = totals("""
    Zwischensumme (brutto)                           203,70 €
    Gesamtsumme                                      203,70 €
    darin enthalten 7 % MwSt. aus 107,20 € netto       7,50 €
    darin enthalten 19 % MwSt. aus 74,79 € netto      14,21 €
    Gesamtsumme netto                                181,99 €
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("181.99"), Decimal("21.71"))
    assert read["total_amount"] == Decimal("203.70")


def test_a_row_without_tax_leaves_no_single_rate() -> None:
    read = totals("""
    VAT summary             Net       VAT     Gross
    20% VAT              509.25    101.85    611.10
    0% / outside scope     7.00      0.00      7.00
    Total                516.25    101.85    618.10
    """)
    assert (read["tax_amount"], read.get("tax_rate")) == (Decimal("101.85"), None)


def test_rows_of_one_rate_add_up() -> None:
    read = totals("""
    HSN         Taxable      CGST   Amount    SGST   Amount    Total Tax
    39172110    16,740.00    9%     1,506.60  9%     1,506.60   3,013.20
    85371000     9,520.00    9%       856.80  9%       856.80   1,713.60
    Total       26,260.00           2,363.40         2,363.40   4,726.80

    Output CGST      2,363.40
    Output SGST      2,363.40
    Total           30,986.80
    """)
    assert (read["tax_amount"], read["total_amount"]) == (Decimal("4726.80"), Decimal("30986.80"))


@pytest.mark.parametrize(
    ("facts", "order"),
    [
        ("Your ref: INK-88213", "INK-88213"),
        ("Uw referentie: TZ-4410", "TZ-4410"),
        ("Your ref: INK-88213\n    PO number: 4500071836", "4500071836"),
        ("Our ref: 77-120", None),
    ],
)
def test_the_buyers_reference_names_the_order_where_nothing_else_does(facts: str, order: str | None) -> None:
    assert header(f"Invoice no. 90041877\n\n    {facts}").get("purchase_order") == order


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("Sub total   R 1 172.10\n    VAT 15%     R 175.82\n    TOTAL       R 1 347.92", "ZAR"),
        ("Total   R1,347.92", "ZAR"),
        ("Model R 12   Total   1,347.92", None),
    ],
)
def test_the_rands_letter_is_a_sign_only_before_cents(text: str, currency: str | None) -> None:
    assert totals(text).get("currency") == currency
