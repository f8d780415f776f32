"""Tables as particular trades set them: time sheets, wholesalers, hotels, builders, market places."""

import pytest

from tests.engine.table.tables import rows


def test_hours_over_their_rate_are_two_cells_of_a_row():
    text = """
Professional services                            Hrs/Rate     Amount

Telephone conference with client regarding           0.80     308.00
notice of default                               385.00/hr

Draft answer and counterclaim                        3.40     901.00
                                                265.00/hr

For professional services rendered                   4.20  $1,209.00
Total amount of this bill                                  $1,209.00
"""
    assert rows(text) == [
        ("Telephone conference with client regarding notice of default", "0.8", "385", "308"),
        ("Draft answer and counterclaim", "3.4", "265", "901"),
    ]


def test_hours_whose_rate_is_not_printed_are_no_prices():
    text = """
Fees

Review of the lease                                  2.40     1,140.00
Draft of a reply                                     5.10     1,683.00
Attendance at conference                             1.50       712.50
Total fees                                                    3,535.50
"""
    assert [row[1:] for row in rows(text)] == [
        ("2.4", None, "1140"), ("5.1", None, "1683"), ("1.5", None, "712.5")
    ]  # fmt: skip


def test_expenses_under_fees_belong_to_the_sum_of_both():
    text = """
Description                          Hours     Rate      Amount
Draft of a reply                      2.40   295.00      708.00
Telephone conference                  1.10   425.00      467.50
Total fees                            3.50             1,175.50

Costs advanced

Certified mail                                            18.62
Filing fee                                               175.00
Total costs                                              193.62

Total this invoice                                     1,369.12
"""
    names = [row[0] for row in rows(text)]
    assert names == ["Draft of a reply", "Telephone conference", "Certified mail", "Filing fee"]


def test_a_list_that_no_sum_counts_in_is_none():
    text = """
Description                          Hours     Rate      Amount
Draft of a reply                      2.40   295.00      708.00
Telephone conference                  1.10   425.00      467.50
Total                                                  1,175.50

Certified mail                                            18.62
Filing fee                                               175.00
Total costs paid by others                               193.62
"""
    assert [row[0] for row in rows(text)] == ["Draft of a reply", "Telephone conference"]


def test_prices_by_the_hundred_and_the_thousand_say_so_by_a_letter():
    text = """
QTY      UM    ITEM NO. / DESCRIPTION                   UNIT PRICE      EXTENSION
1,500    EA    HCS38-16X2-Z5                             14.6200 C         219.30
               HEX CAP SCREW ZINC
12       BX    DW-TEK3-10                               28.7500 BX         345.00
               SELF DRILL SCREW TEK
500      FT    WR-SS316-316                           1,940.0000 M         970.00
               CABLE CUT LENGTH
TOTAL                                                                    1,534.30
"""
    assert rows(text) == [
        ("HEX CAP SCREW ZINC", "1500", "0.1462", "219.3"),
        ("SELF DRILL SCREW TEK", "12", "28.75", "345"),
        ("CABLE CUT LENGTH", "500", "1.94", "970"),
    ]


def test_charges_of_a_folio_are_its_lines_and_its_credits_are_not():
    text = """
Date        Text                            Charges      Credits
02-05-24    Deposit                                       150.00
11-06-24    Accommodation & Breakfast        145.00
11-06-24    Dinner                            62.50
14-06-24    Mastercard                                     57.50
Total                                        207.50       207.50
"""
    assert [(row[0], row[3]) for row in rows(text)] == [("Accommodation & Breakfast", "145"), ("Dinner", "62.5")]


@pytest.mark.parametrize("heading", ["THIS PERIOD", "CURRENT BILLING"])
def test_progress_is_billed_by_the_period(heading):
    text = f"""
DESCRIPTION OF WORK            SCHEDULED VALUE     PREVIOUS APPLICATIONS     {heading}     BALANCE TO FINISH

General conditions                   48,000.00                 24,000.00        6,000.00             18,000.00
Selective demolition                 21,500.00                 19,350.00        2,150.00                  0.00
TOTALS                               69,500.00                 43,350.00        8,150.00             18,000.00
"""
    assert [(row[0], row[3]) for row in rows(text)] == [
        ("General conditions", "6000"),
        ("Selective demolition", "2150"),
    ]


def test_the_name_of_a_tax_within_a_row_ends_no_table():
    text = """
Description              Unit Price     Qty     Net Amount     Tax Rate     Tax Type     Tax Amount     Total Amount
Steel lunch box              846.61       2       1,693.22          18%         IGST         304.78         1,998.00
Desk lamp                  1,271.19       1       1,271.19          18%         IGST         228.81         1,500.00
TOTAL:                                            2,964.41                                   533.59         3,498.00
"""
    assert [row[:3] for row in rows(text)] == [("Steel lunch box", "2", "846.61"), ("Desk lamp", "1", "1271.19")]


def test_the_product_outdoes_the_product_with_tax():
    text = """
Description                     Qty   Unit Price   Taxable Amount       VAT        Total
Deep cleaning of warehouse        1     4,200.00         4,200.00    210.00     4,410.00
Duct servicing                    6       350.00         2,100.00    105.00     2,205.00
Total                                                    6,300.00    315.00     6,615.00
"""
    assert [row[3] for row in rows(text)] == ["4200", "2100"]
