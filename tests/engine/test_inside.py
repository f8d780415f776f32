import pytest

from extraction.engine.amounts import NumberStyle
from extraction.engine.document import read_document
from extraction.engine.inside import amounts_inside
from extraction.engine.table import find_line_items
from extraction.engine.totals import read_totals
from tests.engine.typed import typed_page

PROGRESS = """
Invoice No. 4471                                                        March 3, 2024

DESCRIPTION OF WORK            SCHEDULED VALUE       %      THIS PERIOD      TO DATE
General conditions                   48,000.00     63%         6,000.00    30,240.00
Electrical rough-in                  39,800.00     25%         9,950.00     9,950.00

Total this invoice                                            15,950.00
"""


def inside(text: str) -> tuple[list[str], list[str]]:
    document = read_document((typed_page(text, 1),))
    lines = find_line_items(document.layout, NumberStyle("."))
    found = amounts_inside(lines, document.amounts)
    return [str(c.value) for c in found.cells], sorted(str(c.value) for c in found.beside)


def test_what_stands_between_and_behind_the_cells_of_rows_is_beside_them():
    cells, beside = inside(PROGRESS)
    assert cells == ["6000.00", "9950.00"]
    assert beside == ["25", "30240.00", "39800.00", "48000.00", "63", "9950.00"]


def test_a_box_of_totals_right_of_some_rows_is_not_theirs():
    text = """
Description          Qty    Price    Amount
Oil filter             1     9.85      9.85          Net          57.35
Brake discs            1    47.50     47.50
Thank you                                            Total        68.82
"""
    assert inside(text)[1] == []


@pytest.mark.parametrize(("name", "value"), [("total_amount", "15950.00"), ("tax_amount", "None")])
def test_a_share_of_a_row_is_no_tax_of_the_document(name, value):
    document = read_document((typed_page(PROGRESS, 1),))
    totals = read_totals(document, find_line_items(document.layout, NumberStyle(".")))
    field = totals.fields.get(name)
    assert str(field and field.value) == value
    assert totals.tax_breakdown == ()
