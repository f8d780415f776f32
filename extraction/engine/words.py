"""The one word model: whatever a page came from, later stages see the same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Method = Literal["text", "ocr"]


class Box(NamedTuple):
    """A rectangle in fractions of its page: 0..1, origin top left. Pages have thousands: a tuple is made fastest."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds one or more `boxes`."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a blank; `page` counts from 1, `confidence` is 1.0 in a text layer. Words that OCR
    found as one piece of text share a `piece`, a number from 1 within the page (0: not told)."""

    text: str
    box: Box
    page: int
    confidence: float = 1.0
    piece: int = 0


Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Page:
    """One page as read: size in points (1/72 inch; for an image, pixels at its or an assumed resolution).

    The words' boxes stand on the page set upright, so that lines are level. Where that is not the page as people are
    shown it (a crooked scan, a sideways photo), `turn` maps the one to the other: (a, b, c, d, e, f) with
    x' = ax + by + c and y' = dx + ey + f, in fractions of each.

    What runs up or down beside level lines is a page of its own behind all others, `beside` the number of its page.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    method: Method
    turn: Affine | None = None
    beside: int | None = None

    def displayed(self, box: Box) -> Box:
        """The box on the page as people are shown it; what provenance carries."""
        if self.turn is None:
            return box
        a, b, c, d, e, f = self.turn
        corners = [(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
        xs = [min(1.0, max(0.0, a * x + b * y + c)) for x, y in corners]
        ys = [min(1.0, max(0.0, d * x + e * y + f)) for x, y in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))
