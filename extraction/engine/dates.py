"""Dates as printed, in every order and eight languages; day against month is decided once per document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale

from extraction.engine.textfold import fold, fold_chars, has_digit

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da", "cs")
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(\d{1,4})\s?(?P<sep>[./\-])\s?(\d{1,2})\s?(?P=sep)\s?(\d{4}|\d{1,2})"
    r"(?=[T ]?\d\d:\d|(?![\d/-]|[.,]\d))"  # a time may follow without a blank, as tills and OCR have it
)
_COMPACT = re.compile(r"(?<![\w.,/-])(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?![\w.,/-])")
_CJK = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")

_CJK_FORM = re.compile(r"(?<=日期)[:： ]{1,3}(\d{4})[ 年]+(\d{1,2})[ 月]+(\d{1,2})(?!\d)")  # 年月 lost


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text: character offsets and its value under the document's order."""

    start: int
    end: int
    value: date


@cache
def _months() -> dict[str, int]:
    """Folded month names and abbreviations of LANGUAGES (CLDR) to 1..12; a name that means two months is dropped."""
    names: dict[str, int] = {"sept": 9, "mrz": 3, "maerz": 3, "jänner": 1, "janner": 1, "feber": 2, "mrt": 3}
    clash: set[str] = set()
    for language in LANGUAGES:
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    key = fold(name).rstrip(".")
                    if len(key) >= 3 and not key.isdigit() and names.setdefault(key, number) != number:
                        clash.add(key)
    return {name: number for name, number in names.items() if name not in clash}


@cache
def _textual() -> tuple[re.Pattern[str], re.Pattern[str]]:
    month = "(" + "|".join(sorted(map(re.escape, _months()), key=len, reverse=True)) + r")\.?"
    year = r"(\d{4}|['’]?\d{2}(?!\d|,? \d{4}))"  # in "BT-03 May 17, 2024" 17 is the day
    day_first = (
        rf"(?<![\d.,])(\d{{1,2}})(?:st|nd|rd|th|er|º|°|\.)?[\s\-/]*(?:of |de |d')?{month}[,\s\-/]*(?:de |del )?{year}"
    )
    month_first = rf"\b{month}[\s\-]*(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+|-){year}"
    return re.compile(day_first), re.compile(month_first)


def decide_day_first(texts: Iterable[str], american: bool = False) -> bool:
    """Whether 03/04 is the third of April. Dates that can be read one way only decide; then the points of 03.04.
    and last `american` (dollars, US states or ZIP codes on the page)."""
    first = second = 0
    for text in texts:
        for a, sep, b, _ in _numeric_parts(text):
            if sep == "." or len(str(a)) == 4:
                continue
            first += a > 12 >= b
            second += b > 12 >= a
    if first != second:
        return first > second
    return not american


def _numeric_parts(text: str) -> Iterator[tuple[int, str, int, int]]:
    for match in _NUMERIC.finditer(text):
        yield int(match[1]), match["sep"], int(match[3]), int(match[4])


def find_dates(text: str, day_first: bool) -> Iterator[FoundDate]:
    """Every date in `text`, left to right by kind of notation; impossible ones are left out."""
    if not has_digit(text):
        return
    for match in _NUMERIC.finditer(text):
        value = _numeric(match, day_first)
        if value:
            yield FoundDate(*match.span(), value)
    for pattern in (_CJK, _CJK_FORM, _COMPACT):
        for match in pattern.finditer(text):
            value = _date(int(match[1]), int(match[2]), int(match[3]))
            if value:
                yield FoundDate(*match.span(), value)
    yield from _find_textual(text)


def _find_textual(text: str) -> Iterator[FoundDate]:
    folded = fold_chars(text)
    day_pattern, month_pattern = _textual()
    taken: list[tuple[int, int]] = []
    for pattern, day, month in ((day_pattern, 1, 2), (month_pattern, 2, 1)):
        for match in pattern.finditer(folded):
            start, end = match.span()
            value = _date(_year(match[3]), _months()[match[month]], int(match[day]))
            if value and not any(s < end and start < e for s, e in taken):
                taken.append((start, end))
                yield FoundDate(start, end, value)


def _numeric(match: re.Match[str], day_first: bool) -> date | None:
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        return _date(first, second, third) if len(match[4]) <= 2 else None
    if len(match[1]) == 3 or len(match[4]) == 1:
        return None
    year = _year(match[4])
    if match["sep"] == ".":
        return _date(year, second, first)
    dayfirst = day_first if first <= 12 and second <= 12 else first > 12
    return _date(year, second, first) if dayfirst else _date(year, first, second)


def _year(text: str) -> int:
    digits = text.strip("'’")
    number = int(digits)
    return number if len(digits) == 4 else 2000 + number if number < 80 else 1900 + number


def _date(year: int, month: int, day: int) -> date | None:
    if not 1970 <= year <= 2099:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
