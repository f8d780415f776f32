"""Chinese text has no blanks: words are cut where a label begins and ends, and labels spread over a cell are joined.

"名   称:某某公司" comes out as "名称:" and "某某公司", so that every later stage finds labels and values as in other
scripts. Pages without Chinese come out as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from extraction.engine import labels
from extraction.engine.textfold import HAN, is_chinese, tokens
from extraction.engine.words import Box, Page, Word, around

SAME_ROW = 0.4  # of the lower height, between the middles of two words of a row
SPREAD = 10.0  # heights that the characters of one label may stand apart
UPRIGHT = 1.5  # a word so many times higher than wide is written downwards
WIDE = 0x2E80  # the first of the characters that are twice as wide as Latin ones
SQUARE = 1.1  # widths of a character that it may be high
# Before a telephone or account number right behind an address or a bank, and behind the sign of a printed number
_CUT = re.compile(r"(?<=[\u4e00-\u9fff])(?=(?:\d{3,4}-)?\d{7,}$)|(?<=^No)(?=\d{6})")
_SECTIONS = ("fields", "other", "columns", "parties", "party_form", "identifiers")


def with_words(page: Page) -> Page:
    """The page with its Chinese text cut into labels and values; any other page itself."""
    if not is_chinese("".join(word.text for word in page.words)):
        return page
    upright = [word for word in page.words if is_upright(word, page)]
    level = [word for word in page.words if not is_upright(word, page)]
    cut = [_tight(word, page) for row in _rows(level) for run in _runs(row, page) for word in _cut_run(run)]
    return replace(page, words=(*cut, *upright))


def _tight(word: Word, page: Page) -> Word:
    """The word without the room that OCR leaves over and under it: Chinese characters are square."""
    if page.method != "ocr" or not HAN.search(word.text):
        return word
    square = word.box.width * page.width / sum(map(_width, word.text))
    height = min(word.box.height, SQUARE * square / page.height)
    return replace(word, box=word.box._replace(y0=word.box.cy - height / 2, y1=word.box.cy + height / 2))


def is_upright(word: Word, page: Page) -> bool:
    """Whether the word is written downwards: several Chinese characters in a box that is higher than wide."""
    return len(HAN.findall(word.text)) > 1 and word.box.height * page.height > UPRIGHT * word.box.width * page.width


def _rows(words: Sequence[Word]) -> list[list[Word]]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.box.cy, w.box.x0)):
        last = rows[-1][-1].box if rows else None
        if last and word.box.cy - last.cy < SAME_ROW * min(last.height, word.box.height):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda w: w.box.x0) for row in rows]


def _runs(row: Sequence[Word], page: Page) -> Iterator[list[Word]]:
    """The words of a row, parted where the blank is wider than any within a label."""
    run = [row[0]]
    for word in row[1:]:
        em = min(word.box.height, run[-1].box.height) * page.height
        if (word.box.x0 - run[-1].box.x1) * page.width > SPREAD * em:
            yield run
            run = []
        run.append(word)
    yield run


@cache
def _label_pattern() -> re.Pattern[str]:
    """A label as a whole: at a cut, a sign or a figure on either side, or before a colon. `\\0` stands at cuts."""
    entries = {e for section in _SECTIONS for group in labels.groups(section).values() for e in group if HAN.search(e)}
    bodies = {"[^\\w\\0]?\0?".join("\0?".join(token) for token in tokens(entry)) for entry in entries}
    joined = "|".join(sorted(bodies, key=lambda b: (-len(b.replace("\0?", "")), b)))
    return re.compile(rf"(?<!{HAN.pattern})[(（]?(?:{joined})[)）]?(?:\0?[:：]|(?!{HAN.pattern}))")


def _cut_run(run: Sequence[Word]) -> Iterator[Word]:
    """The words of a run cut anew: `\\0` parts the words as read."""
    text = "\0".join(_CUT.sub("\0", word.text) for word in run)
    chars = [box for word in run for box in _boxes(word)]
    return _words_at(text, [match.span() for match in _label_pattern().finditer(text)], chars)


def _words_at(text: str, found: Sequence[tuple[int, int]], chars: Sequence[tuple[Box, Word]]) -> Iterator[Word]:
    parts, end = [], 0
    for start, stop in found:
        parts += [*text[end:start].split("\0"), text[start:stop].replace("\0", "")]
        end = stop
    at = 0
    for part in [p for p in [*parts, *text[end:].split("\0")] if p]:
        here = chars[at : at + len(part)]
        at += len(part)
        box = around([box for box, _ in here])
        sure = min(word.confidence for _, word in here)
        yield Word(part, box, here[0][1].page, sure, here[0][1].piece)


def _width(character: str) -> float:
    return 1.0 if ord(character) >= WIDE else 0.5


def _boxes(word: Word) -> Iterator[tuple[Box, Word]]:
    """The box of each character."""
    step = word.box.width / sum(map(_width, word.text))
    x = word.box.x0
    for character in word.text:
        width = _width(character) * step
        yield Box(x, word.box.y0, x + width, word.box.y1), word
        x += width
