"""Words from the picture of a page, by PP-OCRv6, which reads lines: far fewer mistakes than Tesseract's on receipts,
photos and bad scans, at less cost. The lines are cut into words in `cutting`."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal

import cv2
import numpy as np

from extraction.engine.read.cutting import cut_line, text_rows
from extraction.engine.read.drawing import Grey
from extraction.engine.words import Box, Word

Size = Literal["tiny", "small"]

_DETECTION_SIDE = 1600  # longer side in pixels at which lines are looked for; they are read at full size
_LEAST_CONFIDENCE = 0.5  # a line below is a logo, a stamp or noise
_TALL = 1.3  # height over width of a line on its side
_BELIEVED = 0.8  # lines read the right way round are above, others nearly all below
_DOUBTFUL = 0.97  # a line below is read once more, by the larger model
_SURE = 0.9  # of the second reading of what the first took for noise
_SHEET_GAP = 24  # pixels around each line on the sheet on which doubtful ones are put under each other
_SHEET_LINES = 60
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Line:
    """A line as found: its text, how sure the model is of it (0..1), and its pixels from the page's top left."""

    text: str
    confidence: float
    x0: int
    y0: int
    x1: int
    y1: int

    def crop(self, page: Grey) -> Grey:
        return page[self.y0 : self.y1, self.x0 : self.x1]

    @property
    def is_tall(self) -> bool:
        return self.y1 - self.y0 > _TALL * (self.x1 - self.x0)


def is_available() -> bool:
    """Whether its package is installed here."""
    return find_spec("faster_paddle") is not None


def find_lines(page: Grey) -> list[Line]:
    """The lines of a flattened, level grey page, as the small fast model reads them."""
    return _lines(page, "tiny")


def quarters_to_upright(lines: Sequence[Line]) -> int:
    """Quarter turns, clockwise, that would set the page upright: lines on their side are tall, and lines on their head
    are read without conviction. A tall line is read as if it rose."""
    telling = [line for line in lines if len(line.text) > 1]
    if not telling:
        return 0
    believed = sum(line.confidence > _BELIEVED for line in telling) > len(telling) / 2
    if sum(line.is_tall for line in telling) > len(telling) / 2:
        return 3 if believed else 1
    return 0 if believed else 2


def sureness(lines: Sequence[Line]) -> float:
    """How much is read and how surely, to compare two readings of one page."""
    return sum(line.confidence * len(line.text) for line in lines)


def words_of(lines: Sequence[Line], page: Grey, number: int) -> tuple[Word, ...]:
    """The words of the lines, after a second look at those that are in doubt."""
    looked = _second_look(lines, page)
    believed = [line for line in looked if line.confidence >= _LEAST_CONFIDENCE]
    return tuple(word for piece, line in enumerate(believed, 1) for word in _words(line, page, number, piece))


def _lines(page: Grey, size: Size) -> list[Line]:
    _, data = cv2.imencode(".bmp", page)
    height, width = page.shape
    found = []
    for line in _engine(size).ocr(data.tobytes())["bounds"].values():
        text = " ".join(unicodedata.normalize("NFKC", line["text"]).split())
        (x0, y0), (x1, y1) = line["topLeftCoord"], line["bottomRightCoord"]
        x0, y0, x1, y1 = max(0, int(x0)), max(0, int(y0)), min(width, int(x1)), min(height, int(y1))
        if text and x0 < x1 and y0 < y1:
            found.append(Line(text, float(line["confidence"]), x0, y0, x1, y1))
    return found


@lru_cache(maxsize=1)
def _engine(size: Size) -> Any:
    """Loaded late, and in the process that reads: its threads do not outlive a fork. One at a time: each keeps up to
    300 MiB of what it once computed with, and is loaded again in 0.1 s."""
    import faster_paddle

    return faster_paddle.OcrEngine(model_size=size, threads=1, det_max_side=_DETECTION_SIDE)


def _second_look(lines: Sequence[Line], page: Grey) -> list[Line]:
    """The lines, the doubtful ones as the larger model reads them where it is surer. It costs four times as much, so
    it gets them cut out, on sheets of their own."""
    doubtful = [line for line in lines if line.confidence < _DOUBTFUL]
    better: dict[Line, Line] = {}
    for start in range(0, len(doubtful), _SHEET_LINES):  # a large sheet takes memory that is not given back
        sheet = doubtful[start : start + _SHEET_LINES]
        better |= zip(sheet, _reread(sheet, page), strict=True)
    return [_better(line, better.get(line, line)) for line in lines]


def _better(first: Line, second: Line) -> Line:
    """The surer; where the first reading was noise, the second must be sure."""
    if first.confidence < _LEAST_CONFIDENCE and second.confidence < _SURE:
        return first
    return max(first, second, key=lambda line: line.confidence)


def _reread(lines: Sequence[Line], page: Grey) -> list[Line]:
    sheet, places = _sheet([line.crop(page) for line in lines])
    again = _lines(sheet, "small")
    found = []
    for line, (top, bottom) in zip(lines, places, strict=True):
        parts = sorted((a for a in again if top <= (a.y0 + a.y1) / 2 < bottom), key=lambda a: a.x0)
        if not parts:
            found.append(line)
            continue
        confidence = min(part.confidence for part in parts)
        found.append(replace(line, text=" ".join(part.text for part in parts), confidence=confidence))
    return found


def _sheet(crops: Sequence[Grey]) -> tuple[Grey, list[tuple[int, int]]]:
    """The crops under each other on white, and the top and bottom of the band of each."""
    width = max(crop.shape[1] for crop in crops) + 2 * _SHEET_GAP
    height = sum(crop.shape[0] + _SHEET_GAP for crop in crops) + _SHEET_GAP
    sheet = np.full((height, width), _WHITE, dtype=np.uint8)
    places, y = [], _SHEET_GAP
    for crop in crops:
        sheet[y : y + crop.shape[0], _SHEET_GAP : _SHEET_GAP + crop.shape[1]] = crop
        places.append((y - _SHEET_GAP // 2, y + crop.shape[0] + _SHEET_GAP // 2))
        y += crop.shape[0] + _SHEET_GAP
    return sheet, places


def _words(line: Line, page: Grey, number: int, piece: int) -> list[Word]:
    height, width = page.shape
    picture = line.crop(page)
    over, under = text_rows(line.text, picture)
    top, bottom = max(0.0, (line.y0 + over) / height), min(1.0, (line.y0 + under) / height)
    confidence = round(min(1.0, line.confidence), 4)
    return [
        Word(text, Box((line.x0 + left) / width, top, (line.x0 + right) / width, bottom), number, confidence, piece)
        for text, left, right in cut_line(line.text, picture)
    ]
