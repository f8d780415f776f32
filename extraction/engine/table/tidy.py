"""Cells that the geometry of a table leaves in the wrong column, seen over all of its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from extraction.engine.dates import find_dates
from extraction.engine.result import Field, LineItem
from extraction.engine.taxes import MAX_RATE

_CODE = re.compile(r"(?=[\w/.\-]*\d)[A-Z0-9][\w/.\-]{3,}", re.ASCII)
BEYOND = 0.15  # of the page's width: text that begins so far right of all other rows' stands in no column of theirs
FEW = 2  # rows from which "every row" says something
CODE_CONFIDENCE = 0.8  # factor: a code is told from the first word of a name by its form alone


def tidy(items: Sequence[LineItem]) -> tuple[LineItem, ...]:
    """The items with tax amounts that stood as rates, dates before descriptions and codes before descriptions put
    right, and without sums of groups and of what follows the table. Dates and codes only where every row has one."""
    rows = [_with_rate(item) for item in _without_sums(items)]
    texts = [str(item.value("description") or "") for item in rows]
    if len(rows) >= FEW and all(_leading_date(text) for text in texts):
        rows = [_without_head(item, _leading_date(text)) for item, text in zip(rows, texts, strict=True)]
        texts = [str(item.value("description") or "") for item in rows]
    coded = all(_leading_code(text) for text in texts) and not any(item.value("sku") for item in rows)
    if len(rows) >= FEW and coded:
        rows = [_with_sku(item, _leading_code(text)) for item, text in zip(rows, texts, strict=True)]
    return tuple(rows)


def _without_sums(items: Sequence[LineItem]) -> list[LineItem]:
    """The items without those that have but a total where others have a count or a price, and add up the rows since
    the last such sum or stand right of all others' text; and without those whose count adds up the rows' as well."""
    counted = [item for item in items if _is_counted(item)]
    starts = [x for item in counted if (x := _start(item)) is not None]
    kept: list[LineItem] = []
    rows, rest, count = 0, Decimal(0), Decimal(0)  # since the last sum
    for item in items:
        start, total = _start(item), item.decimal("total_price") or Decimal(0)
        quantity = item.decimal("quantity") or Decimal(0)
        if rows > 1 and total == rest and quantity == count != 0 and "unit_price" not in item.cells:
            rows, rest, count = 0, Decimal(0), Decimal(0)
            continue
        if counted and not _is_counted(item):
            if total == rest != 0:
                rows, rest, count = 0, Decimal(0), Decimal(0)
                continue
            if starts and start is not None and start - max(starts) > BEYOND:
                continue
        rows, rest, count = rows + 1, rest + total, count + quantity
        kept.append(item)
    return kept


def _is_counted(item: LineItem) -> bool:
    return "quantity" in item.cells or "unit_price" in item.cells


def _start(item: LineItem) -> float | None:
    """Where the description of `item` begins, as a part of the page's width."""
    cell = item.cells.get("description")
    return cell.provenance.box.x0 if cell is not None and cell.provenance.box is not None else None


def _with_rate(item: LineItem) -> LineItem:
    """A "rate" above any tax rate is the tax itself."""
    rate = item.cells.get("tax_rate")
    if rate is None or not isinstance(rate.value, Decimal) or abs(rate.value) <= MAX_RATE:
        return item
    cells = {name: cell for name, cell in item.cells.items() if name != "tax_rate"}
    return LineItem({"tax_amount": rate} | cells)


def _leading_date(text: str) -> int:
    """Where the date at the beginning of `text` ends, if a description follows; else 0."""
    end = next((found.end for found in find_dates(text, day_first=True) if found.start == 0), 0)
    return end if _names_something(text[end:]) else 0


def _leading_code(text: str) -> int:
    """Where the article code at the beginning of `text` ends, if a description follows; else 0."""
    found = _CODE.match(text)
    return found.end() if found and text[found.end() :].startswith(" ") and _names_something(text[found.end() :]) else 0


def _names_something(rest: str) -> bool:
    return any(word.isalpha() and len(word) >= 3 for word in re.findall(r"\w+", rest))


def _without_head(item: LineItem, end: int) -> LineItem:
    description = item.cells["description"]
    return LineItem(
        item.cells | {"description": replace(description, value=str(description.value)[end:].strip(" ,-:"))}
    )


def _with_sku(item: LineItem, end: int) -> LineItem:
    description = item.cells["description"]
    code = str(description.value)[:end]
    provenance = replace(description.provenance, text=code)
    sku = Field(code, description.confidence * CODE_CONFIDENCE, provenance)
    return LineItem(_without_head(item, end).cells | {"sku": sku})
