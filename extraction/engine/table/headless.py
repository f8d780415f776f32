"""Tables without a header: rows that multiply out, and lists of amounts that add up to the sum below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from extraction.engine.layout import Line, PageLayout
from extraction.engine.table.header import Header
from extraction.engine.table.numbers import Number, NumberReader, has_words
from extraction.engine.table.region import Body, ends_table, proves_row, until_end
from extraction.engine.table.vocabulary import is_rounding
from extraction.engine.textfold import tokens

EDGE_EM = 1.5  # amounts of a list end near one right edge; scans and tax codes move it
LIST_GAP_EM = 3.0  # a taller blank parts a list from what stands above it
ADDS_UP = 3.0  # votes for amounts that add up to a sum
MOST_LEAD = 3  # lines that name what the line below them sells
MOST_LINES = 60  # a list is not looked for further above its sum


def bodies_without_header(page: PageLayout, reader: NumberReader) -> Iterator[Body]:
    """What could be a table of `page` although no header says so: from the first row that multiplies out."""
    numbers = {line.index: [n for n in reader.read(line) if n.alone] for line in page.lines}
    rows = [line for line in page.lines if _is_row(page, line, numbers[line.index], reader)]
    if rows:
        first = page.lines[rows[0].index - _lead(page, rows, reader)]
        below = [line for line in page.lines if line.index >= first.index]
        lines, ended = until_end(below, first.span.y0, page.em, reader)
        body = Body(Header(page.number, first.span.y0, first.span.y0, (), ()), ended=ended)
        body.add(page.number, first.span.y0, lines)
        yield body


def _is_row(page: PageLayout, line: Line, numbers: Sequence[Number], reader: NumberReader) -> bool:
    """Whether two numbers of `line` multiply to a third, and words stand beside them or alone above them."""
    if len(numbers) < 3 or ends_table(line, reader) or not proves_row(numbers):
        return False
    return has_words(line.text) or (line.index > 0 and _is_name(page.lines[line.index - 1], reader))


def _is_name(line: Line, reader: NumberReader) -> bool:
    """Whether `line` has words and no amount, so that it may name what the line below it sells."""
    return has_words(line.text) and last_amount(line, reader) is None and not ends_table(line, reader)


def _lead(page: PageLayout, rows: Sequence[Line], reader: NumberReader) -> int:
    """How many lines above the first of `rows` are its own: as many as stand above each of the others where the rows
    themselves name nothing (a name above "2 x 1.50  3.00", perhaps an article number above that)."""
    if any(has_words(row.text) for row in rows) or not rows[0].index:
        return 0
    between = [b.index - a.index - 1 for a, b in pairwise(rows)]
    lead = min([1, *between] if not between else [*between, MOST_LEAD])
    return min(lead, rows[0].index) if _is_name(page.lines[rows[0].index - 1], reader) else 0


def lists_above_sums(page: PageLayout, reader: NumberReader) -> Iterator[Body]:
    """Lists of texts with one amount each that add up to the first sum below them."""
    for end in page.lines:
        total = last_amount(end, reader) if ends_table(end, reader) else None
        lines = _list_above(page, end, total, reader) if total is not None else []
        if lines:
            priced = [line for line in lines if last_amount(line, reader) is not None]
            lines = [*page.lines[lines[0].index - _lead(page, priced, reader) : lines[0].index], *lines]
            top = lines[0].span.y0
            body = Body(Header(page.number, top, top, (), ()), ended=True, votes=ADDS_UP)
            body.add(page.number, top, lines)
            yield body


def _list_above(page: PageLayout, end: Line, total: Number, reader: NumberReader) -> list[Line]:
    """The lines above `end` that have one amount each, at one right edge, and add up to `total`; else none.

    An only amount that repeats the sum must stand right above it; several that add up may stand further away, and at
    another edge.
    """
    lines: list[Line] = []
    rest, edge, right = total.value, end.span.y0, _edge_above(page, end, total, reader)
    for line in reversed(page.lines[max(end.index - MOST_LINES, 0) : end.index]):
        amount = last_amount(line, reader)
        if ends_table(line, reader):
            lessened = amount is not None and not lines and (amount.value < 0 or is_rounding(tokens(line.text)))
            if amount is None or lessened:  # "Total quantity: 10", a discount on all, a rounding
                rest -= amount.value if amount else 0
                continue
            return []
        far, edge = edge - line.span.y1 > LIST_GAP_EM * page.em, line.span.y0
        if amount is None or abs(amount.span.x1 - right) > EDGE_EM * page.em:
            lines = [] if far else [line, *lines]
            continue
        if far and (rest != total.value or amount.value == rest):
            return []
        rest -= amount.value
        lines = [line, *lines]
        named = has_words(line.text) or (line.index > 0 and _is_name(page.lines[line.index - 1], reader))
        if rest == 0 and amount.value and named:
            return lines
    return []


def _edge_above(page: PageLayout, end: Line, total: Number, reader: NumberReader) -> float:
    """The right edge of the list: where the last two amounts above the sum end, else where the sum does."""
    above = (last_amount(line, reader) for line in reversed(page.lines[max(end.index - MOST_LINES, 0) : end.index]))
    edges = list(islice((amount.span.x1 for amount in above if amount is not None), 2))
    agree = len(edges) == 2 and abs(edges[0] - edges[1]) <= EDGE_EM * page.em
    return edges[0] if agree else total.span.x1


def last_amount(line: Line, reader: NumberReader) -> Number | None:
    """The money at the end of a text of `line`, the rightmost of it."""
    return reader.once(_last_amount, line)


def _last_amount(line: Line, reader: NumberReader) -> Number | None:
    money = [n for n in reader.read(line) if n.amount.looks_like_money and n.trails]
    return money[-1] if money else None
