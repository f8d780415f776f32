"""Rows: each has one number in the column of totals; the text lines around it are shared out by their distances."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extraction.engine.layout import Span
from extraction.engine.table.numbers import PAGE_STEP, Number
from extraction.engine.table.texts import reading_order
from extraction.engine.textfold import tokens

CLEARER = 1.25  # a blank parts two rows when it is taller by this factor than the others between them
BAND_EM = 3.0  # a row's numbers stand no further from its total
MOST_LETTERS = 150  # text that runs on for longer is prose, whose first line names the thing
NEAR_EM = 0.9  # text further than this below a row, or above it, is not its
SAME_LINE = 0.5  # part of a line's height by which two texts of a line overlap
WRAP_EM = 0.9  # how far short of the column's right edge a word may be known not to have fitted
TIGHT_EM = 0.5  # text above a row's numbers is set this tight
FULL = 0.35  # a line that fills less of the room before the next column is not wrapped
FULL_ENOUGH = 0.2  # unless the next line goes on in lower case, or the column's right edge is well known
WALL_EM, WALL_LINES = 1.5, 3  # so many lines that end this near to the longest make it known
_LABEL = re.compile(r"^\S+( \S+)? ?:( |$)|^\W*\d")  # "Period: ...", "12 March": detail
_ARTICLE = re.compile(r"(?=\S*\d)(?=\S*-)[A-Z0-9]\S*[A-Z0-9]", re.ASCII)  # "DW-TEK3-10"
_DATE = re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")


@dataclass
class TextLine:
    """The text of one line of the description column."""

    pieces: list[Span]

    @property
    def top(self) -> float:
        return min(p.y0 for p in self.pieces) + self.pieces[0].page * PAGE_STEP

    @property
    def bottom(self) -> float:
        return max(p.y1 for p in self.pieces) + self.pieces[0].page * PAGE_STEP

    @property
    def x1(self) -> float:
        return max(p.x1 for p in self.pieces)

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)


@dataclass
class Row:
    """One line item: its total, its range on the common vertical axis, and its text lines above, beside, below."""

    anchor: Number
    top: float
    bottom: float
    band: tuple[float, float] = (0.0, 0.0)  # where its further numbers stand: half way to its neighbours
    above: list[TextLine] = field(default_factory=list)
    over: list[TextLine] = field(default_factory=list)  # near above it, and no row's yet
    beside: list[TextLine] = field(default_factory=list)
    below: list[TextLine] = field(default_factory=list)


@dataclass(frozen=True)
class Setting:
    """How the description column is set: from `x0` to at most `room`, where the next column begins; its longest
    lines end at `x1`, and whether there are enough of them to take that for its right edge (`wall`)."""

    x0: float
    x1: float
    room: float
    wall: bool
    em: float

    def wraps(self, upper: TextLine, lower: TextLine) -> bool:
        """Whether the first word of `lower` had no room at the end of `upper`."""
        if _LABEL.match(lower.text) or _DATE.search(lower.text):
            return False
        end = upper.x1 + lower.pieces[0].part(0, 1).width + 0.25 * self.em
        if end <= self.x1 - WRAP_EM * self.em:
            return False
        filled = (upper.x1 - self.x0) / max(self.room - self.x0, 1.0)
        return filled >= (FULL_ENOUGH if self.wall or lower.text[:1].islower() else FULL)


def setting_of(pieces: Sequence[Span], room: float, em: float) -> Setting:
    """The setting of the description column that holds `pieces`."""
    x0, x1 = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    long = sum(p.x1 > x1 - WALL_EM * em for p in pieces)
    return Setting(x0, x1, max(room, x1), long >= WALL_LINES, em)


def build_rows(anchors: Sequence[Number], pieces: Sequence[Span], em: float) -> list[Row]:
    """Rows around `anchors` with the description `pieces`."""
    rows = [Row(a, _top(a), _bottom(a)) for a in anchors]
    between: list[list[TextLine]] = [[] for _ in range(len(rows) + 1)]
    middles = [row.anchor.y for row in rows]
    for line in _text_lines(pieces):
        place = _place(line, rows, middles)
        if isinstance(place, Row):
            place.beside.append(line)
        else:
            between[place].append(line)
    cuts = [_cut(rows[i], rows[i + 1], between[i + 1], em) for i in range(len(rows) - 1)]
    if _named_above(rows, between):
        cuts, between[-1] = [0] * len(cuts), []
    for i, row in enumerate(rows):
        row.above = row.over = _near_above(between[i][cuts[i - 1] :] if i else between[0], row, em)
        row.below = _near_below(between[i + 1][: cuts[i]] if i < len(cuts) else between[i + 1], row, em)
    centred = _is_centred(rows)
    for row in rows:
        row.above = row.above if not row.beside or (centred and row.below) else []
    for row in rows:
        _stretch(row)
    _set_bands(rows, em)
    return rows


def give_beginnings(rows: Sequence[Row], setting: Setting) -> None:
    """Give each row the lines above its numbers that a line beside them goes on in small letters: there the amount
    stands on the last line of its text."""
    for i, row in enumerate(rows):
        if not row.beside or row.above:
            continue
        lines = rows[i - 1].below if i and rows[i - 1].below else row.over
        taken = _described(rows[i - 1], setting) if i else []
        following = row.beside[0]
        while lines and following.text[:1].islower() and lines[-1] not in taken and setting.wraps(lines[-1], following):
            following = lines.pop()
            row.above.insert(0, following)


def description_of(row: Row, setting: Setting) -> list[Span]:
    """The pieces that say what the row sells: its first text line and the lines that continue it.

    A line continues the one before it when its first word would not have fitted there; what else follows is detail.
    """
    return [piece for line in _described(row, setting) for piece in line.pieces]


def _described(row: Row, setting: Setting) -> list[TextLine]:
    kept: list[TextLine] = []
    for line in [*row.above, *row.beside, *row.below]:
        if kept and not _is_code(kept) and not setting.wraps(kept[-1], line):
            break
        kept.append(line)
    return kept[:1] if sum(len(line.text) for line in kept) > MOST_LETTERS else kept


def _top(anchor: Number) -> float:
    return anchor.span.page * PAGE_STEP + anchor.span.y0


def _bottom(anchor: Number) -> float:
    return anchor.span.page * PAGE_STEP + anchor.span.y1


def _text_lines(pieces: Sequence[Span]) -> list[TextLine]:
    lines: list[TextLine] = []
    for piece in reading_order(pieces):
        last = lines[-1] if lines else None
        if last and last.pieces[0].page == piece.page and _shares(last.pieces[-1], piece):
            last.pieces.append(piece)
            last.pieces.sort(key=lambda p: p.x0)
        else:
            lines.append(TextLine([piece]))
    return lines


def _shares(a: Span, b: Span) -> bool:
    return a.v_overlap(b) > SAME_LINE * min(a.height, b.height) and a.h_overlap(b) <= 0


def _place(line: TextLine, rows: Sequence[Row], middles: Sequence[float]) -> Row | int:
    """The row beside whose total `line` stands, or the number of rows above it."""
    middle = (line.top + line.bottom) / 2
    place = bisect(middles, middle)
    for row in rows[max(place - 1, 0) : place + 1]:
        if row.top <= middle <= row.bottom or line.top <= row.anchor.y <= line.bottom:
            return row
    return place


def _cut(upper: Row, lower: Row, lines: Sequence[TextLine], em: float) -> int:
    """How many of the `lines` between two rows belong to the upper one: those before the tallest blank."""
    edges = [
        (upper.top, _row_bottom(upper)),
        *((one.top, one.bottom) for one in lines),
        (_row_top(lower), lower.bottom),
    ]
    blanks = [max(b[0] - a[1], 0.0) + 0.1 * em for a, b in pairwise(edges)]
    tallest = max(blanks)
    others = [b for b in blanks if b < tallest] or [tallest]
    if tallest < CLEARER * max(others):
        return len(lines)
    return len(blanks) - 1 - blanks[::-1].index(tallest)


def _row_bottom(row: Row) -> float:
    return max([row.bottom, *(line.bottom for line in row.beside)])


def _row_top(row: Row) -> float:
    return min([row.top, *(line.top for line in row.beside)])


def _named_above(rows: Sequence[Row], between: Sequence[Sequence[TextLine]]) -> bool:
    """Whether each row's name stands above its numbers, as on slips of tills: no row has text beside, and somewhere
    between two rows stands no more than above the first (where numbers stand in the middle, there is always more)."""
    if not rows or any(row.beside for row in rows) or not all(between[:-1]):
        return False
    if len(rows) == 1:
        return not between[-1]
    return any(len(lines) <= len(between[0]) for lines in between[1:-1])


def _is_centred(rows: Sequence[Row]) -> bool:
    """Whether the numbers stand in the middle of their rows: rows with further text have it above as well."""
    above = sum(bool(row.above) for row in rows)
    return above > 0 and above >= sum(bool(row.below) for row in rows)


def _near_above(lines: Sequence[TextLine], row: Row, em: float) -> list[TextLine]:
    """The lines right above the numbers of a row."""
    kept: list[TextLine] = []
    edge = _row_top(row)
    for line in reversed(lines):
        if edge - line.bottom > TIGHT_EM * em:
            break
        kept.insert(0, line)
        edge = line.top
    return kept


def _near_below(lines: Sequence[TextLine], row: Row, em: float) -> list[TextLine]:
    kept: list[TextLine] = []
    edge = _row_bottom(row)
    for line in lines:
        if not -PAGE_STEP < line.top - edge <= NEAR_EM * em:
            break
        kept.append(line)
        edge = line.bottom
    return kept


def _set_bands(rows: Sequence[Row], em: float) -> None:
    """Give each row the room up to the middle between its numbers and its neighbours', and all of its text."""
    middles = [(row.anchor.y) for row in rows]
    for i, row in enumerate(rows):
        above = (middles[i] - middles[i - 1]) / 2 if i else BAND_EM * em
        below = (middles[i + 1] - middles[i]) / 2 if i + 1 < len(rows) else BAND_EM * em
        reach = min(above, BAND_EM * em), min(below, BAND_EM * em)
        row.band = min(row.top, middles[i] - reach[0]), max(row.bottom, middles[i] + reach[1])


def _stretch(row: Row) -> None:
    texts = row.above + row.beside + row.below
    row.top = min([row.top, *(line.top for line in texts)])
    row.bottom = max([row.bottom, *(line.bottom for line in texts)])


def _is_code(lines: Sequence[TextLine]) -> bool:
    """Whether `lines` are only an article number, so that the words must follow."""
    text = " ".join(piece.text for line in lines for piece in line.pieces)
    coded = all(any(c.isdigit() for c in word) for word in tokens(text))
    return coded or bool(_ARTICLE.fullmatch(text))
