"""Typed candidates: every value of a kind that the page shows, generously; choosing comes later."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import pairwise
from statistics import median
from typing import Literal

from extraction.engine.amounts import Amount, NumberStyle, find_amounts, words_between
from extraction.engine.dates import find_dates
from extraction.engine.labels import phrases
from extraction.engine.layout import Layout, PageLayout, Span, span_of
from extraction.engine.money import exponent
from extraction.engine.result import Provenance, Value
from extraction.engine.textfold import fold, has_digit

LEAST_BLANK, WIDE_BLANK = 0.4, 1.5  # of the text's height, of the usual blank: wider parts two columns

CENTS_RARE = 3  # numbers with thousands set off for each with two decimals, where money has no cents
SOME_GROUPED = 3
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+")

Kind = Literal["date", "amount", "rate", "id", "tax_id", "iban", "bic", "email", "phone", "domain"]

_ID = re.compile(r"(?<![\w@])(?=[\w/.\\\-]*\d)[A-Za-z0-9](?:[\w]|[/.\-–_\\](?=\w))*", re.UNICODE)
_RANGE = re.compile(r"\s*(?:-|–|—|to|bis(?: zum)?|until|through|au|tot|al|do|até|hasta)\s*", re.IGNORECASE)
_NOT_ID = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|\d+[.,]\d\d|\d{1,2}:\d\d(:\d\d)?|.*@.*|(www\.|https?).*"
)
_FIGURES = re.compile(r"\d{1,3}(?:\.\d{3})*")
# Numbers printed in two parts: the year first ("2023 0815") or last ("815 / 2023"). A year behind a month is a date's.
# Or behind a letter and two figures of the year: "F 24 018827".
_IN_PARTS = re.compile(
    r"(?<![\w./,-])(?<!\d )(?:20[0-4]\d \d{3,6}|\d{2,6} / 20[0-4]\d|[A-Z]{1,2} \d\d \d{4,7})(?![\w./,-]|(?: \d))"
)
_DAY_LAST = re.compile(r"\d{1,2}\.? [^\W\d]{3,}\.?$|[^\W\d]{3,}\.? \d{1,2},$")  # "19 May", "May 19,"
_YEAR_FIRST = re.compile(r"20\d\d(?![\w.,/-]*\d)")
_ID_HEAD = re.compile(r"(?:^|\s)(?=\S*\d)[A-Za-z0-9][\w/.-]*[/-]$")
_ID_TAIL = re.compile(r"[A-Za-z0-9]*\d[\w/.-]*(?!\S)")
_NUMBER_DATE = re.compile(r"\d{1,2}/\d{2}/20\d\d")  # the seventh invoice of May, in Poland
# And in groups of figures up to the end of a cell, as telephone companies have them: "78 4410 0021 3388"
_IN_GROUPS = re.compile(r"(?<![\w./,-])(?<!\d )\d{1,4}(?: \d{3,5}){2,}$")
_ID_PREFIX = re.compile(r"[A-Z]{1,4}(?:/\d\d)?")  # "RE 1234", "A/24 00731"


@dataclass(frozen=True)
class Candidate:
    """A value of `kind`, the segment it stands in with its character offsets there, and the words it was read from.

    For an amount `amount` tells what was printed around it, and `is_whole` that it is a whole number where money has
    no cents; `in_range` marks a date that is one end of a period.
    """

    kind: Kind
    value: Value
    span: Span
    segment: Span | None = None
    start: int = 0
    end: int = 0
    amount: Amount | None = None
    in_range: bool = False
    is_whole: bool = False

    @property
    def is_money(self) -> bool:
        """Whether it is printed with a currency or cents."""
        return self.amount is not None and self.amount.looks_like_money

    @property
    def may_be_money(self) -> bool:
        """Whether it is, or no money of the document has cents."""
        return self.is_money or self.is_whole

    def provenance(self, label: str | None = None) -> Provenance:
        return Provenance(self.span.method, self.span.text, self.span.page, self.span.box, label)


def find_date_candidates(layout: Layout, day_first: bool) -> tuple[Candidate, ...]:
    """Every date, with the two ends of a period marked."""
    found: list[Candidate] = []
    for segment in layout.segments:
        dates = sorted(find_dates(segment.text, day_first), key=lambda d: d.start)
        ends = {
            d for pair in pairwise(dates) if _RANGE.fullmatch(segment.text[pair[0].end : pair[1].start]) for d in pair
        }
        for d in dates:
            span = words_between(segment, d.start, d.end)
            found.append(Candidate("date", d.value, span, segment, d.start, d.end, in_range=d in ends))
    return (*found, *(candidate for page in layout.pages for candidate in _broken_dates(page, day_first)))


def _broken_dates(page: PageLayout, day_first: bool) -> Iterator[Candidate]:
    """Dates that a line of running facts breaks before the year: "Invoice date: 19 May" above "2022 Customer code"."""
    for upper, lower in pairwise(page.lines):
        above, below = upper.segments[-1], lower.segments[0]
        year = _YEAR_FIRST.match(below.text)
        if year is None or not _DAY_LAST.search(above.text) or below.y0 - above.y1 > above.height:
            continue
        joined = f"{above.text} {year[0]}"
        for d in find_dates(joined, day_first):
            if d.end == len(joined) and d.start < len(above.text):
                words = (*words_between(above, d.start, len(above.text)).words, below.words[0])
                span = span_of(words, page.number, page.width, page.height, page.method)
                yield Candidate("date", d.value, span, above, d.start, len(above.text))


def find_amount_candidates(layout: Layout, style: NumberStyle, currencies: Collection[str]) -> tuple[Candidate, ...]:
    """Every number that is neither part of a date nor of a code: money as "amount", per cents as "rate". `currencies`:
    those that the document names."""
    blank = _usual_blank(layout)
    found = tuple(c for segment in layout.segments for c in _segment_amounts(segment, style, blank))
    if not _is_without_cents(found, currencies):
        return found
    return tuple(
        replace(c, is_whole=c.kind == "amount" and c.amount is not None and not c.amount.decimals) for c in found
    )


def _is_without_cents(found: Sequence[Candidate], currencies: Collection[str]) -> bool:
    """Whether money is in whole units here: a currency without any smaller one is named, and no other, and no price has
    two decimals beside it; or several numbers have their thousands set off, and hardly any have decimals."""
    amounts = [c.amount for c in found if c.amount is not None and c.kind == "amount"]
    if any(amount.currency and amount.decimals == 2 for amount in amounts):
        return False
    cents = sum(amount.decimals == 2 for amount in amounts)
    grouped = sum(bool(_THOUSANDS.fullmatch(amount.digits)) for amount in amounts)
    if grouped >= max(SOME_GROUPED, CENTS_RARE * cents):
        return True
    return bool(currencies) and not any(exponent(code) for code in currencies)


def _segment_amounts(segment: Span, style: NumberStyle, blank: float) -> Iterator[Candidate]:
    dates = _date_spans(segment.text)
    begins = None if segment.method == "ocr" else partial(_number_begins, segment, blank)
    for amount in find_amounts(segment.text, style, begins):
        if any(start < amount.end and amount.start < end for start, end in dates):
            continue
        span = words_between(segment, amount.start, amount.end)
        kind: Kind = "rate" if amount.percent else "amount"
        yield Candidate(kind, amount.value, span, segment, amount.start, amount.end, amount=amount)


@lru_cache(maxsize=4096)
def _date_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where dates stand in a segment: for its amounts and again for its ids."""
    return tuple((d.start, d.end) for d in find_dates(text, day_first=True))


def _usual_blank(layout: Layout) -> float:
    """How wide blanks are, in text heights: 0.3 in most type, 0.6 where every sign has one width."""
    gaps = [gap / s.height for s in layout.segments if s.method != "ocr" and s.height for gap in _gaps(s)]
    return median(gaps) if gaps else 0.0


def _number_begins(segment: Span, blank: float, start: int, end: int) -> int:
    """Where in `start`..`end`, figures with blanks, the last run begins whose blanks part thousands and no columns."""
    figures = words_between(segment, start, end)
    widest = max(LEAST_BLANK, WIDE_BLANK * blank) * segment.height
    wide = [i for i, gap in enumerate(_gaps(figures)) if gap > widest]
    groups = segment.text[start:end].split(" ")
    return start + sum(len(group) + 1 for group in groups[: wide[-1] + 1]) if wide else start


def _gaps(span: Span) -> list[float]:
    """The blanks between the words, in points."""
    return [(right.box.x0 - left.box.x1) * span.page_width for left, right in pairwise(span.words)]


def find_id_candidates(layout: Layout) -> tuple[Candidate, ...]:
    """Every word with a digit that may be a number somebody gave: `2023-0815`, `FS/22/09/51`, and as one each
    `RE 1234`, `2023 0815` and `815 / 2023`."""
    broken = [candidate for page in layout.pages for candidate in _broken_ids(page)]
    parts = {id(word) for candidate in broken for word in candidate.span.words}
    whole = (_candidate(segment, start, end) for segment in layout.segments for start, end in _ids(segment.text))
    return (*(c for c in whole if not all(id(word) in parts for word in c.span.words)), *broken)


def _broken_ids(page: PageLayout) -> Iterator[Candidate]:
    """Numbers that a narrow cell breaks behind a hyphen or stroke: "FA2305-" above "0112"."""
    for upper, lower in pairwise(page.lines):
        for above in upper.segments:
            if not _ID_HEAD.search(above.text):
                continue
            for below in lower.segments:
                tail = _ID_TAIL.match(below.text)
                near = (
                    0 <= below.y0 - above.y1 + 0.5 * above.height <= above.height
                    and above.misalignment(below) < 0.5 * above.height
                )
                if tail and near:
                    words = (*above.words[-1:], *below.words[:1])
                    span = span_of(words, page.number, page.width, page.height, page.method)
                    start = len(above.text) - len(above.words[-1].text)
                    yield Candidate("id", "".join(w.text for w in words), span, above, start, len(above.text))


def _ids(text: str) -> Iterator[tuple[int, int]]:
    if not has_digit(text):
        return
    dates = _date_spans(text)
    parted = [match.span() for form in (_IN_PARTS, _IN_GROUPS) for match in form.finditer(text)]
    parted = [(a, b) for a, b in parted if not any(a < end and start < b for start, end in dates)]
    yield from parted
    for match in _ID.finditer(text):
        found = match[0].rstrip(".-/_")
        start = _with_prefix(text, match.start())
        of_date = any(a <= start and match.end() <= b and (a, b) != (start, start + len(found)) for a, b in dates)
        whole = not of_date and not any(a <= match.start() < b for a, b in parted)
        is_date = (start, start + len(found)) in dates and not _NUMBER_DATE.fullmatch(found)  # "28-Jun-23"
        not_one = (
            _NOT_ID.fullmatch(found) or _is_of_amount(text, match.start(), start + len(found))
        ) and not _NUMBER_DATE.fullmatch(found)
        if whole and len(found) <= 40 and not is_date and not (not_one and start == match.start()):
            yield start, match.start() + len(found)


def _is_of_amount(text: str, start: int, end: int) -> bool:
    """Whether figures are one side of a decimal comma: "3.108" and "56" of "3.108,56"."""
    return bool(_FIGURES.fullmatch(text[start:end])) and bool(
        re.match(r",\d{2}(?!\d)", text[end:]) or re.search(r"\d,$", text[:start])
    )


def _candidate(segment: Span, start: int, end: int) -> Candidate:
    return Candidate("id", segment.text[start:end], words_between(segment, start, end), segment, start, end)


def _with_prefix(text: str, start: int) -> int:
    """Where the id begins if a short word in capitals stands before it: "RE 1234" is one id, "No 1234" is not."""
    before = text[:start].rstrip(" -")
    word = before.rpartition(" ")[2]
    glued = (
        start - len(before) <= 1 and _ID_PREFIX.fullmatch(word) and word not in _NOT_PREFIX and not _ends_title(word)
    )
    return len(before) - len(word) if glued else start


@cache
def _title_ends() -> frozenset[str]:
    return frozenset(phrase[-1] for phrase in phrases("titles") if len(phrase) > 1)


def _ends_title(word: str) -> bool:
    """ "NOTE" before a number is the end of "CREDIT NOTE"."""
    return fold(word) in _title_ends()


_LABEL_WORDS = "NO NR ID PO REF TEL FAX INV DATE N VAT TAX UST MWST BTW NIF CIF NIP HRB HRA KVK ABN"
_NUMBERED_WORDS = "IBAN BIC PAGE OF IDE UID TVA IVA RC RCS REA FN"
_NOT_PREFIX = frozenset(f"{_LABEL_WORDS} {_NUMBERED_WORDS}".split())
