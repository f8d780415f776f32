"""The text layer of a PDF page: words with boxes in fractions of the page as displayed.

PDFium gives characters in the order of its own line building, with boxes in the page's user space. Here they are
turned by /Rotate, moved by the crop box, cleaned of what nobody sees, and joined into words by their geometry.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from extraction.engine.words import Box, Word

Array = np.ndarray[Any, Any]

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
# What stands before a character: nothing, a blank that PDFium made up, a blank of the page's own
_NO_BLANK, _MADE_UP, _PRINTED = range(3)
_BLANKS = {0x09, 0x0A, 0x0D, 0x200B}
# What PDFium puts for a hyphen at the end of a line, and hyphens that differ only in where a line may break
_HYPHENS = {0x02, 0xAD, 0xFFFE, 0x2010, 0x2011}


def _bound(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of PDFium that takes and gives plain numbers: called for every character of a page, it shall not make
    an object for each pointer, nor let go of the interpreter's lock for less time than that takes."""
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, ctypes.c_void_p, ctypes.c_int, *arguments)(address)


_unicode = _bound(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint)
_text_object = _bound(pdfium_c.FPDFText_GetTextObject, ctypes.c_void_p)
_loose_box = _bound(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p)


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


@dataclass(frozen=True, slots=True)
class _Chars:
    """The characters of a page in PDFium's order, a column each: arrays of one length, which numpy works through at
    once where a page has thousands."""

    text: Array  # empty for a code without a meaning outside its font
    box: Array  # (n, 4): left, top, right, bottom in points of the displayed page
    turned: Array  # quarter turns of the baseline as displayed, clockwise
    invisible: Array
    pale: Array
    blank: Array  # before it: one of _NO_BLANK, _MADE_UP, _PRINTED

    def __len__(self) -> int:
        return len(self.text)

    def where(self, chosen: Array) -> _Chars:
        """Those that a mask, or indices, or a slice choose."""
        columns = (self.text, self.box, self.turned, self.invisible, self.pale, self.blank)
        return _Chars(*(column[chosen] for column in columns))


def read_text_layer(page: pdfium.PdfPage, number: int) -> TextLayer:
    """The text layer of `page`, whose words carry the page number `number` (from 1).

    Dropped: characters outside the crop box and words painted in the colour of what lies behind them. Form fields
    count where the caller has flattened the page.
    """
    share, paths, covered = _survey(page)
    shown = _displayed(page)
    chars = _chars(page, shown, covered)
    has_text = chars.text != ""
    seen = chars.where(has_text & ~chars.invisible)
    across = int(np.count_nonzero(seen.turned % 2 == 0))
    ways = (1, 3) if across > _MOSTLY * len(seen) else ()
    beside = {way: _words(page, seen.where(seen.turned == way), number, shown) for way in ways}
    return TextLayer(
        words=_words(page, seen.where(~np.isin(seen.turned, ways)), number, shown),
        hidden=_words(None, chars.where(has_text & chars.invisible), number, shown),
        unreadable=int(np.count_nonzero(~has_text | (chars.text == "\ufffd"))),
        image_share=share,
        path_count=paths,
        beside={way: words for way, words in beside.items() if words},
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


def _chars(page: pdfium.PdfPage, shown: _Displayed, covered: set[int]) -> _Chars:
    """The characters that leave ink, in PDFium's order."""
    keeper = page.get_textpage()
    text_page = keeper.raw  # what `keeper` holds open; handed over thousands of times
    count = min(pdfium_c.FPDFText_CountChars(text_page), MAX_PAGE_CHARS)
    handle = ctypes.cast(text_page, ctypes.c_void_p).value
    rects = np.zeros((count, 4), np.float32)
    rect, step = rects.ctypes.data, rects.strides[0]
    kept: list[int] = []
    texts: list[str] = []
    blanks: list[int] = []
    runs: list[tuple[int, int, bool, bool]] = []  # of one text object: the first of `kept`, turns, invisible, pale
    last, blank = -1, _NO_BLANK
    for i in range(count):
        text = _TEXTS[_unicode(handle, i)]
        if not text or text.isspace():
            generated = bool(pdfium_c.FPDFText_IsGenerated(text_page, i))
            if text or generated:
                blank = max(blank, _MADE_UP if generated else _PRINTED)
                continue
        address = _text_object(handle, i) or 0
        if not address or address != last:  # one look per text object, not per character
            last = address
            runs.append((len(kept), *_look(text_page, i, address, covered)))
        if _loose_box(handle, i, rect + i * step):
            kept.append(i)
            texts.append(text)
            blanks.append(blank)
        blank = _NO_BLANK
    return _columns(shown, rects, kept, texts, blanks, runs)


def _look(text_page: Any, index: int, address: int, covered: set[int]) -> tuple[int, bool, bool]:
    """Of the text object to which a character belongs: the quarter turns of its baseline in user space, whether it is
    invisible, and whether it is pale."""
    quarters = round(pdfium_c.FPDFText_GetCharAngle(text_page, index) / (math.pi / 2))
    invisible = address in covered or (bool(address) and _is_invisible(text_page, index))
    return quarters, invisible, _is_pale(text_page, index)


def _columns(
    shown: _Displayed,
    rects: Array,
    kept: list[int],
    texts: list[str],
    blanks: list[int],
    runs: list[tuple[int, int, bool, bool]],
) -> _Chars:
    """The characters `kept` of a page whose middles lie on it."""
    starts = [start for start, *_ in runs]
    lengths = np.diff([*starts, len(kept)])
    looks = np.repeat(np.array([look for _, *look in runs], int).reshape(-1, 3), lengths, axis=0)
    size = (shown.width, shown.height)
    with np.errstate(invalid="ignore", over="ignore"):  # broken boxes are not inside, and dropped
        box = _displayed_boxes(rects[kept].astype(float), shown)
        middle = (box[:, :2] + box[:, 2:]) / 2
        inside = np.all((middle >= 0) & (middle <= size), axis=1)
    chars = _Chars(
        text=np.array(texts, object),
        box=np.hstack([np.maximum(0.0, box[:, :2]), np.minimum(size, box[:, 2:])]),
        turned=(looks[:, 0] + shown.quarters) % 4,
        invisible=looks[:, 1].astype(bool),
        pale=looks[:, 2].astype(bool),
        blank=np.array(blanks, int),
    )
    return chars.where(inside)


def _text(code: int) -> str:
    """The character, or nothing for a control code or one of a private use area."""
    if code in _HYPHENS:
        return "-"
    if code in _BLANKS:
        return " "
    private = 0xE000 <= code <= 0xF8FF or code >= 0xF0000
    return "" if code < 0x20 or 0x7F <= code < 0xA0 or private or 0xD800 <= code < 0xE000 else chr(code)


class _Texts(dict[int, str]):
    """The character of every code met so far."""

    def __missing__(self, code: int) -> str:
        self[code] = _text(code)
        return self[code]


_TEXTS = _Texts()


def _is_invisible(text_page: Any, index: int) -> bool:
    obj = pdfium_c.FPDFText_GetTextObject(text_page, index)
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


def _displayed_boxes(rects: Array, page: _Displayed) -> Array:
    """Boxes (n, 4) of characters in user space (left, top, right, bottom) as they are displayed, in points."""
    a, b, c, d, e, f = page.matrix
    left, top, right, bottom = rects.T
    xs = np.stack([a * left + b * bottom + c, a * right + b * top + c])
    ys = np.stack([d * left + e * bottom + f, d * right + e * top + f])
    return np.stack([xs.min(axis=0), ys.min(axis=0), xs.max(axis=0), ys.max(axis=0)], axis=1)


def _words(page: pdfium.PdfPage | None, chars: _Chars, number: int, shown: _Displayed) -> tuple[Word, ...]:
    """The words of neighbouring characters; without those that nobody sees on `page`, where one is given."""
    if not len(chars):
        return ()
    starts = _starts(chars)
    ends = np.append(starts[1:], len(chars))
    corners = np.minimum.reduceat(chars.box[:, :2], starts), np.maximum.reduceat(chars.box[:, 2:], starts)
    boxes = np.hstack(corners)
    boxes /= [shown.width or 1.0, shown.height or 1.0] * 2
    pale = np.logical_or.reduceat(chars.pale, starts)
    unseen = _unseen(page, chars, starts, ends, pale) if page is not None and pale.any() else frozenset()
    text = chars.text
    return tuple(
        Word("".join(text[start:end]), Box._make(box), number)
        for start, end, box in zip(starts.tolist(), ends.tolist(), boxes.tolist(), strict=True)
        if start not in unseen
    )


def _starts(chars: _Chars) -> Array:
    """The index of the first character of each word."""
    cuts = np.flatnonzero(np.append(True, ~_continues(chars)))
    lengths = np.diff(cuts, append=len(chars))
    if lengths.max() <= MAX_WORD_CHARS:
        return cuts
    pieces = (range(cut, cut + length, MAX_WORD_CHARS) for cut, length in zip(cuts, lengths, strict=True))
    return np.array([start for piece in pieces for start in piece])


def _continues(chars: _Chars) -> Array:
    """Of each character but the first, whether it belongs to the word of the one before it."""
    x0, y0, x1, y1 = chars.box.T
    turned, blank = chars.turned[1:], chars.blank[1:]
    gaps = [x0[1:] - x1[:-1], y0[1:] - y1[:-1], x0[:-1] - x1[1:], y0[:-1] - y1[1:]]  # by quarter turns
    along = np.choose(turned, gaps)
    sideways = turned % 2 == 1
    extent = np.where(sideways, _larger(x1 - x0), _larger(y1 - y0))
    apart = np.where(sideways, _step((x0 + x1) / 2), _step((y0 + y1) / 2))
    widest = np.where(blank == _NO_BLANK, _GAP_WITHOUT_BLANK, _GAP_AT_BLANK)
    near: Array = (apart <= _SAME_LINE * extent) & (_OVERLAP * extent <= along) & (along <= widest * extent)
    near &= (blank != _PRINTED) & (turned == chars.turned[:-1])
    return near


def _larger(values: Array) -> Array:
    """Of each neighbouring two."""
    return np.maximum(values[:-1], values[1:])


def _step(values: Array) -> Array:
    return np.abs(np.diff(values))


def _unseen(
    page: pdfium.PdfPage,
    chars: _Chars,
    starts: Array,
    ends: Array,
    pale: Array,
) -> frozenset[int]:
    """The starts of the words that are `pale` and do not stand out from what lies behind them. White letters on a dark
    table head stay; of the page only the band with pale letters is drawn, and small."""
    scale = _PROBE_PIXELS / max(*page.get_size(), 1.0)
    words = [slice(start, end) for start, end in zip(starts[pale].tolist(), ends[pale].tolist(), strict=True)]
    boxes = chars.box * scale
    tops = [math.floor(boxes[word, 1].min()) for word in words]
    bottoms = [math.ceil(boxes[word, 3].max()) + 1 for word in words]
    grey, top = _band(page, scale, min(tops), max(bottoms))
    boxes -= [0, top, 0, top]
    return frozenset(word.start for word in words if not any(_stands_out(box, grey) for box in boxes[word].tolist()))


def _band(page: pdfium.PdfPage, scale: float, top: int, bottom: int) -> tuple[Array, int]:
    """The rows of pixels from `top` to `bottom` of `page` drawn in grey, and which row is the first of them."""
    height = math.ceil(page.get_size()[1] * scale)
    top, bottom = max(0, min(top, height - 1)), min(bottom, height)
    above, below = ((rows - 0.5) / scale for rows in (top, height - bottom))  # PDFium's binding rounds up to pixels
    return page.render(scale=scale, grayscale=True, crop=(0, below, 0, above)).to_numpy(), top


def _stands_out(box: Sequence[float], grey: Array) -> bool:
    """Whether something is to be seen in a box, in pixels of the picture."""
    left, top, right, bottom = box
    patch = grey[math.floor(top) : math.ceil(bottom) + 1, math.floor(left) : math.ceil(right) + 1]
    return bool(patch.size) and int(patch.max()) - int(patch.min()) >= _CONTRAST
