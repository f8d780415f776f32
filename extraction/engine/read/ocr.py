"""Words from the picture of a page, by Tesseract."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pytesseract
from PIL import Image

from extraction.engine.options import Options
from extraction.engine.read.pdf import Grey
from extraction.engine.read.prepare import prepare
from extraction.engine.tools import tesseract_languages
from extraction.engine.words import Affine, Box, Word

_CONFIG = "--oem 1 --psm {psm} --dpi 300 -c tessedit_do_invert=0"
_PSM = 6
_FEW_WORDS = 12  # fewer confident ones, and the page may lie on its side
_CONFIDENT = 0.6
_JUNK = 0.25  # below this a word is noise more often than text


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
    """OCR of a grey page, in the languages of `options` that are installed. No words where Tesseract is absent,
    fails or takes longer than `options.limits.ocr_timeout_s`."""
    languages = [name for name in options.languages if name in tesseract_languages()]
    if not languages:
        return Reading((), None)
    return _read(page, number, "+".join(languages), 0, options.limits.ocr_timeout_s)


def _read(page: Grey, number: int, languages: str, quarters: int, timeout_s: int, psm: int = _PSM) -> Reading:
    prepared = prepare(page, quarters)
    picture = Image.fromarray(prepared.image)
    picture.format = "BMP"  # written uncompressed: PNG would cost more than a tenth of the page
    try:
        table = pytesseract.image_to_data(
            picture,
            lang=languages,
            config=_CONFIG.format(psm=psm),
            output_type=pytesseract.Output.DICT,
            timeout=timeout_s,
        )
    except (pytesseract.TesseractError, RuntimeError, OSError):
        return Reading((), None)
    return Reading(_words(table, number, picture.size), prepared.turn)


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
    return confidence < _JUNK or (not any(c.isalnum() for c in text) and confidence < _CONFIDENT)
