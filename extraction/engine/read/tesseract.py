"""Words from the picture of a page, by Tesseract: the reader where PP-OCR is not wanted or not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytesseract
from PIL import Image

from extraction.engine.options import Options
from extraction.engine.read.drawing import Grey
from extraction.engine.read.language import guess_language
from extraction.engine.read.mending import mend_decimals
from extraction.engine.tools import tesseract_languages
from extraction.engine.words import Box, Word

_CONFIG = "--oem 1 --psm {mode} --dpi 300 -c tessedit_do_invert=0"
# Tesseract's page segmentation modes. As one block it misses the fewest amounts of receipts, as an automatic layout
# the fewest words of invoices; either alone misses what the other finds.
_BLOCK, _LAYOUT = 6, 3
_FILL_CONFIDENCE = 0.5  # of a word that fills a gap of the better reading
_SAME_PLACE = 0.2  # share of the smaller box from which two boxes hold the same word
_FIRST_LANGUAGE = "eng"  # reads digits, signs and the letters of the others well enough to tell them apart
_CONFIDENT = 0.6
_LEAST_LETTERS = 3  # of a word that says something about the page
_FEW_CONFIDENT = 12  # fewer such words, or a smaller share of them, and the page may lie on its side or its head
_SMALL_SHARE = 0.4
_JUNK = 0.25  # below this a word is noise more often than text
_FAILURES = (pytesseract.TesseractError, RuntimeError, OSError)  # a RuntimeError is pytesseract's time-out


def recognise(page: Grey, number: int, options: Options) -> tuple[Word, ...]:
    """The words of a flattened, level grey page. Read in English first; again where it turns out to be in another of
    the languages of `options` that are installed, as reading in all of them at once costs many times more and finds
    no more. No words where Tesseract is absent, fails, or takes longer than `options.limits.ocr_timeout_s`.
    """
    languages = [name for name in options.languages if name in tesseract_languages()]
    if not languages:
        return ()
    language = first = _FIRST_LANGUAGE if _FIRST_LANGUAGE in languages else languages[0]
    timeout_s = options.limits.ocr_timeout_s
    words = _run(page, number, first, _BLOCK, timeout_s)
    guessed = guess_language((word.text for word in words), first, languages)
    if guessed != first:
        language = f"{guessed}+{first}"
        words = _run(page, number, language, _BLOCK, timeout_s) or words
    return combine(words, _run(page, number, language, _LAYOUT, timeout_s)) if words else ()


def quarters_to_upright(page: Grey, words: Sequence[Word], options: Options) -> int:
    """Quarter turns, clockwise, that set the page upright; 0 where its words are believed, or Tesseract cannot tell."""
    if not _is_doubtful(words):
        return 0
    try:
        found = pytesseract.image_to_osd(
            _picture(page),
            config="--dpi 300",
            output_type=pytesseract.Output.DICT,
            timeout=options.limits.ocr_timeout_s,
        )
    except _FAILURES:
        return 0
    return int(found["rotate"]) // 90 % 4


def combine(one: Sequence[Word], other: Sequence[Word]) -> tuple[Word, ...]:
    """The reading with more confidence in all, and from the other what stands where it has nothing."""
    better, worse = sorted((one, other), key=_confidence, reverse=True)
    if not better or not worse:
        return tuple(better)
    taken = _edges(better)
    areas = (taken[:, 2] - taken[:, 0]) * (taken[:, 3] - taken[:, 1])
    gaps = []
    for word, edges in zip(worse, _edges(worse), strict=True):
        common = np.minimum(taken[:, 2:], edges[2:]) - np.maximum(taken[:, :2], edges[:2])
        overlap = np.prod(np.maximum(common, 0.0), axis=1)
        free = np.all(overlap <= _SAME_PLACE * np.minimum(areas, word.box.width * word.box.height))
        if free and word.confidence >= _FILL_CONFIDENCE:
            gaps.append(word)
    return (*better, *gaps)


def _confidence(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words)


def _edges(words: Sequence[Word]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([(w.box.x0, w.box.y0, w.box.x1, w.box.y1) for w in words])


def _run(page: Grey, number: int, languages: str, mode: int, timeout_s: int) -> tuple[Word, ...]:
    """The words in the order of Tesseract's lines; none where it failed or took too long."""
    picture = _picture(page)
    try:
        table = pytesseract.image_to_data(
            picture,
            lang=languages,
            config=_CONFIG.format(mode=mode),
            output_type=pytesseract.Output.DICT,
            timeout=timeout_s,
        )
    except _FAILURES:
        return ()
    return mend_decimals(_words(table, number, picture.size), *picture.size)


def _picture(page: Grey) -> Image.Image:
    picture = Image.fromarray(page)
    picture.format = "BMP"  # handed over uncompressed: compressing costs more than a tenth of a page's reading
    return picture


def _is_doubtful(words: Sequence[Word]) -> bool:
    confident = sum(w.confidence >= _CONFIDENT and sum(map(str.isalnum, w.text)) >= _LEAST_LETTERS for w in words)
    return confident < max(_FEW_CONFIDENT, _SMALL_SHARE * len(words))


def _words(table: dict[str, list[Any]], number: int, size: tuple[int, int]) -> tuple[Word, ...]:
    width, height = size
    words = []
    for i, text in enumerate(table["text"]):
        confidence = float(table["conf"][i]) / 100
        text = text.strip()
        if not text or _is_junk(text, confidence):
            continue
        x, y, w, h = (table[key][i] for key in ("left", "top", "width", "height"))
        box = Box(x / width, y / height, (x + w) / width, (y + h) / height)
        words.append(Word(text, box, number, round(min(1.0, max(0.0, confidence)), 4)))
    return tuple(words)


def _is_junk(text: str, confidence: float) -> bool:
    """Specks and rules read as signs, and letters that Tesseract itself does not believe."""
    return confidence < _JUNK or (not any(map(str.isalnum, text)) and confidence < _CONFIDENT)
