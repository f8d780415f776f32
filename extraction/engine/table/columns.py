"""Columns of numbers: numbers of several rows whose right edges, left edges or middles stand over one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from extraction.engine.table.header import PRICES, HeaderCell
from extraction.engine.table.numbers import Heights, Number
from extraction.engine.textfold import HAN

EDGE_EM = 0.45  # edges closer than this stand over one another
OVERLAP = 0.5  # part of the narrower one's width from which two runs of numbers are one column
REACH_EM = 2.5  # how far a header cell may stand beside its numbers


class Column:
    """Numbers over one another from `x0` to `x1`, and the header cells that name them."""

    def __init__(self, numbers: Iterable[Number], heads: Iterable[HeaderCell] = ()) -> None:
        self.numbers: list[Number] = []
        self.heads = list(heads)
        self.x0, self.x1 = float("inf"), float("-inf")
        self.add(numbers)

    def add(self, numbers: Iterable[Number]) -> None:
        for number in numbers:
            self.numbers.append(number)
            self.x0, self.x1 = min(self.x0, number.span.x0), max(self.x1, number.span.x1)

    @cached_property
    def by_height(self) -> Heights[Number]:
        """Its numbers by height, once they are complete."""
        return Heights(self.numbers, lambda n: n.y)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(cell.name for cell in self.heads)


def find_columns(numbers: Sequence[Number], cells: Sequence[HeaderCell], em: float) -> list[Column]:
    """Columns of `numbers` from left to right, named by the header `cells` nearest to them.

    Numbers at the end of a text ("FILM ROLL 15.46") join a column that numbers standing alone have made.
    """
    columns = _by_right_edge([n for n in numbers if n.alone], em)
    columns = _merge(columns, em)
    lefts = [{_slot(n.span.x0, em) for n in c.numbers} for c in columns]
    for number in numbers:
        if not number.alone:
            home = next((c for c, left in zip(columns, lefts, strict=True) if _joins(number, c, left, em)), None)
            if home is not None:
                home.add([number])
    _name(columns, cells, em)
    _name_ruled(columns, cells)
    columns += _under_headers([n for n in numbers if not n.alone], columns, cells, em)
    return sorted(columns, key=lambda column: column.x1)


def _under_headers(
    numbers: Sequence[Number], columns: Sequence[Column], cells: Sequence[HeaderCell], em: float
) -> list[Column]:
    """Columns of numbers at an end of texts, under headers that nothing else stands under: prices at the right end
    ("net: 60.00"), quantities and prices at the left end where the next column is close ("10 Coffee").
    """
    named = {id(head) for column in columns for head in column.heads}
    found = []
    for cell in cells:
        if cell.name not in PRICES | {"quantity"} or id(cell) in named:
            continue
        under = [n for n in numbers if _stands_under(n, cell, em)]
        if under:
            found.append(Column(under, [cell]))
    return found


def _stands_under(number: Number, cell: HeaderCell, em: float) -> bool:
    over = number.span.h_overlap(cell.span)
    right, left = abs(number.span.x1 - cell.span.x1), abs(number.span.x0 - cell.span.x0)
    if number.trails and cell.name in PRICES and over > 0:
        return right <= REACH_EM * em
    return number.leads and over > -em / 2 and min(right, left) <= REACH_EM * em


def _by_right_edge(numbers: Sequence[Number], em: float) -> list[Column]:
    columns: list[Column] = []
    for number in sorted(numbers, key=lambda n: (n.span.x1, n.y)):
        last = columns[-1].numbers[-1] if columns else None
        if last is not None and number.span.x1 - last.span.x1 <= EDGE_EM * em:
            columns[-1].add([number])
        else:
            columns.append(Column([number]))
    return columns


def _merge(columns: Sequence[Column], em: float) -> list[Column]:
    """Runs that overlap and never stand on one line are one column that is aligned left, in the middle or by units.

    The longest runs come first, so that a stray number joins a column and not the other way round.
    """
    merged: list[Column] = []
    for column in sorted(columns, key=lambda c: (-len(c.numbers), c.x1)):
        near = (c for c in merged if _overlap(c, column) >= OVERLAP or _units_aligned(c, column, em))
        home = next((c for c in near if not _share_line(c, column)), None)
        if home is None:
            merged.append(column)
        else:
            home.add(column.numbers)
    return merged


def _overlap(a: Column, b: Column) -> float:
    """Shared width of two columns as a part of the narrower one's."""
    return (min(a.x1, b.x1) - max(a.x0, b.x0)) / max(min(a.x1 - a.x0, b.x1 - b.x0), 0.1)


def _units_aligned(a: Column, b: Column, em: float) -> bool:
    """Whether the numbers of both columns have units and end with them at one edge ("5 kg" over "2.5 hrs."), or
    stand over one another when the units are counted in."""
    if not all(n.unit for column in (a, b) for n in column.numbers):
        return False
    (a0, a1), (b0, b1) = ((min(n.span.x0 for n in c.numbers), max(n.end for n in c.numbers)) for c in (a, b))
    return abs(a1 - b1) <= EDGE_EM * em or min(a1, b1) - max(a0, b0) >= OVERLAP * min(a1 - a0, b1 - b0)


def _share_line(a: Column, b: Column) -> bool:
    lines = {round(n.y) for n in a.numbers}
    return any(round(n.y) in lines for n in b.numbers)


def _slot(x: float, em: float) -> int:
    return round(x / (EDGE_EM * em))


def _joins(number: Number, column: Column, lefts: set[int], em: float) -> bool:
    """Whether `number` ends where `column` ends, or begins where one of its numbers does."""
    span = number.span
    right = abs(span.x1 - column.x1) <= EDGE_EM * em
    left = any(_slot(span.x0, em) + step in lefts for step in (-1, 0, 1))
    return (right and (number.trails or number.leads)) or (left and span.x1 <= column.x1 + em)


def _name(columns: Sequence[Column], cells: Sequence[HeaderCell], em: float) -> None:
    """Give every header cell to the nearest column, nearest pairs first; a column may get stacked cells."""
    pairs = sorted(
        (distance, i, j)
        for i, cell in enumerate(cells)
        for j, column in enumerate(columns)
        if (distance := _distance(cell, column)) <= REACH_EM * em
    )
    placed: set[int] = set()
    for _, i, j in pairs:
        beside = any(cells[i].span.h_overlap(head.span) <= 0 for head in columns[j].heads)
        if i not in placed and not beside:
            placed.add(i)
            columns[j].heads.append(cells[i])


def _name_ruled(columns: Sequence[Column], cells: Sequence[HeaderCell]) -> None:
    """Chinese forms print headings in the middle of wide cells and figures at their right edge: a column that has no
    heading takes the free one before it where nothing stands between."""
    named = {id(head) for column in columns for head in column.heads}
    free = [cell for cell in cells if id(cell) not in named and HAN.search(cell.span.text)]
    for column in [c for c in columns if not c.heads]:
        left = max((c.x1 for c in columns if c is not column and c.x1 <= column.x0), default=0.0)
        before = [cell for cell in free if left <= cell.span.x1 <= column.x1]
        if before:
            column.heads.append(before[-1])
            free.remove(before[-1])


def _distance(cell: HeaderCell, column: Column) -> float:
    """How far a header cell stands from being aligned with a column; nothing when their edges agree."""
    span = cell.span
    edges = min(abs(span.x1 - column.x1), abs(span.x0 - column.x0), abs(span.cx - (column.x0 + column.x1) / 2))
    gap = max(span.x0 - column.x1, column.x0 - span.x1, 0.0)
    return edges * 0.5 + gap if gap == 0 else edges * 0.5 + gap * 1.5
