"""Tables over several pages, and lists without headings."""

import pytest

from tests.engine.table.tables import COMMA, rows

FIRST_PAGE = """
Description              Qty     Unit price      Amount
Blue widget                2          10.00       20.00
Carried forward                                   20.00
"""


def test_a_table_goes_on_under_its_repeated_header():
    second = """
Acme Ltd                                    Page 2 of 2
Description              Qty     Unit price      Amount
Brought forward                                   20.00
Red widget                10           1.50       15.00
Total                                             35.00
"""
    assert rows(FIRST_PAGE, second) == [("Blue widget", "2", "10", "20"), ("Red widget", "10", "1.5", "15")]


def test_a_table_goes_on_without_a_header_in_the_same_columns():
    second = """
Acme Ltd                                    Page 2 of 2

Red widget                10           1.50       15.00
Green widget               4           2.25        9.00
Total                                             44.00
"""
    expected = [("Blue widget", "2", "10", "20"), ("Red widget", "10", "1.5", "15"), ("Green widget", "4", "2.25", "9")]
    assert rows(FIRST_PAGE, second) == expected


def test_rows_that_multiply_out_need_no_header():
    text = """
Acme Ltd, 12 High Street

Blue widget                2          10.00       20.00
Red widget                10           1.50       15.00
Total                                             35.00
"""
    assert rows(text) == [("Blue widget", "2", "10", "20"), ("Red widget", "10", "1.5", "15")]


def test_a_list_that_adds_up_to_the_sum_below_it_needs_no_header():
    text = """
CORNER SHOP

BREAD                  2.50
MILK                   1.20
Total                  3.70
Cash                   5.00
"""
    assert rows(text) == [("BREAD", None, None, "2.5"), ("MILK", None, None, "1.2")]


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir,\nplease find our letter of 3 May about 20.00 and 30.00.\n",
        "Amount             10.00\nFee                 5.00\nTotal              99.00\n",
        "Invoice number    Invoice date    Amount\n4711              2024-05-03       20.00\n",
        "Tax rate     Net amount     Tax amount     Gross\n20%              100.00          20.00    120.00\n",
    ],
)
def test_without_evidence_there_are_no_lines(text):
    assert rows(text) == []


def test_numbers_before_descriptions_are_counts_in_a_list_and_positions_where_they_count_up():
    counts = "2 Pens                 2.50\n3 Cups                 1.20\nTotal                  3.70\n"
    positions = "Pos. Item          Amount\n1 Pens               2.50\n2 Cups               1.20\nTotal          3.70\n"

    assert rows(counts) == [("Pens", "2", None, "2.5"), ("Cups", "3", None, "1.2")]
    assert rows(positions) == [("Pens", None, None, "2.5"), ("Cups", None, None, "1.2")]


def test_a_table_goes_on_after_a_sum_when_its_rows_go_on_counting():
    text = """
No  Description                                  Amount
1   Bread                                          2.50
2   Milk                                           1.20
Subtotal                                           3.70
3   Salt                                           0.80
Total                                              4.50
"""
    assert rows(text) == [("Bread", None, None, "2.5"), ("Milk", None, None, "1.2"), ("Salt", None, None, "0.8")]


def test_footers_that_repeat_on_every_page_are_no_part_of_a_row():
    footer = "\n" * 47 + "Acme Ltd    Company no. 4711     IBAN GB82 WEST     98765432\n"
    first = "Description              Qty     Unit price      Amount\n" + (
        "Blue widget                2          10.00       20.00\n"
    )
    pages = [first + footer, first + footer]

    assert rows(*pages) == [("Blue widget", "2", "10", "20"), ("Blue widget", "2", "10", "20")]


def test_a_full_row_that_begins_like_a_carried_sum_is_a_row():
    text = """
Omschrijving           Aantal        Prijs       Bedrag
Transport pallet            2        10,00        20,00
Transport                                         20,00
Grind                       1         5,00         5,00
"""

    assert rows(text, style=COMMA) == [("Transport pallet", "2", "10", "20"), ("Grind", "1", "5", "5")]


def test_names_above_their_numbers_are_those_of_the_row_below():
    slip = """
4711-01
MILK 2L
2 x 5.47              10.94 A
4711-02
PLASTIC BAG
1 x 0.22               0.22 A
4711-03
TOMATO
3 x 2.00               6.00 A
Total                 17.16
"""

    expected = [("MILK 2L", "2", "5.47", "10.94"), ("PLASTIC BAG", "1", "0.22", "0.22"), ("TOMATO", "3", "2", "6")]
    assert rows(slip) == expected
    bare = "\n".join(line for line in slip.split("\n") if not line.startswith("4711"))
    assert rows(bare) == expected
    assert rows(bare.replace(" x ", " * ").replace(" A", "T")) == expected


def test_counts_before_the_names_of_a_slip_are_quantities():
    times = """
3 x Plat du jour        41.52 *
Cafe                     1.96 *
Total                   43.48
"""
    bare = """
DEPOSIT                  0.25
3 BANANAS                6.66
2 BEER                   9.12
EGGS                     2.15
Total                   18.18
"""

    assert rows(times) == [("Plat du jour", "3", None, "41.52"), ("Cafe", None, None, "1.96")]
    assert [one[:2] for one in rows(bare)] == [("DEPOSIT", None), ("BANANAS", "3"), ("BEER", "2"), ("EGGS", None)]


def test_a_list_with_tax_codes_behind_its_amounts_adds_up():
    codes = """
SUPPENGRUEN              0,99 B
MILCH 3,5                1,19 B
BATTERIEN                7,59 A
Summe                    9,77
"""
    expected = [("SUPPENGRUEN", "0.99"), ("MILCH 3,5", "1.19"), ("BATTERIEN", "7.59")]

    for text in (codes, codes.replace(" A", " 1").replace(" B", " 2"), codes.replace(" A", "A").replace(" B", "B")):
        assert [(one[0], one[3]) for one in rows(text, style=COMMA)] == expected


def test_a_list_may_end_at_another_edge_than_the_sum_below_it():
    text = """
EGGS                     3.51
TOMATO                   7.56
Total quantity             2
Total                         11.07
"""

    assert [(one[0], one[3]) for one in rows(text)] == [("EGGS", "3.51"), ("TOMATO", "7.56")]


def test_whole_numbers_that_multiply_out_go_on_after_a_sum():
    text = """
Item                   Quantity     Price      Amount
Transport                     1    23,810      23,810
Subtotal                                       23,810
Consultancy                 115    31,148   3,582,020
Subtotal                                    3,582,020
"""

    assert [one[0] for one in rows(text)] == ["Transport", "Consultancy"]


def test_sums_of_groups_and_charges_below_are_no_items():
    text = """
What                                 Qty     Unit price      Amount
Ground floor
Consultancy by a senior                2          10.00       20.00
                                       section worth          20.00
Recurring charges
Website maintenance                   10           1.50       15.00
Transport                              3          40.00      120.00
                                       section worth         135.00
                              Small order charge               3.25
"""

    assert [one[0] for one in rows(text)] == ["Consultancy by a senior", "Website maintenance", "Transport"]


def test_rows_that_prove_themselves_outdo_a_table_of_taxes():
    text = """
STATIEGELD
1 * 0,17                 0,17 1
EIEREN
3 * 3,60                10,80 1
Factuurbedrag            10,97

Tarief     Over       Btw      Totaal
21%        9,07      1,90       10,97
"""

    assert rows(text, style=COMMA) == [("STATIEGELD", "1", "0.17", "0.17"), ("EIEREN", "3", "3.6", "10.8")]


def test_a_discount_between_a_list_and_its_sum_is_counted_in():
    text = """
2x Croissant             2.78
1x LESSIVE              10.28
Remise                  -1.00
Total                   12.06
"""

    assert rows(text) == [("Croissant", "2", None, "2.78"), ("LESSIVE", "1", None, "10.28")]


def test_a_list_above_a_table_of_taxes_is_what_was_sold():
    text = """
BALL PEN                 7.50 A
MASKING TAPE             1.39 A
Number of items               2
Total                    8.89

Rate       Net       Tax      Gross
10%       8.08      0.81       8.89
"""

    assert [(one[0], one[3]) for one in rows(text)] == [("BALL PEN", "7.5"), ("MASKING TAPE", "1.39")]
