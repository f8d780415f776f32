"""Words to lines, segments and blocks: pure geometry, in points, the same for text layers and OCR.

A *segment* is a run of words on one line without a wide gap: a label, a value, a table cell. A *block* is a stack of
segments that a reader sees as one paragraph: an address, a column of labels. `Layout` holds both for all pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from statistics import median

from extraction.engine.words import Box, Method, Page, Word, around

GAP_EM = 1.0  # a blank wider than this many text heights ends a segment; word blanks are 0.2 to 0.4
COLUMN_GAP_EM = 0.5  # a gap wider than this, and than COLUMN_BLANKS usual blanks, may part two narrow columns
COLUMN_BLANKS = 1.6
COLUMN_LINES = 4  # so many lines above and below are looked at for a column
COLUMN_SLACK_EM = 0.12  # so exactly its edge has to be met
SAME_PITCH = 0.03  # so alike are the widths of signs in words of one typewriter
TYPED_BLANK = 0.08  # so alike is its blank
PIECE_GAP_EM = 2.2  # within what OCR found as one piece, as the blanks of a till's fixed pitch are wide
COLON_GAP_EM = 0.35  # after a colon a smaller blank is enough: "Date:   1 May"
LINE_OVERLAP = 0.5  # two words share a line when this part of the lower one's height overlaps
ALIKE = 1.6  # ratio of heights up to which words are of one size
MAX_SHIFT = 0.6  # of the lower height, between the middles of a line's words
MAX_FOOT_SHIFT = 0.3  # or between their feet: a large figure beside a small label
BLOCK_GAP_EM = 1.1  # a vertical blank larger than this ends a block
ALIGN_EM = 0.6  # edges closer than this are aligned


@dataclass(frozen=True)
class Span:
    """Neighbouring words of one line with their common box, in points of their page (origin top left)."""

    words: tuple[Word, ...]
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    page_width: float
    page_height: float
    method: Method
    text: str  # the words, a blank between each two

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def box(self) -> Box:
        """The box in fractions of the page, as provenance gives it."""
        w, h = self.page_width, self.page_height
        return Box(self.x0 / w, self.y0 / h, self.x1 / w, self.y1 / h)

    @property
    def confidence(self) -> float:
        return min((word.confidence for word in self.words), default=0.0)

    def part(self, start: int, end: int) -> Span:
        """The span of words[start:end]; itself where that is all of it."""
        if start == 0 and end >= len(self.words):
            return self
        return span_of(self.words[start:end], self.page, self.page_width, self.page_height, self.method)

    def misalignment(self, other: Span) -> float:
        """How far the left edges, the right edges or the middles are apart, whichever is least, in points."""
        return min(abs(self.x0 - other.x0), abs(self.x1 - other.x1), abs(self.cx - other.cx))

    def h_overlap(self, other: Span) -> float:
        """Horizontal overlap in points; negative is the gap between them."""
        return min(self.x1, other.x1) - max(self.x0, other.x0)

    def v_overlap(self, other: Span) -> float:
        return min(self.y1, other.y1) - max(self.y0, other.y0)


@dataclass(frozen=True)
class Line:
    """All words of one line of a page, and the segments they fall into, left to right."""

    index: int
    span: Span
    segments: tuple[Span, ...]

    @property
    def text(self) -> str:
        return self.span.text


@dataclass(frozen=True)
class Block:
    """Stacked segments that belong together, top to bottom."""

    segments: tuple[Span, ...]

    @property
    def page(self) -> int:
        return self.segments[0].page

    @cached_property
    def x0(self) -> float:
        return min(s.x0 for s in self.segments)

    @cached_property
    def x1(self) -> float:
        return max(s.x1 for s in self.segments)

    @cached_property
    def y0(self) -> float:
        return min(s.y0 for s in self.segments)

    @cached_property
    def y1(self) -> float:
        return max(s.y1 for s in self.segments)

    @cached_property
    def text(self) -> str:
        return "\n".join(s.text for s in self.segments)


@dataclass(frozen=True)
class PageLayout:
    """One page: its lines top to bottom, its blocks, and `em`, the median text height in points. What runs up or down
    `beside` the lines of a page is one of its own (see `words.Page`)."""

    number: int
    width: float
    height: float
    em: float
    method: Method
    lines: tuple[Line, ...]
    blocks: tuple[Block, ...] = field(default=())
    beside: int | None = None

    @property
    def segments(self) -> Iterable[Span]:
        return (segment for line in self.lines for segment in line.segments)


@dataclass(frozen=True)
class Layout:
    """The document: its pages in order."""

    pages: tuple[PageLayout, ...]

    @property
    def lines(self) -> Iterable[Line]:
        return (line for page in self.pages for line in page.lines)

    @property
    def segments(self) -> Iterable[Span]:
        return (segment for page in self.pages for segment in page.segments)

    @property
    def blocks(self) -> Iterable[Block]:
        return (block for page in self.pages for block in page.blocks)

    def page(self, number: int) -> PageLayout:
        return next(page for page in self.pages if page.number == number)

    @cached_property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def build(pages: Sequence[Page]) -> Layout:
    """The layout of `pages`; words keep their identity, so that provenance can be traced to them."""
    return Layout(tuple(_page_layout(page) for page in pages))


def span_of(words: Sequence[Word], page: int, width: float, height: float, method: Method) -> Span:
    """The span of one or more `words` of one page whose size in points is `width` x `height`."""
    x0, y0, x1, y1 = words[0].box if len(words) == 1 else around([word.box for word in words])
    text = " ".join([word.text for word in words])
    return Span(tuple(words), page, x0 * width, y0 * height, x1 * width, y1 * height, width, height, method, text)


def _page_layout(page: Page) -> PageLayout:
    em = median([w.box.height * page.height for w in page.words] or [10.0]) or 10.0
    grouped = _group_lines(page.words)
    lines = []
    for index, (words, cuts) in enumerate(zip(grouped, _cuts(grouped, page, em), strict=True)):
        span = span_of(words, page.number, page.width, page.height, page.method)
        segments = tuple(span.part(i, j) for i, j in pairwise([0, *cuts, len(words)]))
        lines.append(Line(index, span, segments))
    blocks = tuple(_blocks([s for line in lines for s in line.segments], em))
    return PageLayout(page.number, page.width, page.height, em, page.method, tuple(lines), blocks, page.beside)


def _group_lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words by line, top to bottom, each left to right. A word joins the line that it overlaps most vertically."""
    lines: list[list[Word]] = []
    bands: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: (w.box.cy, w.box.x0)):
        best, best_overlap = -1, 0.0
        for i in range(len(lines) - 1, max(len(lines) - 7, -1), -1):
            if bands[i][1] <= word.box.y0:
                continue
            share = _shared_height(bands[i], word.box)
            if share > max(LINE_OVERLAP, best_overlap) and not _collides(lines[i], word):
                best, best_overlap = i, share
        if best < 0:
            lines.append([word])
            bands.append((word.box.y0, word.box.y1))
        else:
            lines[best].append(word)
            size = len(lines[best])
            top, bottom = bands[best]  # a running mean keeps a tall word from swallowing the next line
            bands[best] = (top + (word.box.y0 - top) / size, bottom + (word.box.y1 - bottom) / size)
    ordered = sorted(range(len(lines)), key=lambda i: bands[i])
    return [sorted(lines[i], key=lambda w: (w.box.x0, w.box.x1)) for i in ordered]


def _shared_height(band: tuple[float, float], box: Box) -> float:
    """The part of the lower one's height that band and word share; 0 where a tall word only reaches into a line that is
    neither at its middle nor at its foot."""
    top, bottom = band
    low = max(min(bottom - top, box.height), 1e-6)
    is_alike = max(bottom - top, box.height) <= ALIKE * low
    is_centred = abs((top + bottom) / 2 - box.cy) <= MAX_SHIFT * low
    if not (is_alike or is_centred or abs(bottom - box.y1) <= MAX_FOOT_SHIFT * low):
        return 0.0
    return (min(bottom, box.y1) - max(top, box.y0)) / low


def _collides(line: Sequence[Word], word: Word) -> bool:
    """Whether `word` would lie over a word of `line`: then it is another line, however close."""
    for other in line:
        overlap = min(other.box.x1, word.box.x1) - max(other.box.x0, word.box.x0)
        if overlap > 0.5 * min(other.box.width, word.box.width):
            return True
    return False


def _cuts(lines: Sequence[Sequence[Word]], page: Page, em: float) -> list[list[int]]:
    """For each line the words, by index, that begin a segment; the first word apart.

    A wide gap parts segments; so does one a little wider than a blank, where a column of the lines around begins or
    ends: narrow tables set their cells that close.
    """
    gaps = [[_gap(left, right, page, em) for left, right in pairwise(words)] for words in lines]
    wide = [[i for i, (gap, limit) in enumerate(found, start=1) if gap > limit] for found in gaps]
    if not page.words or page.method == "ocr":
        return wide
    blanks = [gap for found in gaps for gap, limit in found if 0 < gap <= limit]
    least = max(COLUMN_GAP_EM, COLUMN_BLANKS * median(blanks)) if blanks else GAP_EM
    cuts = []
    for index, (words, found) in enumerate(zip(lines, gaps, strict=True)):
        narrow = [i for i, (gap, limit) in enumerate(found, start=1) if least <= gap <= limit]
        if narrow:
            near = [n for n in range(max(0, index - COLUMN_LINES), index + COLUMN_LINES + 1) if n != index]
            edges = [_edges(lines[n], wide[n]) for n in near if n < len(lines)]
            tolerance = COLUMN_SLACK_EM * em / page.width
            pairs = [(i, words[i - 1], words[i]) for i in narrow]
            narrow = [i for i, a, b in pairs if not _are_typed(a, b) and _on_edge(a, b, edges, tolerance)]
        cuts.append(sorted({*wide[index], *narrow}))
    return cuts


def _gap(left: Word, right: Word, page: Page, em: float) -> tuple[float, float]:
    """Between two words, in text heights; and how wide it may be within a segment."""
    height = max(min(left.box.height, right.box.height) * page.height, 0.6 * em)
    limit = COLON_GAP_EM if left.text.endswith(":") else GAP_EM
    if left.piece and left.piece == right.piece:
        limit = PIECE_GAP_EM
    return (right.box.x0 - left.box.x1) * page.width / height, limit


def _edges(words: Sequence[Word], cuts: Sequence[int]) -> tuple[list[float], list[float]]:
    """Where the segments of a line, parted by wide gaps, begin and end."""
    return [words[i].box.x0 for i in (0, *cuts)], [words[i - 1].box.x1 for i in (*cuts, len(words))]


def _are_typed(left: Word, right: Word) -> bool:
    """Whether two words and the blank between them are of one type in which every sign has one width."""
    pitch, other = left.box.width / len(left.text), right.box.width / len(right.text)
    blank = right.box.x0 - left.box.x1
    return abs(pitch - other) <= SAME_PITCH * pitch and abs(blank - pitch) <= TYPED_BLANK * pitch


def _on_edge(left: Word, right: Word, edges: Sequence[tuple[list[float], list[float]]], tolerance: float) -> bool:
    begins = any(abs(right.box.x0 - x) <= tolerance for starts, _ in edges for x in starts)
    return begins or any(abs(left.box.x1 - x) <= tolerance for _, ends in edges for x in ends)


def _blocks(segments: Sequence[Span], em: float) -> Iterable[Block]:
    """Stacks of aligned segments: each takes the nearest one above that is close, aligned and of similar size."""
    stacks: list[list[Span]] = []
    for segment in segments:
        best, best_gap = None, float("inf")
        for stack in stacks:
            last = stack[-1]
            gap = segment.y0 - last.y1
            if -0.5 * em <= gap < best_gap and _stacks(last, segment, em):
                best, best_gap = stack, gap
        if best is None:
            stacks.append([segment])
        else:
            best.append(segment)
    return (Block(tuple(stack)) for stack in stacks)


def _stacks(above: Span, below: Span, em: float) -> bool:
    size = max(min(above.height, below.height), 0.6 * em)
    if below.y0 - above.y1 > BLOCK_GAP_EM * size or below.cy <= above.cy:
        return False
    if max(above.height, below.height) > 1.7 * size:
        return False
    return above.misalignment(below) <= ALIGN_EM * size and above.h_overlap(below) > 0
