"""Where tables begin and end: from a header to the sums, over page breaks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from extraction.engine.layout import Layout, Line, PageLayout, Span
from extraction.engine.table.header import Header, find_headers
from extraction.engine.table.numbers import Number, NumberReader, has_words
from extraction.engine.table.roles import multiplies
from extraction.engine.table.vocabulary import end_length, is_carried, modifiers_at
from extraction.engine.textfold import tokens

BLANK_EM = 7.0  # a vertical blank taller than this ends a table
BLANK_RATIO = 2.5  # unless blanks between its rows are nearly as tall
EDGE_EM = 0.6  # numbers on a page without header continue columns when their edges agree by this
FOOT, SAME_HEIGHT = 0.8, 4.0  # where a page's foot begins; points by which its lines may differ in height
_ROW_END = re.compile(r"\d[.,]\d\d\W*\D{0,4}$")
LOOK_BACK = 100  # lines that tell where the columns of a table are
LOOK_AHEAD = 25  # lines after a sum in which the table may go on
TELLING = 1000  # a product from which whole numbers do not multiply to by chance
ROW_NUMBERS = 3  # so many numbers on a line are a row even where the text begins like a sum


@dataclass(frozen=True)
class Region:
    """The part of a page that a table takes, header included: points from the top."""

    page: int
    y0: float
    y1: float


@dataclass
class Body:
    """The lines below a header and its repetitions, without carried sums, and the regions they lie in."""

    header: Header
    lines: list[Line] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    ended: bool = False
    votes: float = 0.0  # for its amounts being line totals, before its columns are read

    def add(self, page: int, top: float, lines: Sequence[Line]) -> None:
        self.lines.extend(lines)
        bottom = max([line.span.y1 for line in lines], default=top)
        self.regions.append(Region(page, top, bottom))


def find_bodies(layout: Layout, reader: NumberReader) -> list[Body]:
    """One body for each header that is not the repetition of the one before it."""
    bodies: list[Body] = []
    for page in layout.pages:
        headers = find_headers(page, reader)
        if bodies and not bodies[-1].ended and not (headers and headers[0].same_columns(bodies[-1].header)):
            _continue_on(bodies[-1], page, headers, reader)
        for i, header in enumerate(headers):
            body = next((b for b in reversed(bodies) if b.header.same_columns(header)), None)
            if body is None:
                body = Body(header)
                bodies.append(body)
            stop = headers[i + 1].y0 if i + 1 < len(headers) else page.height
            below = [line for line in page.lines if header.y1 <= line.span.cy < stop and line.index not in header.lines]
            lines, body.ended = until_end(below, header.y1, page.em, reader)
            body.add(page.number, header.y0, lines)
    return bodies


def without_footers(layout: Layout) -> Layout:
    """`layout` without lines at the foot of pages that stand on several of them at the same height; rows that end in
    an amount may repeat and are kept."""
    places = Counter(_place(line) for line in layout.lines)
    pages = []
    for page in layout.pages:
        low = FOOT * page.height
        kept = [n for n in page.lines if n.span.cy < low or places[_place(n)] == 1 or _ROW_END.search(n.text)]
        pages.append(replace(page, lines=tuple(replace(line, index=i) for i, line in enumerate(kept))))
    return Layout(tuple(pages))


def _place(line: Line) -> tuple[str, int]:
    return line.text, round(line.span.y0 / SAME_HEIGHT)


def _continue_on(body: Body, page: PageLayout, headers: Sequence[Header], reader: NumberReader) -> None:
    """Add the rows at the top of `page` that stand in the columns of `body`."""
    edges = _edges(body.lines, reader)
    stop = headers[0].y0 if headers else page.height
    lines = [line for line in page.lines if line.span.cy < stop]
    first = next((i for i, line in enumerate(lines) if _fits(reader.read(line), edges, page.em)), None)
    if first is None:
        body.ended = True
        return
    rows, body.ended = until_end(lines[first:], lines[first].span.y0, page.em, reader)
    body.add(page.number, lines[first].span.y0, rows)


@dataclass(frozen=True)
class Edges:
    """Left and right edges of numbers, in whole points."""

    left: frozenset[int]
    right: frozenset[int]

    def hold(self, number: Number, em: float) -> bool:
        left, right = number.span.x0, number.span.x1
        reach = EDGE_EM * em
        return any(abs(right - x) <= reach for x in self.right) or any(abs(left - x) <= reach for x in self.left)


def _edges(rows: Sequence[Line], reader: NumberReader) -> Edges:
    """The edges of the numbers that stand alone in the last `rows`."""
    spans = [n.span for n in reader.read_all(rows[-LOOK_BACK:]) if n.alone]
    return Edges(frozenset(round(s.x0) for s in spans), frozenset(round(s.x1) for s in spans))


def _fits(numbers: Sequence[Number], edges: Edges, em: float) -> bool:
    """Whether two numbers, one of them money, stand in columns with these edges."""
    inside = _fitting(numbers, edges, em)
    return len(inside) >= 2 and any(n.amount.looks_like_money for n in inside)


def _fitting(numbers: Sequence[Number], edges: Edges, em: float) -> list[Number]:
    return [n for n in numbers if n.alone and edges.hold(n, em)]


def until_end(lines: Sequence[Line], top: float, em: float, reader: NumberReader) -> tuple[list[Line], bool]:
    """`lines` up to the first that ends the table or follows a wide blank, and whether the table is known to end.

    A sum or discount between rows ends nothing: it is left out when a row that multiplies out follows in the same
    columns.
    """
    rows: list[Line] = []
    bottom, tallest = top, 0.0
    for i, line in enumerate(lines):
        blank = line.span.y0 - bottom
        if blank > max(BLANK_EM * em, BLANK_RATIO * tallest if len(rows) > 1 else 0.0):
            return rows, any(ends_table(later, reader) for later in lines[i:])
        ends = ends_table(line, reader)
        if ends and not _goes_on(lines[i + 1 :], rows, em, reader):
            return rows, True
        tallest, bottom = max(tallest, blank), max(bottom, line.span.y1)
        if not ends and not _carries(line, reader):
            rows.append(line)
    return rows, False


def _carries(line: Line, reader: NumberReader) -> bool:
    """Whether `line` carries a sum over to the next page; a full row that begins so sells a transport."""
    numbers = [n for n in reader.read(line) if n.alone]
    return is_carried(tokens(line.text)) and not (len(numbers) >= ROW_NUMBERS or proves_row(numbers))


def _goes_on(lines: Sequence[Line], rows: Sequence[Line], em: float, reader: NumberReader) -> bool:
    """Whether one of the next `lines` is a row like `rows`: in their columns it multiplies out or fills three of them,
    or it goes on counting."""
    edges = _edges(rows, reader)
    for line in lines[:LOOK_AHEAD]:
        if ends_table(line, reader):
            continue
        numbers = reader.read(line)
        fits = _fitting(numbers, edges, em) if rows else [n for n in numbers if n.alone]
        money = sum(n.amount.looks_like_money for n in fits)
        full = len(fits) >= ROW_NUMBERS and money >= 2
        if (len(fits) >= 2 and ((money and full) or proves_row(numbers))) or _counts_on(rows, line, reader):
            return True
    return False


def _counts_on(rows: Sequence[Line], line: Line, reader: NumberReader) -> bool:
    """Whether `line` begins with the number that follows the last one that began one of `rows`."""
    position = _position(line, reader)
    if position is None:
        return False
    numbered = [one for row in rows[-LOOK_BACK:] if (one := _position(row, reader)) is not None]
    return len(numbered) > 1 and position == numbered[-1] + 1 == numbered[-2] + 2


def _position(line: Line, reader: NumberReader) -> int | None:
    first = next((n for n in reader.read(line) if n.span.words[0] is line.span.words[0]), None)
    return int(first.value) if first and first.alone and first.value == first.value.to_integral() else None


def proves_row(numbers: Sequence[Number]) -> bool:
    """Whether two of `numbers` multiply to a third, money to the right of them."""
    for total in numbers:
        left = [n for n in numbers if n.span.x1 <= total.span.x0]
        for a, b in combinations(left, 2) if total.value else ():
            counts, costs = sorted((a, b), key=lambda n: n.amount.looks_like_money)
            telling = costs.amount.decimals >= 2 and total.amount.looks_like_money
            telling = telling or (min(a.value, b.value) > 1 and total.value >= TELLING)
            if telling and multiplies(counts.value, costs.value, total.value):
                return True
    return False


def ends_table(line: Line, reader: NumberReader) -> bool:
    """Whether `line` is a sum, a tax or what else stands below a table.

    A segment that is nothing but such words ends it; one that only begins with them does when an amount stands on
    the line and the line is no full row. In a full row such a word behind others is a cell: "1 Lamp 2 15.00 VAT 18%".
    """
    return reader.once(_ends_table, line)


def _ends_table(line: Line, reader: NumberReader) -> bool:
    for segment in line.segments:
        words = _without_rate(tokens(segment.text))
        length = end_length(words)
        if not length:
            continue
        rest = words[length + modifiers_at(words, length) :]
        numbers = [n for n in reader.read(line) if n.amount.looks_like_money]
        label, colon, _ = segment.text.partition(":")
        labelled = bool(colon) and len(tokens(label)) <= length
        full = len(reader.read(line)) >= ROW_NUMBERS
        if (not rest and (not full or _speaks_first(segment, line))) or (numbers and (labelled or not full)):
            return True
    return False


def _speaks_first(segment: Span, line: Line) -> bool:
    """Whether `segment` has the first words of `line`."""
    return segment is next((one for one in line.segments if has_words(one.text)), None)


def _without_rate(words: tuple[str, ...]) -> tuple[str, ...]:
    """`words` without a rate at their beginning: "19.00 % VAT" begins with "VAT"."""
    start = next((i for i, word in enumerate(words) if not word.isdigit()), 0)
    return words[start + 1 :] if start and words[start] == "%" else words
