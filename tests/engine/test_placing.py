from decimal import Decimal

from extraction.engine.placing import as_displayed
from extraction.engine.result import Extraction, Field, LineItem, Provenance, Rejected
from extraction.engine.words import Box, Page

ON_ITS_SIDE = (0.0, 1.0, 0.0, -1.0, 0.0, 1.0)  # upright (u, v) is shown at (v, 1 - u)
READ, SHOWN = Box(0.25, 0.5, 0.5, 0.625), Box(0.5, 0.5, 0.625, 0.75)


def found(page, box):
    lost = Rejected("7", 0.1, Provenance("ocr", "7", page, box))
    return Field(Decimal("642.00"), 0.9, Provenance("ocr", "642.00", page, box, "Total"), (lost,))


def extraction(page, box):
    return Extraction(
        "ocr", "invoice", 2, {"total_amount": found(page, box)}, (LineItem({"total_price": found(page, box)}),)
    )


PAGES = (Page(1, 595, 842, (), "text"), Page(2, 842, 595, (), "ocr", ON_ITS_SIDE))


def test_boxes_of_a_turned_page_stand_where_it_is_shown():
    assert as_displayed(extraction(2, READ), PAGES) == extraction(2, SHOWN)


def test_boxes_of_other_pages_stay():
    assert as_displayed(extraction(1, READ), PAGES) == extraction(1, READ)
    assert as_displayed(extraction(None, None), PAGES) == extraction(None, None)
    assert as_displayed(extraction(2, READ), PAGES[:1]) == extraction(2, READ)


def test_displayed_box_stays_on_the_page():
    crooked = Page(1, 100, 100, (), "ocr", (1.0, 0.1, -0.05, -0.1, 1.0, 0.05))
    assert crooked.displayed(Box(0.0, 0.0, 0.5, 0.1)) == Box(0.0, 0.0, 0.5 + 0.01 - 0.05, 0.1 + 0.05)
