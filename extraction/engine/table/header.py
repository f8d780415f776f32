"""Header rows: lines most of whose words name columns, with what is stacked above and below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.engine.layout import Line, PageLayout, Span, span_of
from extraction.engine.table.numbers import NumberReader
from extraction.engine.table.vocabulary import column_at, modifiers_at
from extraction.engine.textfold import tokens

PRICES = {"unit_price", "total_price", "gross_price"}
GOODS = {"description", "quantity", "unit_price", "sku"}
CELL_GAP = 0.65  # of the text height: a wider blank parts two header cells
TALLEST = 4  # lines of a header
STACK_GAP_EM = 0.9  # a larger vertical blank parts a header from what is near it
NAMED = 0.5  # share of a header line's words that must name columns or qualify names
TIGHT_EM = 0.35  # so near to the line above it a line is the same cell's
NAMED_STACKED = 0.3  # the same for further lines of a header


@dataclass(frozen=True)
class HeaderCell:
    """The words that name one column. `name` is a line cell's, or one of position, gross_price, other."""

    name: str
    span: Span


@dataclass(frozen=True)
class Header:
    """A header row: its cells left to right and the vertical range that it takes, in points of its page."""

    page: int
    y0: float
    y1: float
    cells: tuple[HeaderCell, ...]
    lines: tuple[int, ...]  # indices of its lines on the page

    @property
    def names(self) -> frozenset[str]:
        return frozenset(cell.name for cell in self.cells)

    def same_columns(self, other: Header) -> bool:
        """Whether `other` repeats this header, say on the next page."""
        return [c.name for c in self.cells] == [c.name for c in other.cells]


def find_headers(page: PageLayout, reader: NumberReader) -> list[Header]:
    """The header rows of `page` from top to bottom that could head a table of goods."""
    possible = []
    for line in page.lines:
        if is_header_line(line, reader) and len(_names(line)) >= 2:
            header = _header(page, _stack(page, line, reader))
            if header is not None:
                possible.append(header)
    found: list[Header] = []
    for header in sorted(possible, key=lambda h: (-len(h.names), h.y0)):  # of two readings of one place the richer
        if not any(min(header.y1, other.y1) > max(header.y0, other.y0) for other in found):
            found.append(header)
    return sorted(found, key=lambda header: header.y0)


def _header(page: PageLayout, lines: Sequence[Line]) -> Header | None:
    """The header that `lines` are, when they name a price and what is sold."""
    cells = _settled(_cells(lines))
    names = {cell.name for cell in cells}
    goods = GOODS - {"unit_price"} if names & PRICES == {"unit_price"} else GOODS
    if not names & PRICES or not names & goods or len(_stacks(lines)) < 2:
        return None
    y0, y1 = min(one.span.y0 for one in lines), max(one.span.y1 for one in lines)
    return Header(page.number, y0, y1, cells, tuple(one.index for one in lines))


def _settled(cells: tuple[HeaderCell, ...]) -> tuple[HeaderCell, ...]:
    """The cells with those called "charges" (or "debit") settled: the amounts, where others say what is sold and none
    names amounts; else what is sold."""
    names = {cell.name for cell in cells}
    name = "total_price" if "description" in names and not names & PRICES else "description"
    return tuple(replace(cell, name=name) if cell.name == "charge" else cell for cell in cells)


def is_header_line(line: Line, reader: NumberReader) -> bool:
    """Whether most words of `line` name columns and none of its segments is a sum."""
    words = tokens(line.text)
    if not words or _named(words) < NAMED * len(words):
        return False
    return not any(number.alone and number.amount.looks_like_money for number in reader.read(line))


def _named(words: tuple[str, ...]) -> int:
    """How many of `words` name a column or qualify such a name."""
    count = start = 0
    while start < len(words):
        _, length = column_at(words, start)
        count += length
        start += length or 1
    return count


def _names(line: Line) -> set[str]:
    return {cell.name for segment in line.segments for cell in _name_columns([segment])}


def _stack(page: PageLayout, line: Line, reader: NumberReader) -> list[Line]:
    """`line` with the lines above and below that are further lines of the same header."""
    lines = [line]
    for step in (-1, 1):
        index = line.index + step
        while 0 <= index < len(page.lines) and len(lines) < TALLEST:
            other = page.lines[index]
            if not _continues(lines, other, page.em, reader):
                break
            lines.append(other)
            index += step
    return sorted(lines, key=lambda one: one.index)


def _continues(lines: Sequence[Line], other: Line, em: float, reader: NumberReader) -> bool:
    """Whether `other` is one more line of the header: close, over or under its cells, and made of header words.

    What stands tightly under headers that are not the description's is theirs whatever its words.
    """
    gap = min(max(one.span.y0, other.span.y0) - min(one.span.y1, other.span.y1) for one in lines)
    if gap > STACK_GAP_EM * em or any(n.alone for n in reader.read(other)):
        return False
    cells = _cells(lines)
    words = tokens(other.text)
    named = sum(modifiers_at(words, i) > 0 or column_at(words, i)[1] > 0 for i in range(len(words)))
    if gap < 0 and named >= NAMED * len(words):
        return True
    over = [[c for c in cells if s.h_overlap(c.span) > 0] for s in other.segments]
    if gap < TIGHT_EM * em and all(heads and not {c.name for c in heads} & {"description", "sku"} for heads in over):
        return not any(c.isdigit() for c in other.text)
    stacked = [s for s in other.segments if any(s.h_overlap(t) > 0 for one in lines for t in one.segments)]
    return named >= NAMED_STACKED * max(len(words), 1) and 2 * len(stacked) >= len(other.segments)


def _cells(lines: Sequence[Line]) -> tuple[HeaderCell, ...]:
    """The columns that `lines` name, left to right: segments over one another are read as one text."""
    cells = [cell for stack in _stacks(lines) for cell in _name_columns(stack)]
    return tuple(sorted(cells, key=lambda cell: (cell.span.x0, cell.span.y0)))


def _stacks(lines: Sequence[Line]) -> list[list[Span]]:
    """The segments of `lines` by what stands over one another."""
    stacks: list[list[Span]] = []
    for segment in (part for line in lines for whole in line.segments for part in _parts(whole)):
        under = [stack for stack in stacks if any(segment.h_overlap(s) > 0 for s in stack)]
        if len(under) == 1 and not any(s.v_overlap(segment) > 0.5 * segment.height for s in under[0]):
            under[0].append(segment)
        else:
            stacks.append([segment])
    return stacks


def _parts(segment: Span) -> Iterator[Span]:
    """`segment` parted where the blank is wider than between words: "VAT  Amount" may head two columns."""
    start = 0
    for i, (left, right) in enumerate(pairwise(segment.words), start=1):
        if (right.box.x0 - left.box.x1) * segment.page_width > CELL_GAP * segment.height:
            yield segment.part(start, i)
            start = i
    yield segment.part(start, len(segment.words))


def _name_columns(stack: Sequence[Span]) -> list[HeaderCell]:
    """The columns named by segments that stand over one another; of two in one place the first counts."""
    words = [word for span in stack for word in span.words]
    spelled = [(token, i) for i, word in enumerate(words) for token in tokens(word.text)]
    text = tuple(token for token, _ in spelled)
    cells: list[HeaderCell] = []
    start = 0
    while start < len(text):
        name, length = column_at(text, start)
        if name:
            first, last = spelled[start][1], spelled[start + length - 1][1]
            span = _span(words[first : last + 1], stack[0])
            over = [cell for cell in cells if cell.span.h_overlap(span) > 0 and cell.span.v_overlap(span) <= 0]
            if not over or (name == "description" and {cell.name for cell in over} <= {"sku", "position"}):
                cells.append(HeaderCell(name, span))
        start += length or 1
    return cells


def _span(words: Sequence, like: Span) -> Span:  # type: ignore[type-arg]
    return span_of(words, like.page, like.page_width, like.page_height, like.method)
