"""What stands in a table besides its columns of numbers: columns of text, and the words of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import mean

from extraction.engine.layout import Line, Span, span_of
from extraction.engine.table.columns import Column
from extraction.engine.table.header import HeaderCell
from extraction.engine.table.numbers import Heights, has_letters, height_of
from extraction.engine.words import Word

EDGE_EM = 0.3  # words that begin this near to a column's left edge begin its text
SAME_LINE_EM = 0.6  # texts whose middles are nearer than this stand on a line
SPLIT_GAP_EM = 0.15  # a blank that may part two columns
WORD_GAP = 0.65  # of the text height: a blank between words of one text
HELD = 0.3  # part of a text's width that must overlap its column
NOT_GOODS = {"sku", "position", "unit", "other", "tax_rate", "tax_amount", "discount_percent", "discount_amount"}


@dataclass
class TextColumn:
    """Pieces of text over one another, and the header cells above them."""

    x0: float
    x1: float
    pieces: list[Span] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    @cached_property
    def by_height(self) -> Heights[Span]:
        return Heights(self.pieces, height_of)

    def holds(self, piece: Span) -> bool:
        return min(piece.x1, self.x1) - max(piece.x0, self.x0) >= HELD * min(piece.width, self.x1 - self.x0)


def pieces_of(lines: Iterable[Line], columns: Sequence[Column]) -> list[Span]:
    """The text of `lines` apart from the numbers of `columns` and their units."""
    used = _used_words(columns)
    return [run for line in lines for run in _joined([r for segment in line.segments for r in _runs(segment, used)])]


def _joined(runs: Sequence[Span]) -> list[Span]:
    """`runs` of a line with those in one that only a colon parts ("Legal fees: review of lease")."""
    joined: list[Span] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and last.text.endswith(":") and 0 <= run.x0 - last.x1 <= WORD_GAP * run.height:
            words = [*last.words, *run.words]
            joined[-1] = span_of(words, run.page, run.page_width, run.page_height, run.method)
        else:
            joined.append(run)
    return joined


def split_at(pieces: Iterable[Span], edges: Sequence[float], em: float) -> list[Span]:
    """`pieces` parted where a word begins at one of the left `edges`."""
    return [part for piece in pieces for part in _split(piece, edges, em)]


def left_edges(pieces: Sequence[Span], cells: Sequence[HeaderCell], rows: int, em: float) -> list[float]:
    """Left edges at which columns of text begin: where `pieces` begin under a header cell, or in half of the rows."""
    starts = Counter(round(piece.x0 / (EDGE_EM * em)) for piece in pieces)
    heads = [cell.span.x0 for cell in cells]
    found: list[float] = []
    for x in sorted({piece.x0 for piece in pieces}):
        slot = round(x / (EDGE_EM * em))
        shared = starts[slot - 1] + starts[slot] + starts[slot + 1]
        headed = any(abs(x - head) <= EDGE_EM * em for head in heads)
        if (headed or shared >= max(2, rows / 2)) and not (found and x - found[-1] <= EDGE_EM * em):
            found.append(x)
    return found


def text_columns(pieces: Sequence[Span], cells: Sequence[HeaderCell]) -> list[TextColumn]:
    """Columns of text from left to right: pieces that overlap sideways, named by the headers above them."""
    columns: list[TextColumn] = []
    for piece in sorted(pieces, key=lambda p: p.x0):
        if columns and piece.x0 < columns[-1].x1:
            columns[-1].x1 = max(columns[-1].x1, piece.x1)
        else:
            columns.append(TextColumn(piece.x0, piece.x1))
        columns[-1].pieces.append(piece)
    for cell in cells:
        near = [c for c in columns if min(cell.span.x1, c.x1) > max(cell.span.x0, c.x0)]
        if near:
            max(near, key=lambda c: min(cell.span.x1, c.x1) - max(cell.span.x0, c.x0)).names.add(cell.name)
    return columns


def description_column(columns: Sequence[TextColumn]) -> TextColumn | None:
    """The column that says what is sold: named so, else unnamed; of several the one with the longest texts."""
    worded = [c for c in columns if any(has_letters(p.text) for p in c.pieces)]
    named = [c for c in worded if "description" in c.names]
    free = [c for c in worded if not c.names & NOT_GOODS]
    return max(named or free or worded, key=lambda c: (_length(c), -c.x0), default=None)


def _length(column: TextColumn) -> float:
    return mean(sum(ch.isalpha() for ch in p.text) for p in column.pieces)


def _used_words(columns: Sequence[Column]) -> set[int]:
    """Identities of the words that are numbers of `columns`, and of units and signs right beside them."""
    used: set[int] = set()
    for number in (n for column in columns for n in column.numbers):
        used.update(id(word) for word in number.span.words)
        if number.alone:
            used.update(id(word) for word in number.segment.words)
        elif number.unit and number.leads:
            behind = number.segment.words[len(number.span.words) :]
            used.update(id(word) for word in behind[:1] if word.text == number.unit)
    return used


def _runs(segment: Span, used: set[int]) -> Iterable[Span]:
    """The parts of `segment` between used words."""
    start: int | None = None
    words: tuple[Word, ...] = segment.words
    for i, word in enumerate(words):
        if id(word) in used:
            if start is not None:
                yield segment.part(start, i)
            start = None
        elif start is None:
            start = i
    if start is not None:
        yield segment.part(start, len(words))


def _split(run: Span, edges: Sequence[float], em: float) -> Iterable[Span]:
    """`run` in parts that begin at `edges`."""
    start = 0
    for i in range(1, len(run.words)):
        word, before = run.part(i, i + 1), run.part(i - 1, i)
        if word.x0 - before.x1 >= SPLIT_GAP_EM * em and any(abs(word.x0 - x) <= EDGE_EM * em for x in edges):
            yield run.part(start, i)
            start = i
    yield run.part(start, len(run.words))


def reading_order(pieces: Iterable[Span]) -> list[Span]:
    return sorted(pieces, key=lambda p: (round(height_of(p)), p.x0))


@dataclass(frozen=True)
class Texts:
    """The text of a table: the column that says what is sold with all its pieces, and the columns beside it."""

    goods: TextColumn | None
    goods_pieces: list[Span]
    side: list[TextColumn]
    right: float
    headed: bool  # whether a header names columns


def find_texts(pieces: Sequence[Span], anchors: Sequence[Span], cells: Sequence[HeaderCell], em: float) -> Texts:
    """The columns of text among `pieces`, seen on the lines of the `anchors`; on all lines where those say too little.

    Notes that run across the whole table would melt columns into one, so the lines of the totals come first.
    """
    lines = Heights(anchors, height_of)
    reach = SAME_LINE_EM * em
    beside = [p for p in pieces if lines.between(height_of(p) - reach, height_of(p) + reach)]
    edges = left_edges(beside, cells, len(anchors), em)
    parted = split_at(pieces, edges, em)
    columns = text_columns(split_at(beside, edges, em), cells)
    goods = description_column(columns)
    expected = any(cell.name == "description" for cell in cells)
    if goods is None or len(goods.pieces) * 2 < len(anchors) or (expected and "description" not in goods.names):
        columns = text_columns(parted, cells)
        goods = description_column(columns)
    inside = [p for p in parted if goods is not None and goods.holds(p)]
    if goods is not None and inside:
        goods.x0, goods.x1 = min(p.x0 for p in inside), max(p.x1 for p in inside)
    side = [c for c in columns if c is not goods]
    return Texts(goods, inside, side, max((p.x1 for p in pieces), default=0.0), bool(cells))
