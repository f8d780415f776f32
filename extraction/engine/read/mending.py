"""Amounts that OCR tore apart at the decimal sign: "29." and "70" are one word again, as are "1699" and ".96"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extraction.engine.words import Word, around

_OPEN = re.compile(r".*\d[.,]")  # a word that ends in a decimal sign
_WHOLE = re.compile(r"\D*\d[\d.,]*\d|\D*\d")
_CENTS = re.compile(r"\d{2}\D{0,2}")
_POINT_CENTS = re.compile(r"[.,]\d{2}\D{0,2}")
MAX_GAP = 1.0  # in heights of the taller word: OCR of wide print leaves up to a letter's width


def mend_decimals(words: Sequence[Word], width: float, height: float) -> tuple[Word, ...]:
    """`words` in reading order with such halves joined; `width` and `height` are the page's, in any one unit."""
    mended: list[Word] = []
    for word in words:
        if mended and _belongs(mended[-1], word, width, height):
            left = mended.pop()
            confidence = min(left.confidence, word.confidence)
            word = Word(left.text + word.text, around([left.box, word.box]), word.page, confidence)
        mended.append(word)
    return tuple(mended)


def _belongs(left: Word, right: Word, width: float, height: float) -> bool:
    cents = _OPEN.fullmatch(left.text) and _CENTS.fullmatch(right.text)
    if not cents and not (_WHOLE.fullmatch(left.text) and _POINT_CENTS.fullmatch(right.text)):
        return False
    tall = max(left.box.height, right.box.height)
    overlap = min(left.box.y1, right.box.y1) - max(left.box.y0, right.box.y0)
    gap = (right.box.x0 - left.box.x1) * width
    return (
        overlap > 0.5 * min(left.box.height, right.box.height)
        and -0.5 * tall * height <= gap <= MAX_GAP * tall * height
    )
