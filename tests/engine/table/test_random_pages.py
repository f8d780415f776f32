from random import Random

import pytest

from extraction.engine.amounts import NumberStyle
from extraction.engine.layout import Layout, build
from extraction.engine.result import LINE_CELLS
from extraction.engine.table import find_tables
from extraction.engine.words import Box, Page, Word

WORDS = """
Total Qty Description Amount 1 2 3 10.00 20,00 5.5% Subtotal VAT € $12.00 x (3.00) -4.00 = 12.345,67 Pos Item Price
Übertrag incl. 100 kg Stk 50/hr | ] 12.03.2024 234,50 Menge Betrag ² ½ ٣
"""


def random_layout(seed: int) -> Layout:
    """Words of tables thrown on two pages: on a grid or anywhere, some without width or height, some off the page."""
    random = Random(seed)
    choice = WORDS.split()
    pages = []
    for number in (1, 2):
        words = []
        for _ in range(random.randint(1, 80)):
            x = random.choice([random.randrange(20, 560, 45), random.uniform(-20, 600)])
            y = random.choice([random.randrange(20, 800, 14), random.uniform(-20, 850)])
            x1, y1 = x + random.choice([0, 5, 20, 40]), y + random.choice([0, 8, 8, 40])
            words.append(Word(random.choice(choice), Box(x / 595, y / 842, x1 / 595, y1 / 842), number))
        pages.append(Page(number, 595, 842, tuple(words), "text"))
    return build(pages)


@pytest.mark.parametrize("seed", range(60))
def test_any_words_give_the_same_well_formed_items_twice(seed):
    style = NumberStyle("." if seed % 2 else ",")
    first, second = find_tables(random_layout(seed), style), find_tables(random_layout(seed), style)

    assert first == second
    for item in (item for table in first for item in table.items):
        assert set(item.cells) <= set(LINE_CELLS) and "total_price" in item.cells
        assert all(0 <= cell.confidence <= 1 and cell.provenance.page in (1, 2) for cell in item.cells.values())
