"""Words from the picture of a page: set upright and made fit, then read by the reader that the options name."""

from __future__ import annotations

import math
from dataclasses import dataclass

from extraction.engine.options import Options
from extraction.engine.read import paddle, tesseract
from extraction.engine.read.drawing import Grey
from extraction.engine.read.prepare import Prepared, prepare
from extraction.engine.words import Affine, Word


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a page set upright, and the map from there to the page that came in (None: the same)."""

    words: tuple[Word, ...]
    turn: Affine | None

    def page_size(self, displayed: tuple[float, float]) -> tuple[float, float]:
        """The size of the upright page, from that of the page as displayed."""
        if self.turn is None:
            return displayed
        (a, b, _, d, e, _), (width, height) = self.turn, displayed
        return math.hypot(a * width, d * height), math.hypot(b * width, e * height)


def read_image(page: Grey, number: int, options: Options) -> Reading:
    """OCR of a grey page. PP-OCR reads where it is wanted and there; Tesseract reads otherwise, and where PP-OCR finds
    nothing. No words where neither finds any."""
    prepared = prepare(page)
    if options.reader == "paddle" and paddle.is_available():
        reading = _by_paddle(page, prepared, number)
        if reading.words:
            return reading
    return _by_tesseract(page, prepared, number, options)


def _by_paddle(page: Grey, prepared: Prepared, number: int) -> Reading:
    lines = paddle.find_lines(prepared.image)
    if quarters := paddle.quarters_to_upright(lines):
        turned = prepare(page, quarters)
        upright = paddle.find_lines(turned.image)
        if paddle.sureness(upright) >= paddle.sureness(lines):
            prepared, lines = turned, upright
    return Reading(paddle.words_of(lines, prepared.image, number), prepared.turn)


def _by_tesseract(page: Grey, prepared: Prepared, number: int, options: Options) -> Reading:
    words = tesseract.recognise(prepared.image, number, options)
    if quarters := tesseract.quarters_to_upright(prepared.image, words, options):
        prepared = prepare(page, quarters)
        words = tesseract.recognise(prepared.image, number, options)
    return Reading(words, prepared.turn)
