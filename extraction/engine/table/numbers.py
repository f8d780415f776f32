"""The numbers of a table region as pieces with their own extents, apart from the words around them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any, Generic, TypeVar, cast

from extraction.engine.amounts import Amount, NumberStyle, find_amounts, words_between
from extraction.engine.currencies import currency_of
from extraction.engine.layout import Line, Span
from extraction.engine.table.vocabulary import is_unit
from extraction.engine.textfold import has_digit

CLEARLY = 0.1  # of the text height: a difference between blanks that tells
GROUP_GAP = 0.4  # of the text height: a wider blank does not group thousands
SAME_BLANK = 1.1  # of the blank between words
PAGE_STEP = 100_000.0  # points between the tops of two pages on the common vertical axis
# "50.00/hr"; rules of a table that OCR read as signs; a tax code that touches its amount ("2.52T")
_PER = re.compile(r"(?<=[\d€$£])/(?=[^\W\d])|[|\[\]{}]|(?<=\d[.,]\d\d)[A-Z*](?=\s|$)")
_GLUE = {"x", "×", "*", "@", "=", "-", "–", "+", "/", "|", "", "à", "a", ":", ".", "≈"}
T = TypeVar("T")
_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+")
_COUNT_AND_CODE = re.compile(r"\d+[.,]\d{2,3} [A-Z]{2,4}")
_TAX_CODE = re.compile(r"[A-Z*#]{1,2}|\d")
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Number:
    """A number of a line: `span` holds its own words only. `alone` tells that nothing but numbers, units and
    currencies stands in its segment; `unit` is the word behind it ("5 kg")."""

    amount: Amount
    span: Span
    segment: Span
    alone: bool
    unit: str | None = None
    end: float = 0.0  # right edge with the unit
    below: float = 0.0  # how far under the line of its row it stands, where two cells of a row stand in one column

    @property
    def value(self) -> Decimal:
        return self.amount.value

    @property
    def y(self) -> float:
        return height_of(self.span) - self.below

    @property
    def leads(self) -> bool:
        """Whether it stands first in its segment."""
        return self.span.words[0] is self.segment.words[0]

    @property
    def trails(self) -> bool:
        """Whether it stands last in its segment, a tax code behind money aside ("0,99 B", "12.00 SR")."""
        last = self.segment.words[-1]
        if self.span.words[-1] is last:
            return True
        before_last = len(self.segment.words) > 1 and self.span.words[-1] is self.segment.words[-2]
        return before_last and self.amount.looks_like_money and bool(_TAX_CODE.fullmatch(last.text))


def height_of(span: Span) -> float:
    """The middle of `span` on the vertical axis common to all pages."""
    return span.page * PAGE_STEP + span.cy


class NumberReader:
    """Reads the numbers of lines under the document's number style, each line once."""

    def __init__(self, style: NumberStyle) -> None:
        self._style = style
        self._known: dict[tuple[int, int], tuple[Number, ...]] = {}
        self._answers: dict[tuple[object, int, int], Any] = {}

    def read(self, line: Line) -> tuple[Number, ...]:
        """The numbers of `line` that stand alone or at either end of their segment."""
        key = (line.span.page, line.index)
        if key not in self._known:
            blank = _blank_of(line)
            self._known[key] = tuple(n for segment in line.segments for n in _of_segment(segment, self._style, blank))
        return self._known[key]

    def once(self, ask: Callable[[Line, NumberReader], T], line: Line) -> T:
        """What `ask` answers about `line`, asked but once: many rows look at the same lines around them."""
        key = (ask, line.span.page, line.index)
        if key not in self._answers:
            self._answers[key] = ask(line, self)
        return cast(T, self._answers[key])

    def read_all(self, lines: Iterable[Line]) -> list[Number]:
        return [number for line in lines for number in self.read(line)]


class Heights(Generic[T]):
    """Items by their height on the axis common to all pages, to be asked for those in a range."""

    def __init__(self, items: Iterable[T], height: Callable[[T], float]) -> None:
        self.items = sorted(items, key=height)
        self._heights = [height(item) for item in self.items]

    def between(self, top: float, bottom: float) -> list[T]:
        return self.items[bisect_left(self._heights, top) : bisect_right(self._heights, bottom)]


def _blank_of(line: Line) -> float:
    """The usual blank between words of letters on `line`, in points; 0 where none stand together."""
    pairs = ((a, b) for s in line.segments for a, b in pairwise(s.words) if has_letters(a.text) and has_letters(b.text))
    blanks = [(b.box.x0 - a.box.x1) * line.span.page_width for a, b in pairs]
    return median(blanks) if blanks else 0.0


def _of_segment(segment: Span, style: NumberStyle, blank: float) -> Iterator[Number]:
    if not has_digit(segment.text):
        return
    runs = [(run, text := _plain(run.text, style), list(find_amounts(text, style))) for run in _runs(segment, blank)]
    others = [word for _, text, amounts in runs for word in _other_words(text, amounts)]
    last = segment.words[-1].text
    alone = not others or (others == [last] and bool(_TAX_CODE.fullmatch(last) or _is_unit_code(segment)))
    for run, text, amounts in runs:
        for amount in amounts:
            unit = _unit_behind(text, amount)
            span = words_between(run, amount.start, amount.end)
            number = Number(amount, span, segment, alone, unit, _end(span, segment, unit))
            if alone or number.leads or number.trails:
                yield number


def _is_unit_code(segment: Span) -> bool:
    """Whether a count with decimals and a short code in capitals are all: "12,00 ROL", whatever unit that is."""
    return bool(_COUNT_AND_CODE.fullmatch(segment.text))


def _plain(text: str, style: NumberStyle) -> str:
    """The text without "per"; a count that blanks group ("5 000") without its blanks, where points group nothing."""
    if style.decimal == "," and _GROUPED.fullmatch(text):
        return text.replace(" ", "")
    return _PER.sub(" ", text)


def _runs(segment: Span, blank: float) -> Iterator[Span]:
    """`segment` parted between digits that stand too far apart for one number ("2 938.43" may be two columns), and
    before a currency that belongs to the number after it ("120 GBP 11.96"); wide type has a wide `blank`."""
    widest = max(GROUP_GAP, SAME_BLANK * blank / max(segment.height, 0.1))
    start = 0
    gaps = [(b.box.x0 - a.box.x1) * segment.page_width / max(segment.height, 0.1) for a, b in pairwise(segment.words)]
    for i, (left, right) in enumerate(pairwise(segment.words), start=1):
        wide = right.text[:1].isdigit() and gaps[i - 1] > widest
        if left.text[-1:].isdigit() and (wide or (currency_of(right.text) and _leans_right(gaps, i))):
            yield segment.part(start, i)
            start = i
    yield segment.part(start, len(segment.words))


def _leans_right(gaps: Sequence[float], i: int) -> bool:
    """Whether word i stands nearer to the word after it than to the one before it."""
    return i < len(gaps) and gaps[i - 1] > gaps[i] + CLEARLY


def _other_words(text: str, amounts: Sequence[Amount]) -> list[str]:
    """The words of `text` that are neither numbers nor what belongs to numbers."""
    rest, end = [], 0
    for amount in amounts:
        rest.append(text[end : amount.start])
        end = amount.end
    rest.append(text[end:])
    words = (word.strip("()[]{}|") for word in " ".join(rest).split())
    return [w for w in words if w.casefold() not in _GLUE and not currency_of(w) and not is_unit(w)]


def _unit_behind(text: str, amount: Amount) -> str | None:
    """The unit that follows the number: "5 kg", "3 Stk.", "12m²"."""
    word = text[amount.end :].strip().split(" ")[0]
    return word if word.casefold() not in _GLUE and is_unit(word) and not currency_of(word) else None


def _end(span: Span, segment: Span, unit: str | None) -> float:
    behind = next((w for w in segment.words if w.box.x0 >= span.words[-1].box.x1), None) if unit else None
    return behind.box.x1 * span.page_width if behind else span.x1


def text_of(span: Span) -> str:
    """The text of `span` without the blanks and signs at its ends that only separate cells."""
    return span.text.strip(" |·•-–:;")


def has_words(text: str) -> bool:
    """Whether `text` says more than numbers, signs between them, units, currencies and tax codes."""
    words = (word.strip("()[]{}|:.,") for word in text.split())
    return any(
        len(_LETTERS.findall(w)) > 1 and not (_TAX_CODE.fullmatch(w) or currency_of(w) or is_unit(w)) for w in words
    )


def has_letters(text: str) -> bool:
    return bool(_LETTERS.search(text))
