from decimal import Decimal

import pytest

from extraction.engine.amounts import NumberStyle
from extraction.engine.layout import build
from extraction.engine.table import find_tables
from tests.engine.table.tables import COMMA, POINT, lines_of, rows
from tests.engine.typed import typed_page

PLAIN = """
Invoice 4711

Description              Qty     Unit price      Amount
Blue widget                2          10.00       20.00
Red widget                10           1.50       15.00

Subtotal                                          35.00
VAT 20%                                            7.00
Total                                             42.00
"""


def test_a_table_is_read_between_its_header_and_its_sums():
    assert rows(PLAIN) == [("Blue widget", "2", "10", "20"), ("Red widget", "10", "1.5", "15")]


def test_cells_say_where_they_stand_and_proven_rows_are_surer_than_named_ones():
    line = lines_of(PLAIN)[0]

    assert {name: (cell.provenance.page, cell.provenance.text) for name, cell in line.cells.items()} == {
        "description": (1, "Blue widget"),
        "quantity": (1, "2"),
        "unit_price": (1, "10.00"),
        "total_price": (1, "20.00"),
    }
    box = line.cells["total_price"].provenance.box
    assert box is not None and (round(box.x0 * 612), round(box.y0 * 792)) == (20 + 50 * 6, 20 + 3 * 14)
    unproven = lines_of(PLAIN.replace("20.00\nRed", "21.00\nRed"))[0]
    assert line.cells["total_price"].confidence > unproven.cells["total_price"].confidence


def test_a_table_tells_the_region_it_takes():
    (table,) = find_tables(build([typed_page(PLAIN)]), POINT)

    (region,) = table.regions
    assert (region.page, region.y0, region.y1) == (1, pytest.approx(20 + 2 * 14), pytest.approx(20 + 4 * 14 + 10))


@pytest.mark.parametrize(
    ("header", "style"),
    [
        ("Description              Qty     Unit price      Amount", POINT),
        ("Bezeichnung            Menge    Einzelpreis Gesamtpreis", COMMA),
        ("Désignation              Qté      P.U. HT    Montant HT", COMMA),
        ("Concepto            Cantidad        Precio      Importe", COMMA),
        ("Descrizione         Quantità        Prezzo      Importo", COMMA),
        ("Omschrijving          Aantal         Prijs       Bedrag", COMMA),
        ("Descrição         Quantidade         Preço        Valor", COMMA),
        ("Nazwa towaru           Ilość   Cena netto Wartość netto", COMMA),
    ],
)
def test_headers_are_known_in_every_language(header, style):
    row = "Blue widget                2          10.00       20.00"
    text = f"{header}\n{row if style is POINT else row.replace('.', ',')}\n"

    assert rows(text, style=style) == [("Blue widget", "2", "10", "20")]


def test_roles_follow_the_arithmetic_where_headers_stand_apart_from_their_numbers():
    text = """
PRODUCT ID       UNIT PRICE QUANTITY TOTAL PRICE

H509L             5.00       150                             750.00
H510L             2.50        12                              30.00
TOTAL                        162                             780.00
"""
    assert rows(text) == [("H509L", "150", "5", "750"), ("H510L", "12", "2.5", "30")]


def test_a_header_may_be_two_lines_tall():
    text = """
                           Order      Price/     Line
Description                  Qty        Unit    Total
Blue widget                    2       10.00    20.00
Red widget                     3        1.50     4.50
"""
    assert rows(text) == [("Blue widget", "2", "10", "20"), ("Red widget", "3", "1.5", "4.5")]


def test_a_wrapped_description_is_joined_and_details_below_it_are_not():
    text = """
Description                    Qty     Unit price      Amount
Annual maintenance contract      1         120.00      120.00
for the coffee machine
Serial no.: 12345
Cups                             4           2.00        8.00
Jan 1 - Jan 31
"""
    assert [row[0] for row in rows(text)] == ["Annual maintenance contract for the coffee machine", "Cups"]


def test_text_around_numbers_that_stand_in_the_middle_belongs_to_their_row():
    text = """
Description                    Qty     Unit price      Amount

Extra members on the
                                 2          19.00       38.00
professional plan


Additional storage for
                                 3           5.00       15.00
all members
"""
    assert [row[0] for row in rows(text)] == [
        "Extra members on the professional plan",
        "Additional storage for all members",
    ]


def test_units_and_currencies_are_parted_from_the_numbers():
    text = """
Item                   Quantity      Price     VAT       Total
Flour                      5 kg     € 1.20      7%      € 6.00
Consulting             2.5 hrs.    € 80.00     19%    € 200.00
"""
    flour, consulting = lines_of(text)

    assert (flour.value("quantity"), flour.value("unit")) == (Decimal("5"), "kg")
    assert (consulting.value("quantity"), consulting.value("unit")) == (Decimal("2.5"), "hrs.")
    assert [line.value("tax_rate") for line in (flour, consulting)] == [Decimal("7"), Decimal("19")]


def test_article_numbers_and_positions_are_no_part_of_the_description():
    text = """
Pos  Item no    Description          Qty      Price     Amount
1    A-100      Blue widget            2      10.00      20.00
2    B-200      Red widget             3       1.50       4.50
"""
    assert rows(text) == [("Blue widget", "2", "10", "20"), ("Red widget", "3", "1.5", "4.5")]
    assert [line.value("sku") for line in lines_of(text)] == ["A-100", "B-200"]


def test_a_discount_between_price_and_total_breaks_nothing():
    text = """
Description             Qty      Price     Discount     Amount
Blue widget               2      10.00          10%      18.00
Red widget                3       2.00           5%       5.70
"""
    assert rows(text) == [("Blue widget", "2", "10", "18"), ("Red widget", "3", "2", "5.7")]
    assert [line.value("discount_percent") for line in lines_of(text)] == [Decimal("10"), Decimal("5")]


def test_of_net_and_gross_totals_the_one_that_multiplies_out_counts():
    text = """
Item               Qty     Net price    Net amount     Tax    Gross value
Blue widget          2         10.00         20.00    4.00          24.00
Red widget           3          1.50          4.50    0.90           5.40
"""
    assert rows(text) == [("Blue widget", "2", "10", "20"), ("Red widget", "3", "1.5", "4.5")]


def test_negative_rows_keep_their_sign():
    text = """
Description              Qty     Unit price      Amount
Blue widget               -2          10.00      -20.00
Voucher                    1         (5.00)      (5.00)
"""
    assert rows(text) == [("Blue widget", "-2", "10", "-20"), ("Voucher", "1", "-5", "-5")]


def test_a_sum_between_rows_is_left_out():
    text = """
Description              Qty     Unit price      Amount
Blue widget                2          10.00       20.00
Subtotal                                          20.00
Red widget                10           1.50       15.00
Total                                             35.00
"""
    assert rows(text) == [("Blue widget", "2", "10", "20"), ("Red widget", "10", "1.5", "15")]


def test_a_line_with_the_sums_of_all_columns_is_no_item():
    text = """
Description              Qty     Unit price      Amount
Blue widget                1          10.00       10.00
Total                      1          10.00       10.00
"""
    assert rows(text) == [("Blue widget", "1", "10", "10")]


def test_what_a_price_includes_is_no_item():
    text = """
Description              Qty     Unit price      Amount
Tablet                     2         100.00      200.00
  incl. copyright levy     2                       7.00
"""
    assert rows(text) == [("Tablet", "2", "100", "200")]


def test_prices_per_unit_and_signs_that_rules_leave_behind_are_read():
    text = """
Description             Rate        Hours      Amount
Copy writing          $50/hr            2   | $100.00]
Design                $80/hr            3   | $240.00]
"""
    assert rows(text) == [("Copy writing", "2", "50", "100"), ("Design", "3", "80", "240")]


def test_of_two_factors_the_left_and_whole_one_is_the_quantity():
    text = """
Blue widget              2.00        12.50        25.00
Red widget               4.00         3.75        15.00
"""
    assert rows(text) == [("Blue widget", "2", "12.5", "25"), ("Red widget", "4", "3.75", "15")]


def test_header_words_in_a_description_are_no_header():
    text = """
Description              Qty     Unit price      Amount
Licence                    2          10.00       20.00
Unit price
list service
Red widget                10           1.50       15.00
"""
    assert [row[1:] for row in rows(text)] == [("2", "10", "20"), ("10", "1.5", "15")]


def test_a_quantity_close_to_its_price_is_no_group_of_thousands():
    text = """
Bezeichnung            Menge Preis         Gesamtpreis
Schrank                    2 938,43           1.876,86
Tisch                     12 100,00           1.200,00
"""
    assert rows(text, style=NumberStyle(",", blank_groups=True)) == [
        ("Schrank", "2", "938.43", "1876.86"),
        ("Tisch", "12", "100", "1200"),
    ]


def test_a_price_for_several_units_is_turned_into_the_price_of_one():
    in_a_column = """
Description           Qty      Price     Per      Amount
Screws 4 mm          2000       1.50     100       30.00
Bolts 6 mm            500      12.00    1000        6.00
"""
    in_the_header = """
Description           Qty      Price per 100      Amount
Screws 4 mm          2000               1.50       30.00
Bolts 6 mm            500               1.20        6.00
"""
    assert rows(in_a_column) == [("Screws 4 mm", "2000", "0.015", "30"), ("Bolts 6 mm", "500", "0.012", "6")]
    assert rows(in_the_header) == [("Screws 4 mm", "2000", "0.015", "30"), ("Bolts 6 mm", "500", "0.012", "6")]


def test_a_currency_belongs_to_the_number_that_it_stands_nearer_to():
    text = """
Item                     Qty          Rate         Amount
Blue widget              120   GBP 11.96     GBP 1,435.20
Red widget                16   GBP 35.60       GBP 569.60
"""
    assert rows(text) == [("Blue widget", "120", "11.96", "1435.2"), ("Red widget", "16", "35.6", "569.6")]


def test_a_column_of_numbers_that_do_not_count_up_is_no_position():
    counts = """
Item                      No.         Price       Amount
Copper pipe                 4          2.16         8.64
Hydraulic oil               6          4.76        28.56
"""
    positions = """
No.   Item                    Qty          Amount
1     Copper pipe               2            8.64
2     Hydraulic oil             1           28.56
3     Nitrile gloves            7           10.00
"""

    assert rows(counts) == [("Copper pipe", "4", "2.16", "8.64"), ("Hydraulic oil", "6", "4.76", "28.56")]
    assert [(one[0], one[1]) for one in rows(positions)] == [
        ("Copper pipe", "2"),
        ("Hydraulic oil", "1"),
        ("Nitrile gloves", "7"),
    ]


def test_headers_of_groups_are_no_part_of_the_row_below_them():
    text = """
Description                          Qty     Unit price      Amount
Section A
Blue widget with handle                2          10.00       20.00
Red widget                            10           1.50       15.00
Extras
Transport                              3          40.00      120.00
"""

    assert [one[0] for one in rows(text)] == ["Blue widget with handle", "Red widget", "Transport"]


def test_thousands_may_be_parted_by_a_blank_as_wide_as_those_between_words():
    text = """
Opis pozycji                   Ilosc     Cena         Wartosc
Obsluga prawna                    64   293,50      18 784,00
Opieka nad strona                  2   545,00       1 090,00
"""

    assert [one[3] for one in rows(text, style=NumberStyle(",", blank_groups=True))] == ["18784", "1090"]


def test_a_colon_inside_a_description_parts_no_columns():
    text = """
Activity                         Hours       Cost      Amount
Legal fees: review of lease          3      236.00     708.00
"""

    assert rows(text) == [("Legal fees: review of lease", "3", "236", "708")]


def test_numbers_behind_amounts_are_tax_codes_and_not_counts():
    text = """
2 x Flat White           6.34 1
Total                      6.34
"""

    assert rows(text) == [("Flat White", "2", None, "6.34")]


def test_an_amount_on_the_last_line_of_its_text_has_the_lines_above_too():
    assert rows("""
    Description                                                Amount
    Review of the structure of the building                  1,850.00
    Supervision of the works with six visits to the site and
    a certificate of completion                                600.00

    Total                                                    2,450.00
    """) == [
        ("Review of the structure of the building", None, None, "1850"),
        ("Supervision of the works with six visits to the site and a certificate of completion", None, None, "600"),
    ]
