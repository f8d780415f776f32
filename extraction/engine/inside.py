"""Which amounts of a document stand in the rows of its line items, and so are no document totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.engine.candidates import Candidate
from extraction.engine.result import LineItem
from extraction.engine.table.numbers import Heights
from extraction.engine.words import Box

SAME_EDGE = 0.006  # of the page's width
SAME_LINE = 0.5  # of the lower one's height: what two boxes of a line share
NEAR = 0.005  # of the page's height, between the middles of what stands on a line


@dataclass(frozen=True)
class _Row:
    """What stands on the line of a line item's total: between its cells, and behind all of them."""

    between: list[Candidate]
    behind: list[Candidate]


@dataclass(frozen=True)
class Inside:
    """The amounts that are cells of line items, and those that stand beside cells in their rows."""

    cells: tuple[Candidate, ...] = ()
    beside: tuple[Candidate, ...] = ()


NOTHING_INSIDE = Inside()


def amounts_inside(lines: Sequence[LineItem], amounts: Sequence[Candidate]) -> Inside:
    """Those of `amounts` that are cells of `lines`; where there are several, also what stands between their cells, or
    behind them at an edge where every row has an amount ("total to date", "gross")."""
    boxes = {(cell.provenance.page, cell.provenance.box) for line in lines for cell in line.cells.values()}
    cells = tuple(c for c in amounts if (c.span.page, c.span.box) in boxes)
    rows = list(_rows(lines, amounts))
    if len(rows) < 2:
        return Inside(cells)
    edges = [c.span.box.x1 for c in rows[0].behind]
    shared = [x for x in edges if all(any(_ends_at(c, x) for c in row.behind) for row in rows)]
    behind = [c for row in rows for c in row.behind if any(_ends_at(c, x) for x in shared)]
    known = {id(c) for c in cells}
    return Inside(cells, tuple(c for row in rows for c in row.between if id(c) not in known) + tuple(behind))


def _ends_at(candidate: Candidate, x: float) -> bool:
    return abs(candidate.span.box.x1 - x) <= SAME_EDGE


def _rows(lines: Sequence[LineItem], amounts: Sequence[Candidate]) -> Iterator[_Row]:
    by_height = Heights(amounts, lambda c: c.span.page + c.span.box.cy)
    for line in lines:
        total = line.cells.get("total_price")
        if total is None or total.provenance.box is None:
            continue
        page, box = total.provenance.page, total.provenance.box
        at = (page or 1) + box.cy
        near = by_height.between(at - NEAR, at + NEAR)
        level = [c for c in near if c.span.page == page and _share_line(c.span.box, box)]
        cells = [c.provenance.box for c in line.cells.values() if c.provenance.page == page and c.provenance.box]
        x0, x1 = min(b.x0 for b in cells), max(b.x1 for b in cells)
        between = [c for c in level if x0 <= c.span.box.x0 and c.span.box.x1 <= x1]
        yield _Row(between, [c for c in level if c.span.box.x0 >= x1])


def _share_line(a: Box, b: Box) -> bool:
    return min(a.y1, b.y1) - max(a.y0, b.y0) >= SAME_LINE * min(a.height, b.height)
