"""Pages of words from a PDF or an image: per page, the text layer where it can be trusted, else OCR."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.engine.errors import NoTextFound, TimedOut
from extraction.engine.options import Options
from extraction.engine.read.drawing import Grey, read_frames, render_page
from extraction.engine.read.ocr import read_image
from extraction.engine.read.pdf import count_pages, load_page, open_pdf
from extraction.engine.read.prepare import is_blank
from extraction.engine.read.textlayer import TextLayer, read_text_layer
from extraction.engine.sniff import ImageKind, Kind
from extraction.engine.words import Affine, Box, Page, Word

_A4 = (595.0, 842.0)  # points; the size given to a page that cannot be opened
_FEW_WORDS = 12  # a page with fewer may be drawn rather than written
_PICTURE = 0.25  # share of the page under images from which so few words are not all there is
_OUTLINES = 150  # vector paths from which so few words mean letters turned into curves
_MAX_UNREADABLE = 0.1  # share of characters without a readable code
_MIN_ALNUM = 0.5  # letters and digits among the characters; a shifted font has signs instead
_MIN_VOWELS = 0.15  # among Latin letters; every language written in them has a third
_HIDDEN_CONFIDENCE = 0.8  # of somebody else's OCR beneath a scan


def read_pages(kind: Kind, data: bytes, options: Options) -> tuple[Page, ...]:
    """The pages of a PDF or image with their words, and behind them what runs up or down beside their lines (see
    `Page.beside`); a page that cannot be read has none.

    A scan is read from its picture, as people see it. Hidden words beneath it (somebody's earlier OCR, or whatever
    a sender wants machines to read) are taken only where OCR finds nothing, as method "ocr" and at most at 0.8.

    Raises NoTextFound where no page has a word, or TimedOut where one of them took too long to draw; DamagedFile,
    EncryptedFile, TooManyPages, TooManyPixels.
    """
    if kind == "xml":
        raise NoTextFound
    late: list[int] = []
    pages = tuple(_capped(_pdf(data, options, late) if kind == "pdf" else _image(kind, data, options), options))
    if not any(page.words for page in pages):
        raise TimedOut if late else NoTextFound
    return pages


def is_usable(layer: TextLayer) -> bool:
    """Whether the text layer says what the page shows: enough words, in codes that mean letters."""
    if layer.unreadable > _MAX_UNREADABLE * (layer.unreadable + sum(len(w.text) for w in layer.words)):
        return False
    if len(layer.words) < _FEW_WORDS:
        return bool(layer.words) and layer.image_share < _PICTURE and layer.path_count < _OUTLINES
    return _is_language("".join(word.text for word in layer.words))


def _is_language(text: str) -> bool:
    if sum(c.isalnum() for c in text) < _MIN_ALNUM * len(text):
        return False
    latin = [c for c in text.casefold() if "a" <= c <= "z"]
    return len(latin) < 100 or sum(c in "aeiouy" for c in latin) >= _MIN_VOWELS * len(latin)


def _pdf(data: bytes, options: Options, late: list[int]) -> Iterator[Page]:
    """The pages; `late` gets the numbers of those that took too long to draw."""
    document = open_pdf(data, options.limits)
    beside: list[Page] = []
    count = count_pages(document, data, options.limits)
    for index in range(count):
        number = index + 1
        page = load_page(document, index)
        if page is None:
            yield Page(number, *_A4, (), "text")
            continue
        width, height = page.get_size()
        layer = read_text_layer(page, number)
        if is_usable(layer):
            yield Page(number, width, height, layer.words, "text")
            for way, words in layer.beside.items():
                beside.append(_turned(words, way, count + len(beside) + 1, (width, height)))
            continue
        picture = None
        try:
            picture = render_page(data, page, number, options.limits)
        except TimedOut:
            late.append(number)
        yield _ocr_page(picture, number, (width, height), options, layer)
    yield from beside


def _turned(words: Sequence[Word], way: int, number: int, size: tuple[float, float]) -> Page:
    """What runs down (1) or up (3) the margin of a page of `size`, set upright as the page `number`."""
    turn: Affine = (0, -1, 1, 1, 0, 0) if way == 1 else (0, 1, 0, -1, 0, 1)
    level = tuple(replace(word, box=_upright(word.box, way), page=number) for word in words)
    return Page(number, size[1], size[0], level, "text", turn, beside=words[0].page)


def _upright(box: Box, way: int) -> Box:
    if way == 1:
        return Box(box.y0, 1 - box.x1, box.y1, 1 - box.x0)
    return Box(1 - box.y1, box.x0, 1 - box.y0, box.x1)


def _image(kind: ImageKind, data: bytes, options: Options) -> Iterator[Page]:
    for index, (picture, dpi) in enumerate(read_frames(kind, data, options.limits)):
        height, width = picture.shape
        yield _ocr_page(picture, index + 1, (width * 72 / dpi, height * 72 / dpi), options)


def _ocr_page(
    picture: Grey | None, number: int, size: tuple[float, float], options: Options, layer: TextLayer | None = None
) -> Page:
    """The page read from its picture; what its text layer says, if it speaks a language, where OCR finds nothing."""
    if picture is not None and not is_blank(picture):
        reading = read_image(picture, number, options)
        if reading.words:
            return Page(number, *reading.page_size(size), reading.words, "ocr", reading.turn)
    spare = (layer.words or layer.hidden) if layer else ()
    if not _is_language("".join(word.text for word in spare)):
        spare = ()
    return Page(number, *size, tuple(_doubted(word) for word in spare), "ocr")


def _doubted(word: Word) -> Word:
    return Word(word.text, word.box, word.page, _HIDDEN_CONFIDENCE)


def _capped(pages: Iterator[Page], options: Options) -> Iterator[Page]:
    """At most `max_words` words over all pages: what comes after is nobody's invoice."""
    left = options.limits.max_words
    for page in pages:
        words = page.words[:left]
        left -= len(words)
        yield replace(page, words=words)
