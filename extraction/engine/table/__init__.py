"""Line items: tables are found by their words, their columns by the geometry of their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.engine.amounts import NumberStyle
from extraction.engine.layout import Layout
from extraction.engine.result import LineItem
from extraction.engine.table.columns import find_columns
from extraction.engine.table.headless import bodies_without_header, last_amount, lists_above_sums
from extraction.engine.table.items import line_items
from extraction.engine.table.numbers import NumberReader
from extraction.engine.table.region import Body, Region, find_bodies, without_footers
from extraction.engine.table.roles import anchor_numbers, assign_roles, name_others
from extraction.engine.table.rows import build_rows
from extraction.engine.table.stacked import part_stacked
from extraction.engine.table.texts import find_texts, pieces_of
from extraction.engine.table.tidy import tidy

__all__ = ["Region", "Table", "find_line_items", "find_tables"]

ALSO_PROVEN = 0.5  # share of rows that must multiply out in a second table with other columns


@dataclass(frozen=True)
class Table:
    """A table of goods: its items and the parts of pages it takes; `score` is the evidence for its reading, `proven`
    the share of its rows that multiply out."""

    items: tuple[LineItem, ...]
    regions: tuple[Region, ...]
    score: float
    proven: float

    @property
    def sum(self) -> Decimal:
        return sum((item.decimal("total_price") or Decimal(0) for item in self.items), Decimal(0))

    @property
    def start(self) -> tuple[int, float]:
        return min((region.page, region.y0) for region in self.regions)

    @property
    def end(self) -> tuple[int, float]:
        return max((region.page, region.y1) for region in self.regions)


def find_line_items(layout: Layout, style: NumberStyle) -> tuple[LineItem, ...]:
    """The line items of the document in reading order."""
    return tuple(item for table in find_tables(layout, style) for item in table.items)


def find_tables(layout: Layout, style: NumberStyle) -> tuple[Table, ...]:
    """The tables of goods, top to bottom: the one with the most evidence, and others that prove themselves.

    Where no header names columns, rows that multiply out are a table; where there are none, a list of amounts is one
    that adds up to the sum below it.
    """
    layout, reader = without_footers(layout), NumberReader(style)
    tables = _read_all(find_bodies(layout, reader), layout, reader)
    for bodies in (bodies_without_header, lists_above_sums):
        if not any(table.proven for table in tables):
            found = _read_all([b for page in layout.pages for b in bodies(page, reader)], layout, reader)
            tables = found if not tables or _outdo(found, tables) else tables
    best = max(tables, key=lambda t: (t.score, len(t.items)), default=None)
    kept = [t for t in tables if t is best or t.proven >= ALSO_PROVEN]
    return tuple(_with_lists(kept, layout, reader))


def _with_lists(tables: Sequence[Table], layout: Layout, reader: NumberReader) -> list[Table]:
    """`tables` with each list beside them, say of expenses after fees, that a sum below both counts in."""
    kept = list(tables)
    for body in (b for page in layout.pages for b in lists_above_sums(page, reader)) if kept else ():
        if any(_overlap(body.regions, table.regions) for table in kept):
            continue
        other = _read(body, layout, reader)
        if other is None:
            continue
        whole = sum((table.sum for table in [*kept, other]), Decimal(0))
        if whole in _printed_below(max(table.end for table in [*kept, other]), layout, reader):
            kept.append(other)
    return sorted(kept, key=lambda table: table.start)


def _overlap(some: Sequence[Region], others: Sequence[Region]) -> bool:
    return any(r.page == s.page and r.y0 < s.y1 and s.y0 < r.y1 for r in some for s in others)


def _printed_below(place: tuple[int, float], layout: Layout, reader: NumberReader) -> set[Decimal]:
    """The amounts at the ends of the lines below `place`."""
    lines = (line for page in layout.pages for line in page.lines if (page.number, line.span.y0) >= place)
    return {amount.value for line in lines if (amount := last_amount(line, reader)) is not None}


def _outdo(found: Sequence[Table], tables: Sequence[Table]) -> bool:
    """Whether `found` without a header say more than unproven `tables`, and prove themselves or stand above them."""
    longest = max(len(table.items) for table in tables)
    top = min(table.start for table in tables)
    longer = [table for table in found if len(table.items) > longest]
    return any(t.proven >= ALSO_PROVEN or t.end <= top for t in longer)


def _read_all(bodies: Iterable[Body], layout: Layout, reader: NumberReader) -> list[Table]:
    return [table for body in bodies if (table := _read(body, layout, reader)) is not None]


def _read(body: Body, layout: Layout, reader: NumberReader) -> Table | None:
    em = layout.page(body.header.page).em
    cells = body.header.cells
    columns = part_stacked(find_columns(reader.read_all(body.lines), cells, em))
    roles = assign_roles(columns, body.votes)
    if roles is None:
        return None
    roles = replace(roles, others=dict(name_others(columns, roles)))
    numeric = [c for c in (roles.total, roles.unit, roles.quantity, *roles.others.values()) if c is not None]
    anchors = anchor_numbers(roles.total)
    pieces = pieces_of(body.lines, numeric)
    texts = find_texts(pieces, [a.span for a in anchors], cells, em)
    rows = build_rows(anchors, texts.goods_pieces, em)
    edges = [c.x0 for c in numeric] + [cell.span.x0 for cell in cells]
    room = min((x for x in edges if texts.goods and x >= texts.goods.x1 - em), default=texts.right)
    items = line_items(rows, roles, texts, room, em)
    return Table(tidy(items), tuple(body.regions), roles.score, roles.proven) if items else None
