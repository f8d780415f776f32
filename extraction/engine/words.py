"""The one word model: whatever a page came from, later stages see the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["text", "ocr"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of its page: 0..1, origin top left."""

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

    def union(self, other: Box) -> Box:
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a blank; `page` counts from 1, `confidence` is 1.0 in a text layer."""

    text: str
    box: Box
    page: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page as read: size in points (1/72 inch; for an image, pixels at its or an assumed resolution)."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    method: Method
