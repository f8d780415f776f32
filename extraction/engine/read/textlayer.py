"""The text layer of a PDF page: words with boxes in fractions of the page as displayed.

PDFium gives characters in the order of its own line building, with boxes in the page's user space. Here they are
turned by /Rotate, moved by the crop box, cleaned of what nobody sees, and joined into words by their geometry.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extraction.engine.words import Box, Word, around

MAX_PAGE_CHARS = 200_000  # a page of newsprint has 20,000
MAX_WORD_CHARS = 256  # longer than any field; a longer run is cut
_MOSTLY = 0.7  # share of the characters that run across on a page where what runs up or down is a remark
_MAX_OBJECTS = 20_000  # page objects looked at for a scan under the text
_SCAN = 0.8  # share of the page under images from which it is a scan

# Gaps between neighbours, in heights of the character box (about 1.15 em). PDFium puts blanks between letters that
# are set wide apart, so its own blank must be a gap of some width; without one only a gap wider than any tracking
# parts two words.
_GAP_AT_BLANK = 0.08
_GAP_WITHOUT_BLANK = 0.45
_OVERLAP = -0.6  # a neighbour may reach back this far (kerning, accents set apart)
_SAME_LINE = 0.5  # how far apart the middles of neighbours may be

_PAPER = 240  # grey level from which a fill colour could be that of the paper
_CONTRAST = 24  # difference of grey levels from which the box of a word shows something
_PROBE_PIXELS = 1400  # longer side of the rendering in which pale words are looked for
_BLANKS = {0x09, 0x0A, 0x0D, 0x200B}
# What PDFium puts for a hyphen at the end of a line, and hyphens that differ only in where a line may break
_HYPHENS = {0x02, 0xAD, 0xFFFE, 0x2010, 0x2011}


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The words that a reader of the page sees; the `hidden` ones (invisible, or beneath an image that fills the
    page); how many characters have no readable code; the share of the page under images; the number of its paths; and
    the few words that run down (1) or up (3) `beside` the level ones, with their boxes as displayed."""

    words: tuple[Word, ...]
    hidden: tuple[Word, ...]
    unreadable: int
    image_share: float
    path_count: int
    beside: Mapping[int, tuple[Word, ...]] = field(default_factory=dict)

    @property
    def is_scan(self) -> bool:
        return self.image_share > _SCAN


@dataclass(frozen=True, slots=True)
class _Displayed:
    """The page as displayed: size in points, quarter turns of /Rotate, and (a, b, c, d, e, f) with x' = ax + by + c,
    y' = dx + ey + f from user space to points, origin top left."""

    width: float
    height: float
    quarters: int
    matrix: tuple[float, ...]


@dataclass(slots=True)
class _Char:
    text: str  # empty for a code without a meaning outside its font
    box: Box  # in points of the displayed page
    turned: int  # quarter turns of the baseline as displayed, clockwise
    invisible: bool
    pale: bool
    blank: bool | None  # before it: None for none, True for a printed one, False for one that PDFium made up


def read_text_layer(page: pdfium.PdfPage, number: int) -> TextLayer:
    """The text layer of `page`, whose words carry the page number `number` (from 1).

    Dropped: characters outside the crop box and words painted in the colour of what lies behind them. Form fields
    count where the caller has flattened the page.
    """
    share, paths, covered = _survey(page)
    shown = _displayed(page)
    chars = list(_chars(page, shown, covered))
    seen = [c for c in chars if c.text and not c.invisible]
    across = sum(c.turned % 2 == 0 for c in seen)
    ways = (1, 3) if across > _MOSTLY * len(seen) else ()
    level = _visible(page, list(_runs(c for c in seen if c.turned not in ways)))
    beside = {way: _visible(page, list(_runs(c for c in seen if c.turned == way))) for way in ways}
    hidden = _runs(c for c in chars if c.text and c.invisible)
    return TextLayer(
        words=tuple(_word(run, number, shown) for run in level),
        hidden=tuple(_word(run, number, shown) for run in hidden),
        unreadable=sum(not c.text or c.text == "\ufffd" for c in chars),
        image_share=share,
        path_count=paths,
        beside={way: words for way, runs in beside.items() if (words := tuple(_word(r, number, shown) for r in runs))},
    )


def _survey(page: pdfium.PdfPage) -> tuple[float, int, set[int]]:
    """Share of the page under images, number of paths, and the addresses of the text objects that lie beneath
    images filling the page."""
    width, height = page.get_size()
    share, paths = 0.0, 0
    texts: list[int] = []
    covered: set[int] = set()
    for count, obj in enumerate(page.get_objects(max_depth=4)):
        if count >= _MAX_OBJECTS:
            break
        if obj.type == pdfium_c.FPDF_PAGEOBJ_PATH:
            paths += 1
        elif obj.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts.append(_address(obj.raw))
        elif obj.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            this = _area(obj) / max(width * height, 1.0)
            share = min(1.0, share + this)  # scanners cut a page into strips
            if this > _SCAN:
                covered.update(texts)
    return share, paths, covered


def _area(image: pdfium.PdfObject) -> float:
    """In square points; forms around the image scale it."""
    try:
        x0, y0, x1, y1 = image.get_bounds()
        outer = image.container
        while outer is not None:
            x0, y0, x1, y1 = outer.get_matrix().on_rect(x0, y0, x1, y1)
            outer = outer.container
    except pdfium.PdfiumError:
        return 0.0
    return abs(float((x1 - x0) * (y1 - y0)))


def _address(pointer: Any) -> int:
    return ctypes.addressof(pointer.contents)


def _chars(page: pdfium.PdfPage, shown: _Displayed, covered: set[int]) -> Iterator[_Char]:
    """The characters that leave ink, in PDFium's order."""
    keeper = page.get_textpage()
    text_page = keeper.raw  # what `keeper` holds open; handed over thousands of times
    last, invisible, pale, quarters = None, False, False, 0
    blank: bool | None = None
    for i in range(min(pdfium_c.FPDFText_CountChars(text_page), MAX_PAGE_CHARS)):
        text = _text(pdfium_c.FPDFText_GetUnicode(text_page, i))
        if not text or text.isspace():
            generated = bool(pdfium_c.FPDFText_IsGenerated(text_page, i))
            if text or generated:
                blank = blank or not generated
                continue
        obj = pdfium_c.FPDFText_GetTextObject(text_page, i)
        address = _address(obj) if obj else None
        if address is None or address != last:  # one look per text object, not per character
            last, pale = address, _is_pale(text_page, i)
            quarters = round(pdfium_c.FPDFText_GetCharAngle(text_page, i) / (math.pi / 2))
            invisible = address in covered or (bool(obj) and _is_invisible(obj))
        box = _char_box(text_page, i, shown)
        if box is not None:
            yield _Char(text, box, (quarters + shown.quarters) % 4, invisible, pale, blank)
        blank = None


def _text(code: int) -> str:
    """The character, or nothing for a control code or one of a private use area."""
    if code in _HYPHENS:
        return "-"
    if code in _BLANKS:
        return " "
    private = 0xE000 <= code <= 0xF8FF or code >= 0xF0000
    return "" if code < 0x20 or 0x7F <= code < 0xA0 or private or 0xD800 <= code < 0xE000 else chr(code)


def _is_invisible(obj: object) -> bool:
    return bool(pdfium_c.FPDFTextObj_GetTextRenderMode(obj) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)


def _is_pale(text_page: Any, index: int) -> bool:
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    if not pdfium_c.FPDFText_GetFillColor(text_page, index, r, g, b, a):
        return False
    return a.value < 16 or min(r.value, g.value, b.value) >= _PAPER


def _displayed(page: pdfium.PdfPage) -> _Displayed:
    x0, y0, x1, y1 = page.get_bbox()
    rotation = page.get_rotation() % 360
    matrix = {
        0: (1, 0, -x0, 0, -1, y1),
        90: (0, 1, -y0, 1, 0, -x0),
        180: (-1, 0, x1, 0, 1, -y0),
        270: (0, -1, y1, -1, 0, x1),
    }[rotation]
    width, height = page.get_size()
    return _Displayed(width, height, rotation // 90, matrix)


def _char_box(text_page: Any, index: int, page: _Displayed) -> Box | None:
    """The box of a character (ascent to descent, advance width) in points; None outside the page."""
    rect = pdfium_c.FS_RECTF()
    if not pdfium_c.FPDFText_GetLooseCharBox(text_page, index, rect):
        return None
    a, b, c, d, e, f = page.matrix
    left, bottom, right, top = rect.left, rect.bottom, rect.right, rect.top
    x0, x1 = a * left + b * bottom + c, a * right + b * top + c
    y0, y1 = d * left + e * bottom + f, d * right + e * top + f
    if x0 > x1:
        x0, x1 = x1, x0
    if y0 > y1:
        y0, y1 = y1, y0
    inside = 0 <= (x0 + x1) / 2 <= page.width and 0 <= (y0 + y1) / 2 <= page.height  # false for NaN too
    return Box(max(0.0, x0), max(0.0, y0), min(page.width, x1), min(page.height, y1)) if inside else None


def _runs(chars: Iterable[_Char]) -> Iterator[list[_Char]]:
    """Characters of one word each."""
    run: list[_Char] = []
    for char in chars:
        if run and not (len(run) < MAX_WORD_CHARS and _continues(run[-1], char)):
            yield run
            run = []
        run.append(char)
    if run:
        yield run


def _continues(last: _Char, char: _Char) -> bool:
    """Whether `char` belongs to the word that `last` ends so far."""
    if char.blank or char.turned != last.turned:
        return False
    a, b = last.box, char.box
    along = {0: b.x0 - a.x1, 1: b.y0 - a.y1, 2: a.x0 - b.x1, 3: a.y0 - b.y1}[char.turned]
    sideways = char.turned % 2 == 1
    size = max(a.width, b.width) if sideways else max(a.height, b.height)
    apart = abs(a.cx - b.cx) if sideways else abs(a.cy - b.cy)
    widest = _GAP_WITHOUT_BLANK if char.blank is None else _GAP_AT_BLANK
    return apart <= _SAME_LINE * size and _OVERLAP * size <= along <= widest * size


def _word(run: list[_Char], number: int, page: _Displayed) -> Word:
    box = around([char.box for char in run])
    w, h = page.width or 1.0, page.height or 1.0
    return Word("".join(c.text for c in run), Box(box.x0 / w, box.y0 / h, box.x1 / w, box.y1 / h), number)


def _visible(page: pdfium.PdfPage, runs: list[list[_Char]]) -> Iterator[list[_Char]]:
    """The runs less those that are pale and do not stand out from what lies behind them. White letters on a dark
    table head stay; the page is drawn, small, only where there are pale letters at all."""
    if not any(char.pale for run in runs for char in run):
        yield from runs
        return
    scale = _PROBE_PIXELS / max(*page.get_size(), 1.0)
    grey = page.render(scale=scale, grayscale=True).to_numpy()
    for run in runs:
        if not any(char.pale for char in run) or any(_stands_out(char.box, grey, scale) for char in run):
            yield run


def _stands_out(box: Box, grey: np.ndarray[Any, Any], scale: float) -> bool:
    left, top = math.floor(box.x0 * scale), math.floor(box.y0 * scale)
    patch = grey[top : math.ceil(box.y1 * scale) + 1, left : math.ceil(box.x1 * scale) + 1]
    return bool(patch.size) and int(patch.max()) - int(patch.min()) >= _CONTRAST
