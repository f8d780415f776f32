"""Numbers as printed: `1,234.56`, `1.234,56`, `1 234,56`, `1'234.56`, `12,34,567.00`, `(12.00)`, `12.00 CHF-`, `€ 5,-`.

Which of point and comma is the decimal sign is decided once per document, from all its numbers (`decide_style`);
only a number that can be read one way whatever the style (`3.50` has no other reading) goes against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from extraction.engine.currencies import CURRENCY_PATTERN, currency_of
from extraction.engine.layout import Span
from extraction.engine.textfold import has_digit

_BLANK = r"[ \u00a0\u202f\u2009]"
_DIGITS = (
    r"\d{1,3}(?:(?P<sep>[.,'’])\d{3})(?:(?P=sep)\d{3})*(?:(?!(?P=sep))[.,]\d{1,4})?"  # grouped by a sign
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,4})?"  # Indian grouping
    rf"|\d{{1,3}}(?:{_BLANK}\d{{3}})+[.,]\d{{1,4}}"  # grouped by blanks: only with decimals, or columns would melt
    r"|\d+(?:[.,]\d{1,6})?"
)
_AMOUNT = re.compile(
    rf"(?<![\w.,/:%])(?P<open>\()?(?P<sign>[-−–+])?{_BLANK}?(?P<before>{CURRENCY_PATTERN})?{_BLANK}?"
    rf"(?P<sign2>[-−–])?(?P<digits>{_DIGITS})(?P<dash>[.,][-−–]{{1,2}}|/-)?(?P<trail>[-−](?![\w]))?"
    rf"{_BLANK}?(?P<after>{CURRENCY_PATTERN}|(?P<percent>%))?(?P<trail2>[-−](?![\w]))?(?P<close>\))?"
    r"(?![\w/]|:\d|[.,]\d|-\d)"
)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """The document's decimal sign, and whether blanks group thousands."""

    decimal: str = "."
    blank_groups: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A number found in a text: where (character offsets), its value and what was printed around it."""

    start: int
    end: int
    value: Decimal
    digits: str
    currency: str | None
    percent: bool

    @property
    def decimals(self) -> int:
        exponent = self.value.as_tuple().exponent
        return -exponent if isinstance(exponent, int) and exponent < 0 else 0

    @property
    def looks_like_money(self) -> bool:
        """A currency or two decimals: what a bare count or a postcode has not."""
        return not self.percent and (self.currency is not None or self.decimals == 2)


def decide_style(texts: Iterable[str]) -> NumberStyle:
    """The number style that most of the document's unambiguous numbers follow; a point without evidence."""
    votes = {".": 0.0, ",": 0.0}
    blanks = signs = 0
    for text in filter(has_digit, texts):
        for match in _AMOUNT.finditer(text):
            digits = match["digits"]
            decimal, weight = _evidence(digits)
            if decimal:
                votes[decimal] += weight
            blanks += bool(re.search(_BLANK, digits))
            signs += bool(match["sep"]) and weight == 3
    return NumberStyle("," if votes[","] > votes["."] else ".", blanks > signs)


def _evidence(digits: str) -> tuple[str | None, float]:
    """The decimal sign that a number proves or suggests, and how strongly."""
    signs = [c for c in digits if c in ".,"]
    if not signs:
        return None, 0
    if len(set(signs)) == 2 or "'" in digits or "’" in digits or re.search(_BLANK, digits):
        return signs[-1], 3
    if len(signs) > 1:  # repeated: it groups, so the other one is the decimal sign
        return ("," if signs[0] == "." else "."), 2
    decimals = len(digits) - digits.index(signs[0]) - 1
    if decimals == 2:
        return signs[0], 1
    return (signs[0], 0.3) if decimals in (1, 4) else (None, 0)


def parse_number(digits: str, style: NumberStyle) -> Decimal:
    """The value of bare digits with separators under `style`; a sign that cannot group is decimal all the same."""
    digits = re.sub(rf"{_BLANK}|['’]", "", digits)
    signs = [c for c in digits if c in ".,"]
    if not signs:
        return Decimal(digits)
    last = signs[-1]
    tail = len(digits) - digits.rindex(last) - 1
    if len(set(signs)) == 2:
        decimal: str | None = last
    elif len(signs) > 1:
        decimal = None
    elif tail == 3:
        # "1.234" groups in a comma document; "0.123" cannot group anywhere
        decimal = last if last == style.decimal or digits.startswith("0") else None
    else:
        decimal = last
    whole, _, fraction = digits.rpartition(decimal) if decimal else (digits, "", "")
    return Decimal(re.sub(r"[.,]", "", whole) + ("." + fraction if fraction else ""))


def find_amounts(text: str, style: NumberStyle, begins: Callable[[int, int], int] | None = None) -> Iterator[Amount]:
    """Every number in `text` with its sign, currency and per cent sign; dates and codes are left out by context.

    `begins` says where figures with blanks (by offsets) begin to be one number, as two columns may stand close;
    without it the document's habit decides.
    """
    if not has_digit(text):  # most texts of a page; the pattern below tries each of their characters
        return
    for match in _AMOUNT.finditer(text):
        digits = match["digits"]
        start, end = match.span()
        if re.search(_BLANK, digits):
            first, last = match.span("digits")
            cut = begins(first, last) if begins else _last_group(first, digits, style)
            if cut > first and text[cut] != "0":  # "3 000,00" cannot be two numbers
                digits, start = text[cut:last], cut
        value = parse_number(digits, style)
        in_brackets = match["open"] and match["close"] and not match["percent"]  # accountants' minus
        if match["sign"] in tuple("-−–") or match["sign2"] or match["trail"] or match["trail2"] or in_brackets:
            value = -value
        currency = currency_of(match["before"] or (match["after"] if not match["percent"] else None))
        yield Amount(start, end, value, digits, currency, bool(match["percent"]))


def _last_group(start: int, digits: str, style: NumberStyle) -> int:
    return start if style.blank_groups else start + len(digits) - len(re.split(_BLANK, digits)[-1])


def parse_amount(text: str, style: NumberStyle) -> Decimal | None:
    """The value of `text` when it is one number (with currency, sign or per cent), else None."""
    found = list(find_amounts(text.strip(), style))
    if len(found) != 1:
        return None
    rest = (text.strip()[: found[0].start] + text.strip()[found[0].end :]).strip(" .:*")
    return None if rest else found[0].value


def words_between(span: Span, start: int, end: int) -> Span:
    """The words of `span` that the character offsets `start`..`end` of its text touch."""
    first = last = None
    position = 0
    for i, word in enumerate(span.words):
        if position < end and position + len(word.text) > start:
            first, last = (i if first is None else first), i
        position += len(word.text) + 1
    if first is None or last is None:
        return span
    return span.part(first, last + 1)
