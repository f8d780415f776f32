"""Facts and sums in rows and columns: headings over values, rows that end tables, numbers in parts."""

from datetime import date
from decimal import Decimal

import pytest

from extraction.engine.document import read_document
from extraction.engine.header import read_header
from tests.engine.answers import header, totals
from tests.engine.typed import typed_page


def test_headings_in_a_row_of_facts() -> None:
    read = header("""
    Number     Date          Code      Due             Method
    FA-0112    31/05/2023    C00418    30/06/2023      Transfer
    """)
    assert read["invoice_number"] == "FA-0112"
    assert (read["invoice_date"], read["due_date"]) == (date(2023, 5, 31), date(2023, 6, 30))


def test_a_heading_broken_over_two_lines_and_a_number_broken_by_its_cell() -> None:
    read = header("""
    INVOICE: INV-7740

    P.O.        Terms     Requisitioner
    NUMBER
    PO-8813     Net 30    Smith
    """)
    assert (read["invoice_number"], read["purchase_order"]) == ("INV-7740", "PO-8813")
    read = header("Invoice no.    Date\nFA2305-        31/05/2023\n0112\n")
    assert read["invoice_number"] == "FA2305-0112"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Rechnungsnummer 78 4410 0021 3388", "78 4410 0021 3388"),
        ("FACTURE N\u00b0\nF 24 018827", "F 24 018827"),
        ("FACTURA     FECHA\nA/24 00731  29/02/24", "A/24 00731"),
        ("Faktura 7/05/2024\n\nData wystawienia: 31.05.2024", "7/05/2024"),
        ("Invoice No. & Date\nBT240517-03  May 17, 2024", "BT240517-03"),
    ],
)
def test_numbers_in_several_parts(text: str, number: str) -> None:
    assert header(text)["invoice_number"] == number


def test_a_date_is_no_number() -> None:
    text = "Buyer's Order No.    Dated\n28-Jun-23            PO/KP/2291"
    assert header(text).get("purchase_order") != "28-Jun-23"
    assert "invoice_number" not in header("Invoice: 12/05/2024")


def test_later_pages_count_less() -> None:
    pages = [typed_page("Invoice no. A-1001\nDated      16-Feb-2019"), typed_page("Transaction date: 14-Mar-2019", 2)]
    read = read_header(read_document(tuple(pages)))
    assert read["invoice_date"].value == date(2019, 2, 16)


def test_net_and_tax_of_the_row_that_ends_a_table() -> None:
    read = totals("""
    Item        Net        VAT       Gross
    Glue        630.00     144.90    774.90
    Board       1231.20    283.18    1514.38
    Transport   120.00     9.60      129.60
    Total       1981.20    437.68    2418.88

    Amount payable: 2418.88 PLN
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("1981.20"), Decimal("437.68"))
    assert read["total_amount"] == Decimal("2418.88")


def test_a_rate_without_its_sign_is_known_by_its_product() -> None:
    read = totals("""
    Mercadoria                 881,00
    Descontos Comerciais        69,60
    Total (EUR)                998,02

    Taxa          Incid.       IVA
    IVA (23,00)   811,40       186,62
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("811.40"), Decimal("186.62"))


def test_a_column_is_summed_below_several_rows() -> None:
    read = totals("""
    HSN         Taxable Value    IGST         Total Tax Amount
    39011010    1,30,625.00      18%          23,512.50
    32064990    13,650.00        18%          2,457.00
    Total       1,44,275.00                   25,969.50

    Grand total: 1,70,244.50
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("144275.00"), Decimal("25969.50"))


def test_a_rate_before_a_colon_is_a_rate() -> None:
    read = totals("Subtotal:  $1,600.00\nNC sales tax 7%:  $112.00\nTotal:  $1,712.00")
    assert read["tax_rate"] == Decimal("7")


def test_one_side_of_a_decimal_comma_is_no_number() -> None:
    read = header("""
    Parcella n. 38/2024 del 7 maggio 2024

    Totale parcella      € 3.108,56
    """)
    assert (read["invoice_number"], read["invoice_date"]) == ("38/2024", date(2024, 5, 7))


def test_taxes_side_by_side_in_a_row_of_totals_are_added() -> None:
    read = totals("""
    Goods           VAT 20%        VAT 5%        Total incl. VAT
    1,000.00        160.00         10.00         1,170.00
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("1000.00"), Decimal("170.00"))


def test_a_discount_in_a_row_of_totals_is_no_tax() -> None:
    read = totals("""
    Goods total     Discount       Total before tax     GST 0%      Total
    814.37          -40.72         773.65               0.00        773.65
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("773.65"), Decimal("0.00"))
    assert (read["discount_amount"], read["total_amount"]) == (Decimal("40.72"), Decimal("773.65"))


def test_the_sum_of_taxes_is_not_added_to_them() -> None:
    read = totals("""
    TOTALE DA PAGARE     42124.48 EUR
    DI CUI IVA 22          406.13 EUR
    DI CUI IVA 4          1533.55 EUR
    DI CUI IVA            1939.68 EUR
    """)
    assert read["tax_amount"] == Decimal("1939.68")


def test_a_rate_without_its_sign_at_the_label_is_no_tax() -> None:
    read = totals("Total (EUR)  1601.64\nIVA incluído 23,00     299,49".replace("1601.64", "1601,64"))
    assert read["tax_amount"] == Decimal("299.49")


def test_the_net_after_a_discount_is_known_by_its_tax() -> None:
    read = totals("""
    Total marchandises         334,00 €
    Remise exceptionnelle 5 %  - 16,70 €
    Reste                      317,30 €
    Taxe 21 %                   66,63 €
    Total TTC                  383,93 €
    """)
    assert read["subtotal_amount"] == Decimal("317.30")


def test_the_halves_of_a_tax_that_two_authorities_share() -> None:
    read = totals("""
    Taxable Value           INR 109.29
    CGST 6% - 109.29          INR 6.56
    SGST 6% - 109.29          INR 6.56
    Total Amount            INR 122.41
    """)
    assert (read["tax_amount"], read["tax_rate"]) == (Decimal("13.12"), Decimal("6"))


@pytest.mark.parametrize(
    "registration",
    [
        "N° d'entreprise: 0707.823.747 BE",
        "Registered no. 982859",
        "HR-Nr. CHE-107.504.957",
        "N° IDE CHE-181.142.360 TVA",
    ],
)
def test_the_number_of_a_register_is_no_invoice_number(registration: str) -> None:
    assert header(f"INVOICE 2025-77\n\n{registration}")["invoice_number"] == "2025-77"
    assert header(f"Document 2025-77\n\n{registration}").get("invoice_number") in (None, "2025-77")


def test_a_number_in_a_line_of_facts() -> None:
    assert header("Issue date: 2022/11/01 | Ordered: 2022/10/20 | Invoice: F-22-458")["invoice_number"] == "F-22-458"
    assert header("Termin: 24 maja 2022, Numer: 16/2022, Dostawa: UPS")["invoice_number"] == "16/2022"


def test_the_number_behind_the_title_outdoes_the_number_of_a_house() -> None:
    assert header("INVOICE 2025-3399\n\nNo 116-G, Jalan Kenari 12")["invoice_number"] == "2025-3399"


@pytest.mark.parametrize("place", ["No. 158, Jalan Meranti 3", "P.O. Box 304", "Post Office Box 304"])
def test_a_house_or_a_box_at_the_post_office_is_no_document_number(place: str) -> None:
    read = header(f"Reference. 1496511896\n\n{place}\n")
    assert (read.get("invoice_number"), read.get("purchase_order")) == ("1496511896", None)


def test_a_charge_between_the_subtotal_and_the_taxable_amount() -> None:
    read = totals("""
    Sub-total             25.42
    Shipping              12.00
    Taxable               37.42
    Tax 6%                 2.25
    Total credited        39.67
    """)
    assert read["subtotal_amount"] == Decimal("37.42")


def test_a_total_after_a_rounding_is_the_total_and_an_amount_due_is_not() -> None:
    text = """
    Description                  Amount
    Filter cartridge              31.16

    Taxable value                 31.16
    GST 18 %                       5.61
    Total                         36.77
    Rounded off                    0.23
    {}                       37.00
    """
    assert totals(text.format("Total"))["total_amount"] == Decimal("37.00")
    read = totals(text.format("Balance due"))
    assert (read["total_amount"], read["amount_due"]) == (Decimal("36.77"), Decimal("37.00"))
