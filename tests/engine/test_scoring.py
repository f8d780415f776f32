from datetime import date
from decimal import Decimal

import pytest

from extraction.engine.document import read_document
from extraction.engine.header import document_type, read_header
from extraction.engine.parties import find_identifiers
from extraction.engine.totals import read_totals
from tests.engine.answers import document, header, totals
from tests.engine.typed import typed_page


def test_labels_left_of_their_values() -> None:
    assert header("""
    Invoice number: INV-2024-001
    Invoice date:   12 March 2024
    Due date:       11 April 2024
    PO number:      4500017
    """) == {
        "invoice_number": "INV-2024-001",
        "invoice_date": date(2024, 3, 12),
        "due_date": date(2024, 4, 11),
        "purchase_order": "4500017",
    }


def test_a_reference_is_the_number_where_nothing_else_is_called_so() -> None:
    assert header("Tax invoice\nReference: FA2012106\n")["invoice_number"] == "FA2012106"
    assert header("Invoice no. A-77\nReference: FA2012106\n")["invoice_number"] == "A-77"


def test_a_number_beside_a_date_in_the_head() -> None:
    assert header("Harbour Stores\n\nL11011 / 22-Oct-2025\n")["invoice_number"] == "L11011"


def test_a_number_behind_a_sign_alone() -> None:
    assert (
        header("TAX INVOICE\n\n#            : VB/24-25/0317\nInvoice Date : 12/01/2025\n")["invoice_number"]
        == "VB/24-25/0317"
    )


def test_a_house_number_right_of_a_label_is_not_the_invoices() -> None:
    read = header("""
    No facture:          Zoning 174
    0632940              5000 Namur
    """)
    assert read["invoice_number"] == "0632940"


def test_a_postcode_right_of_a_label_is_not_the_invoices() -> None:
    read = header("""
    Factuurnr :          06108 Halle
    2024-7002            Kirchweg 139
    """)
    assert read["invoice_number"] == "2024-7002"


def test_a_year_of_a_date_is_no_number() -> None:
    assert header("Issued: Nov 8, 2022 Check # 000005380")["invoice_number"] == "000005380"


def test_a_tax_id_is_no_invoice_number() -> None:
    page = document("Timber Ltd\nVAT No. GB980780684\nNumber\n2021/3477\n")
    assert read_header(page, find_identifiers(page.layout))["invoice_number"].value == "2021/3477"


def test_a_titles_last_word_is_no_part_of_the_number() -> None:
    assert header("CREDIT NOTE 20210125-62\n")["invoice_number"] == "20210125-62"


def test_labels_above_their_values() -> None:
    assert header("""
    Rechnungsnummer     Rechnungsdatum     Fällig am
    RE-2024-17          01.02.2024         15.02.2024
    """) == {"invoice_number": "RE-2024-17", "invoice_date": date(2024, 2, 1), "due_date": date(2024, 2, 15)}


def test_other_dates_and_numbers_are_not_taken() -> None:
    assert (
        header("""
    Delivery date:    01/02/2024
    Customer number:  889900
    Order date:       28/01/2024
    """)
        == {}
    )


def test_a_stacked_column_keeps_each_label_with_its_value() -> None:
    assert header("""
    Lieferdatum:     02.01.2024
    RechnungsNr:     70128793
    KundenNr:        34034
    Datum:           05.01.2024
    """) == {"invoice_number": "70128793", "invoice_date": date(2024, 1, 5)}


def test_a_date_broken_before_its_year() -> None:
    read = header("""
    Due on: 27 May 2022 Doc. number: FV 71/05/2022 Invoice date: 19 May
    2022 Customer code: C-84790
    """)
    assert (read["invoice_date"], read["due_date"]) == (date(2022, 5, 19), date(2022, 5, 27))


def test_dollars_of_another_country_do_not_make_dates_american() -> None:
    till = "Invoice 4711\n98 Pacific Hwy, Cairns {}\nDate: 11/08/2025\nTotal $ 19.53\n"
    assert header(till.format("QLD 4870"))["invoice_date"] == date(2025, 8, 11)
    assert header(till.format("FL 33010"))["invoice_date"] == date(2025, 11, 8)


def test_a_lone_date_near_the_top_is_the_invoice_date() -> None:
    assert header("Hamburg, 18. April 2014\n\nRechnung Nr. 2014-7") == {
        "invoice_number": "2014-7",
        "invoice_date": date(2014, 4, 18),
    }


def test_a_period_is_not_a_date() -> None:
    assert "invoice_date" not in header("Standard plan\nDec 21, 2022 – Jan 21, 2023")


def test_the_due_date_is_never_before_the_invoice_date() -> None:
    assert header("Invoice date: 10 May 2024\nDue date: 1 May 2024") == {"invoice_date": date(2024, 5, 10)}


def test_provenance_names_the_words_and_the_label() -> None:
    field = read_header(document("Invoice no.   A-77\n"))["invoice_number"]
    assert (field.provenance.text, field.provenance.page, field.provenance.label) == ("A-77", 1, "Invoice no")
    assert field.provenance.box is not None
    assert 0 <= field.provenance.box.x0 < field.provenance.box.x1 <= 1


def test_totals_in_a_column() -> None:
    assert totals("""
                                   Subtotal         1,000.00
                                   VAT 20 %           200.00
                                   Total           £1,200.00
    """) == {
        "subtotal_amount": Decimal("1000.00"),
        "tax_amount": Decimal("200.00"),
        "total_amount": Decimal("1200.00"),
        "tax_rate": Decimal(20),
        "currency": "GBP",
    }


def test_arithmetic_settles_what_labels_leave_open() -> None:
    """Net and gross both stand under "Total": only one triple adds up."""
    read = totals("""
             Net         VAT        Total
          100.00       19.00       119.00
    Total                             119.00
    """)
    assert read["total_amount"] == Decimal("119.00")
    assert read["tax_amount"] == Decimal("19.00")
    assert read["subtotal_amount"] == Decimal("100.00")


def test_a_tax_table_gives_the_breakdown_and_its_sum_the_tax() -> None:
    read = read_totals(
        document("""
        MwSt.       Netto       Steuer
        19,00 %    100,00        19,00
         7,00 %     50,00         3,50
        Nettobetrag             150,00
        Gesamtbetrag        EUR 172,50
        """)
    )
    rows = [(row.rate, row.base, row.amount) for row in read.tax_breakdown]
    assert rows == [
        (Decimal("19.00"), Decimal("100.00"), Decimal("19.00")),
        (Decimal("7.00"), Decimal("50.00"), Decimal("3.50")),
    ]
    assert read.fields["tax_amount"].value == Decimal("22.50")
    assert read.fields["total_amount"].value == Decimal("172.50")
    assert "tax_rate" not in read.fields


def test_discount_shipping_and_payment_keep_their_places() -> None:
    read = totals("""
    Subtotal                    200.00
    Discount                    -20.00
    Shipping                     10.00
    VAT (20%)                    38.00
    Total                      $228.00
    Amount paid                 $28.00
    Balance due                $200.00
    """)
    assert read["total_amount"] == Decimal("228.00")
    assert read["amount_paid"] == Decimal("28.00")
    assert read["amount_due"] == Decimal("200.00")
    assert read["shipping_amount"] == Decimal("10.00")
    assert read["payment_status"] == "partial"


def test_no_amount_is_invented() -> None:
    assert totals("Total          $50.00") == {"total_amount": Decimal("50.00"), "currency": "USD"}
    assert totals("Dear customer, thank you") == {}


def test_the_heading_names_the_document_type() -> None:
    assert document_type(document("CREDIT NOTE\n\nNumber: 5")) == "credit_note"
    assert document_type(document("Quittung\n\nTotal: 5,00")) == "receipt"
    assert document_type(document("Gutschrift 2024-01")) == "credit_note"
    assert document_type(document("Statement of work")) == "invoice"


def test_a_sentence_gives_the_due_date_but_not_that_of_a_discount() -> None:
    assert header("Please settle the amount of £50.00 by 2021-05-18.") == {"due_date": date(2021, 5, 18)}
    assert header("Zahlbar netto bis 04.07.2013, 3% Skonto bis 15.06.2013") == {"due_date": date(2013, 7, 4)}


def test_a_date_tied_to_the_number_is_the_invoice_date_unless_a_label_says_otherwise() -> None:
    tied = "Invoice no. 2021-3439 of 2021-04-03"
    assert header(tied)["invoice_date"] == date(2021, 4, 3)
    assert header(f"Invoice date: 2021-06-01\n\n{tied}")["invoice_date"] == date(2021, 6, 1)


def test_a_slip_whose_subtotal_has_the_tax_inside() -> None:
    assert totals("""
    Subtotal                 22.67
    TOTAL:                   22.67

    %        Base     VAT     Total
    23 %     18.43    4.24    22.67
    """) == {
        "subtotal_amount": Decimal("22.67"),
        "tax_amount": Decimal("4.24"),
        "tax_rate": Decimal("23"),
        "total_amount": Decimal("22.67"),
    }


def test_tax_rows_without_bases_add_up() -> None:
    read = totals("""
    Goods total           £1,723.62
    VAT 20%                  £77.84
    VAT 5%                   £66.72
    Total incl. VAT       £1,868.18
    """)
    assert read["tax_amount"] == Decimal("144.56")
    assert read["subtotal_amount"] == Decimal("1723.62")
    assert read["total_amount"] == Decimal("1868.18")


def test_a_base_is_not_the_tax() -> None:
    assert totals("VAT 19 % of 100.00 EUR     19.00\nTotal   119.00 EUR")["tax_amount"] == Decimal("19.00")


def test_cash_and_change_prove_a_total() -> None:
    read = totals("""
    Total      9.10
    Total      9.60
    Cash      10.00
    Change     0.40
    """)
    assert read["total_amount"] == Decimal("9.60")


def test_change_proves_a_total_beside_an_illegible_tender() -> None:
    read = totals("""
    Scone      7.50
    Fay       20.00
    Change    12.50
    """)
    assert read["total_amount"] == Decimal("7.50")


def test_the_total_after_rounding_is_what_is_owed() -> None:
    read = totals("""
    Total incl. GST   49.39
    Rounding           0.01
    Total RM          49.40
    Cash              50.00
    Change             0.60
    """)
    assert read["total_amount"] == Decimal("49.40")


def test_a_rounding_stands_between_tax_and_total() -> None:
    read = totals("""
    Total                          11,657.07
    CGST 9%                         1,049.14
    SGST 9%                         1,049.14
    Rounded off                        -0.35
    Total Amount After Tax         13,755.00
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("11657.07"), Decimal("2098.28"))
    assert read["total_amount"] == Decimal("13755.00")


def test_a_discount_is_what_parts_two_sums_and_not_a_line_s_own() -> None:
    read = totals("""
    Discount: 0.02 per piece
    Subtotal          457.20
    Discount          -11.21
    Freight             3.00
    Net amount        448.99
    VAT                70.00
    Total             518.99
    """)
    assert (read["discount_amount"], read["shipping_amount"]) == (Decimal("11.21"), Decimal("3.00"))


def test_a_subtotal_after_a_discount_goes_before_one_that_is_called_so_more_clearly() -> None:
    read = totals("""
    Gesamt netto   1.616,20 EUR
    Rabatt 15 %     -242,43 EUR
    Netto          1.373,77 EUR
    MwSt.            274,75 EUR
    Summe          1.648,52 EUR
    """)
    assert read["subtotal_amount"] == Decimal("1373.77")


def test_what_subtotal_and_tax_add_up_to_goes_before_another_total() -> None:
    read = totals("""
    Gross amount             2,298.03
    Less discount 3%           -68.94
    CGST 9% / 2,229.09         200.62
    SGST 9% / 2,229.09         200.62
    Total                    2,630.33
    """)
    assert read["total_amount"] == Decimal("2630.33")


def test_a_total_of_something_is_less_of_a_total() -> None:
    read = totals("""
    Total for section          74.16
    Total for section         253.80
    Total                     327.96
    """)
    assert read["total_amount"] == Decimal("327.96")


def test_thousands_set_off_are_money_where_there_are_no_cents() -> None:
    read = totals("""
    Net goods             665,492
    Consumption tax 10%    66,549
    Total JPY             732,041
    A late fee of 40.00 may apply.
    """)
    assert (read["subtotal_amount"], read["total_amount"]) == (Decimal(665492), Decimal(732041))


def test_taxes_of_money_without_cents() -> None:
    read = totals("""
    Bananas                203
    Cola                 1,114
    Sub-total            1,317
    Grand total:         1,317
    Tax rate   Net amount   Tax
    10%             1,197   120
    """)
    assert (read["subtotal_amount"], read["tax_amount"], read["tax_rate"]) == (Decimal(1197), Decimal(120), Decimal(10))


def test_a_sum_called_a_total_before_charges_and_tax_is_the_subtotal() -> None:
    read = totals("""
    Summe          Fr. 1631.50
    Lieferkosten   Fr.   12.00
    zzgl. MwSt     Fr.  133.12
    Rundung        Fr.   -0.02
    TOTAL CHF      Fr. 1776.60
    """)
    assert (read["subtotal_amount"], read["total_amount"]) == (Decimal("1631.50"), Decimal("1776.60"))


def test_a_rate_parts_a_total_wherever_net_and_tax_stand() -> None:
    read = totals("""
    Total charges before
                                1,218.47
    VAT
    VAT at 20% on 1,218.47
                                  243.69
    New charges including VAT   1,462.16
    """)
    assert (read["subtotal_amount"], read["tax_amount"]) == (Decimal("1218.47"), Decimal("243.69"))


def test_a_premium_that_includes_a_tax_is_not_the_tax() -> None:
    read = totals("""
    Premium for the quarter including 19 % VAT  220.00
    VAT in this premium                        (35.13)
    Total                                       220.00
    """)
    assert read["tax_amount"] == Decimal("35.13")


def test_what_one_unit_costs_is_no_total() -> None:
    read = totals("""
    Support 27.5 h   15.00   Discount: 4.50 €/h
    Subtotal         457.20
    VAT               70.00
    Total            527.20
    """)
    assert "discount_amount" not in read


def test_a_discount_is_added_where_the_sums_are_negative() -> None:
    read = totals("""
    Goods value     -7.90
    Discount         0.23
    Net amount      -7.67
    VAT             -1.12
    Total           -8.79
    """)
    assert read["discount_amount"] == Decimal("0.23")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Credit memorandum NHZ20245600", "NHZ20245600"),
        ("Honorarnote FV 98/09/2025", "FV 98/09/2025"),
        ("Faktura nr 2023 5536 z dnia 27-05-2023", "2023 5536"),
        ("Transaction no 3498 / 2022", "3498 / 2022"),
        (r"Invoice No. GT\5153", r"GT\5153"),
        ("INVOICE\n\n#1024", "#1024"),
    ],
)
def test_numbers_as_titles_and_signs_introduce_them(text: str, number: str) -> None:
    assert header(text)["invoice_number"].removeprefix("#") == number.removeprefix("#")


def test_a_year_behind_a_month_is_no_part_of_a_number() -> None:
    assert "invoice_number" not in header("Delivered in May 2023 5536 times")


def test_central_and_state_tax_of_one_rate_are_two() -> None:
    read = totals("""
    HSN        Taxable    Central tax          State tax
               value      Rate     Amount      Rate     Amount     Total
    40111090   2,287.50   14.0%    320.25      14.0%    320.25     640.50

    Total                                               2,928.00
    """)
    assert read["tax_amount"] == Decimal("640.50")


def test_another_label_is_no_misread_one() -> None:
    text = """
    Bill To:
    1600 Park Way
    """
    page = typed_page(text, method="ocr")
    assert "invoice_number" not in read_header(read_document((page,)))


def test_the_head_of_a_number_is_no_misread_label() -> None:
    page = typed_page(r"Invoice No. GT\5153", method="ocr")
    assert read_header(read_document((page,)))["invoice_number"].value == r"GT\5153"


def test_a_label_broken_over_two_lines() -> None:
    assert header("""
    Invoice number    VF/2989/2020
    Invoice due       27-02-2020
    date
    """) == {"invoice_number": "VF/2989/2020", "due_date": date(2020, 2, 27)}


def test_labels_that_stand_close_are_headings_each() -> None:
    assert header("""
    Invoice no. Invoice date Due date
    A-1001      01/02/2024   15/02/2024
    """) == {"invoice_number": "A-1001", "invoice_date": date(2024, 2, 1), "due_date": date(2024, 2, 15)}


def test_totals_in_a_sentence() -> None:
    read = totals("The total amount payable is EUR 123.00, including EUR 23.00 VAT; the net amount is EUR 100.00.")
    assert (read["total_amount"], read["tax_amount"], read["subtotal_amount"]) == (
        Decimal("123.00"),
        Decimal("23.00"),
        Decimal("100.00"),
    )


def test_central_and_state_tax_are_two_taxes_though_equal() -> None:
    read = totals("""
    Total before tax     1,000.00
    CGST 9 %                90.00
    SGST 9 %                90.00
    Total                1,180.00
    """)
    assert read["tax_amount"] == Decimal("180.00")


def test_tax_above_total_is_no_tax_total() -> None:
    assert totals("Subtotal  100.00\nTax  10.00\nTotal  110.00")["total_amount"] == Decimal("110.00")


def test_a_total_is_more_than_its_tax() -> None:
    read = totals("""
    Total             5.40
    VAT              90.00
    Net             450.00
    """)
    assert "total_amount" not in read
    assert (read["tax_amount"], read["subtotal_amount"]) == (Decimal("90.00"), Decimal("450.00"))
