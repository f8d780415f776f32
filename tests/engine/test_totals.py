from decimal import Decimal

from extraction.engine.totals import read_totals
from tests.engine.answers import document, totals


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


def test_a_total_of_more_figures_than_decimals_hold_is_read_all_the_same() -> None:
    huge = "1" * 45
    read = totals(f"Subtotal  € 5.00\nVAT 19 %  € 1.00\nTotal  € {huge}.00\n")
    assert read["total_amount"] == Decimal(huge)


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


def test_central_and_state_tax_of_one_rate_are_two() -> None:
    read = totals("""
    HSN        Taxable    Central tax          State tax
               value      Rate     Amount      Rate     Amount     Total
    40111090   2,287.50   14.0%    320.25      14.0%    320.25     640.50

    Total                                               2,928.00
    """)
    assert read["tax_amount"] == Decimal("640.50")


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
