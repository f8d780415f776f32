"""Pages drawn with a typewriter: each character takes 6 x 12 points, so that a test shows what it lays out."""

from __future__ import annotations

import re

from extraction.engine.words import Box, Page, Word

COLUMN, ROW, GLYPH = 6.0, 14.0, 10.0
WIDTH, HEIGHT = 612.0, 792.0


def typed_page(text: str, number: int = 1, method: str = "text") -> Page:
    """The page that shows `text`, blank lines and columns kept, starting 20 points from the top left corner."""
    words = []
    for row, line in enumerate(text.strip("\n").split("\n")):
        for match in re.finditer(r"\S+", line):
            x0, y0 = 20 + match.start() * COLUMN, 20 + row * ROW
            box = Box(x0 / WIDTH, y0 / HEIGHT, (x0 + len(match[0]) * COLUMN) / WIDTH, (y0 + GLYPH) / HEIGHT)
            words.append(Word(match[0], box, number))
    return Page(number, WIDTH, HEIGHT, tuple(words), method)  # type: ignore[arg-type]
