"""A line that was read as one text, cut into words with their places: by the white between its letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from extraction.engine.read.drawing import Grey

_INK = 160  # grey below which a pixel is ink, on a flattened page
_EDGE = 6  # the share (one part in) of the line's height, above and below, in which neighbouring lines may reach
_FAINT_ROW = 0.06  # of the darkest row's ink: less is not yet a letter
_REACH = 1.5  # line heights around where a blank should fall, in which its gap is looked for
_COLUMN_GAP = 0.75  # of the line's height, from which a gap parts words that were read as one
_WORD_GAP = 0.25  # the same, where another kind of text begins
_WIDER = 2.2  # times the usual gap of the line, which the same must be
_WITH_FEET = frozenset("gjpqyQ,;()[]{}/|@$ç")
_WITH_HEADS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜÉÈÀÇŁŚŻ0123456789bdfhklt()[]{}/|@$€£&%!?'\"")
_BLANK_BEFORE_SIGN = re.compile(r" ([:;,.!?](?: |$))")
_CLASS_BONUS = 0.4  # line heights
_TURNS = [
    (re.compile(before), re.compile(after))
    for before, after in (
        (r"[^\W\d_]{3}[.:]?$", r"\d{3}"),
        (r"\d{3}$", r"[^\W\d_]{3}"),
        (r"[a-zäöüß]{3}$", r"[A-ZÄÖÜ][^\W\d_]"),
        (r"[^\W_]:$", r"[^\W_]"),
        (r"\d{4}$", r"\d{1,2}:\d\d"),
    )
]
_NARROW, _WIDE = frozenset("iljtfrI1.,:;'|!()[]/-"), frozenset("mwMW@%&")


@dataclass(frozen=True, slots=True)
class _Gap:
    start: int
    end: int

    @property
    def width(self) -> int:
        return self.end - self.start

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


def cut_line(text: str, picture: Grey) -> list[tuple[str, float, float]]:
    """The words of `text` with their left and right edges in pixels of `picture`, the line cut out of its page.

    A blank in the text is laid on the gap near where it would fall. A gap as wide as a blank, and wider than the line's
    other gaps, parts the text also where the reading has none.
    """
    text = _BLANK_BEFORE_SIGN.sub(r"\1", text)
    gaps, start, end = _gaps(picture)
    places = _places(text, gaps, start, end)
    height = picture.shape[0]
    cuts = _cuts_at_blanks(text, places, gaps, height)
    taken = {gap for _, gap in cuts}
    cuts += _cuts_without_blank(text, places, [gap for gap in gaps if gap not in taken], cuts, height)
    words, left, begin = [], float(start), 0
    for index, gap in sorted(cuts, key=lambda cut: cut[0]):
        words.append((text[begin:index].strip(), left, float(gap.start)))
        left, begin = float(gap.end), index
    words.append((text[begin:].strip(), left, float(end)))
    return [(word, x0, max(x0, x1)) for word, x0, x1 in words if word]


def ink_rows(picture: Grey) -> tuple[int, int]:
    """The first and the last row of the letters, past the white that a found line stands out by and the feet and
    heads of the lines beside it."""
    height = picture.shape[0]
    ink = (picture < _INK).sum(axis=1)
    rows = np.flatnonzero(ink >= _FAINT_ROW * (ink.max() if height else 0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) and ink.any() else (0, height)
    return min(top, height // _EDGE * 2), max(bottom, height - height // _EDGE * 2)


def text_rows(text: str, picture: Grey) -> tuple[int, int]:
    """The top and bottom of the line as a font sees it, from capitals' heads to the feet of "g", whichever of them the
    text has: lines of one size are of one height, be they all capitals or none."""
    top, bottom = ink_rows(picture)
    ink = bottom - top
    has_feet, has_heads = (not signs.isdisjoint(text) for signs in (_WITH_FEET, _WITH_HEADS))
    if not has_heads and not has_feet:
        return top - round(0.4 * ink), bottom + round(0.4 * ink)
    if not has_feet:
        return top, bottom + round(0.28 * ink)
    return (top, bottom) if has_heads else (top - round(0.28 * ink), bottom)


def _gaps(picture: Grey) -> tuple[list[_Gap], int, int]:
    """The runs of columns without ink between the first and the last ink, and those two."""
    edge = picture.shape[0] // _EDGE
    inked = np.flatnonzero((picture[edge : max(edge + 1, picture.shape[0] - edge)] < _INK).any(axis=0))
    if not len(inked):
        return [], 0, picture.shape[1]
    return [_Gap(int(a) + 1, int(b)) for a, b in pairwise(inked) if b - a > 1], int(inked[0]), int(inked[-1]) + 1


def _places(text: str, gaps: list[_Gap], start: int, end: int) -> list[float]:
    """Where each character of the text begins, and where the last one ends. Exact where every letter stands by itself,
    else by the letters' usual widths."""
    letters = [i for i, c in enumerate(text) if c != " "]
    if len(letters) == len(gaps) + 1:
        begins = [start, *(gap.end for gap in gaps)]
        ends = [*(gap.start for gap in gaps), end]
        exact = dict(zip(letters, zip(begins, ends, strict=True), strict=True))
        return [float(exact[i][0] if i in exact else exact[i - 1][1]) for i in range(len(text))] + [float(end)]
    total, advance = 0.0, [0.0]
    for c in text:
        total += 0.55 if c in _NARROW or c == " " else 1.5 if c in _WIDE else 1.0
        advance.append(total)
    return [start + (end - start) * a / (total or 1.0) for a in advance]


def _cuts_at_blanks(text: str, places: list[float], gaps: list[_Gap], height: int) -> list[tuple[int, _Gap]]:
    cuts: list[tuple[int, _Gap]] = []
    after = -1
    for index in (i for i, c in enumerate(text) if c == " "):
        expected = (places[index] + places[index + 1]) / 2
        near = [
            gap for gap in gaps if gap.start >= after and abs(gap.middle - expected) <= _REACH * height + gap.width / 2
        ]
        best = max(near, key=lambda gap: gap.width - 0.3 * abs(gap.middle - expected), default=None)
        best = best or _Gap(max(round(expected), after), max(round(expected), after))
        cuts.append((index, best))
        after = best.end
    return cuts


def _cuts_without_blank(
    text: str, places: list[float], gaps: list[_Gap], cuts: list[tuple[int, _Gap]], height: int
) -> list[tuple[int, _Gap]]:
    """Cuts at the gaps that no blank of the text explains: a column's, or where another kind of text begins."""
    usual = median(gap.width for gap in gaps) if gaps else 0
    found = []
    for gap in (gap for gap in gaps if gap.width >= max(_WORD_GAP * height, _WIDER * usual)):
        low = max((i for i, cut in cuts if cut.end <= gap.start), default=0)
        high = min((i for i, cut in cuts if cut.start >= gap.end), default=len(text))
        inside = [i for i in range(low + 1, high) if text[i] != " " and text[i - 1] != " "]
        if not inside:
            continue
        best = min(inside, key=lambda i: abs(places[i] - gap.middle) - _CLASS_BONUS * height * _turns(text, i))
        if gap.width >= _COLUMN_GAP * height or _turns(text, best):
            found.append((best, gap))
    return found


def _turns(text: str, index: int) -> bool:
    """Whether letters turn to digits or back, or small letters to capitals, with some of either kind."""
    return any(before.search(text[:index]) and after.match(text[index:]) for before, after in _TURNS)
