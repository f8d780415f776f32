"""What the line tables of typed pages say, row by row."""

from __future__ import annotations

from extraction.engine.amounts import NumberStyle
from extraction.engine.layout import build
from extraction.engine.result import LineItem
from extraction.engine.table import find_line_items
from tests.engine.typed import typed_page

POINT, COMMA = NumberStyle("."), NumberStyle(",")
AMOUNTS = ("quantity", "unit_price", "total_price")


def lines_of(*pages: str, style: NumberStyle = POINT) -> tuple[LineItem, ...]:
    return find_line_items(build([typed_page(text, i) for i, text in enumerate(pages, start=1)]), style)


def rows(*pages: str, style: NumberStyle = POINT) -> list[tuple[str | None, ...]]:
    """Description, quantity, unit price and total of each line, as printed without trailing zeros."""
    found = []
    for line in lines_of(*pages, style=style):
        amounts = (line.decimal(name) for name in AMOUNTS)
        found.append((line.value("description"), *(None if a is None else f"{a.normalize():f}" for a in amounts)))
    return found
