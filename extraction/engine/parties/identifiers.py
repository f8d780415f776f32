"""Identifiers that belong to parties: e-mail addresses, telephone numbers, IBANs, BICs, web domains.

Generous: everything of the form, with the label that stands beside it; whose it is, is decided with the parties.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from babel import Locale
from stdnum import iban as stdnum_iban

from extraction.engine.candidates import Candidate, Kind
from extraction.engine.layout import Layout, PageLayout, Span
from extraction.engine.parties.lexicon import opening, phrase_pattern
from extraction.engine.textfold import fold_chars

ID_LABELS = ("phone", "fax", "email", "web", "iban", "bic", "vat_id", "tax_number", "registration")
LABEL_CHARS = 45  # so far back a label is looked for in the text before a value
LABEL_GAP_EM = 12.0  # so far left, in text heights, the label's own segment may end
LABEL_ABOVE_EM = 2.2  # so far up a label's line may stand

# Length by country, from the IBAN registry (SWIFT, release 99).
_IBAN_REGISTRY = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18
    FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
    LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18
    SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
"""
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _IBAN_REGISTRY.split()}

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,24}(?![\w@])")
_BEFORE_BLANK = re.compile(r"(?:^|: ?)(?P<part>[\w.+-]+) $")  # of an address whose "_" was read as a blank
_DOMAIN = re.compile(r"(?<![\w@.-])(?:https?://)?(?:www\.)?(?P<domain>(?:[\w-]+\.)+[a-z]{2,12})(?![\w@-])", re.I)
_PHONE = re.compile(r"(?<![\w.,/+-])(?:\(?\+|\(?00|\(|\d)[\d ()/.\-–]{5,24}\d(?![\w]|[.,]\d)")
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}\s?\d{2}(?:[ .-]{0,2}[A-Z0-9]){11,30}(?![^\W_])")
_NRB = re.compile(r"(?<![\w.,-])(?<![A-Z]{2} )\d{2}(?: ?\d{4}){6}(?![\w.,-]*\d)")  # Polish accounts, without "PL"
_IBAN_START = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{1,4}){2,7}$")
_IBAN_LIKE = re.compile(r"(?<![^\W_])[A-Z0-9]{2}\s?[A-Z0-9]{2}(?:[ .-]{0,2}[A-Za-z0-9]){11,30}(?![^\W_])")
_AS_DIGITS = str.maketrans("OoQDIlZSsBGT", "000011255867")
_AS_LETTERS = str.maketrans("0152876", "OISZBTG")
_LETTERED = {"GB": 4, "NL": 4, "IE": 4}  # letters after the check digits, where a bank's code has them
_BIC = re.compile(r"(?<![^\W_])[A-Z]{4}\s?[A-Z]{2}\s?[A-Z0-9]{2}(?:\s?[A-Z0-9]{3})?(?![^\W_])")
_VALUE = re.compile(r"\d{4}|^\S*\d\S*$")  # a number of some length, or one word with a figure
_PARTING = re.compile(r"\s?[·|•∙]\s?|\s[–/-]\s|\.(?=\s|$)")
_DATE = re.compile(r"\b\d{1,2}([./-])\d{1,2}\1(\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True)
class Identifier(Candidate):
    """A candidate with the words of its label, folded, and how surely it is of its kind (0..1)."""

    label: str = ""
    quality: float = 0.5

    @cached_property
    def text(self) -> str:
        return str(self.value)


def _any_label() -> re.Pattern[str]:
    return phrase_pattern("identifiers", *ID_LABELS)


Finder = Callable[["Reading"], Iterable[Identifier]]


@dataclass(frozen=True)
class Reading:
    """One segment with what is needed to read an identifier and its label: the page and what stands around."""

    page: PageLayout
    index: int  # of the segment's line on the page
    segment: Span
    left: Span | None

    @cached_property
    def above(self) -> Span | None:
        return self._aligned(range(self.index - 1, max(self.index - 5, -1), -1))

    @cached_property
    def below(self) -> Span | None:
        return self._aligned(range(self.index + 1, min(self.index + 5, len(self.page.lines))))

    def _aligned(self, lines: Iterable[int]) -> Span | None:
        """The first segment of `lines` that stands close over or under this one."""
        em, segment = self.page.em, self.segment
        for other in (other for i in lines for other in self.page.lines[i].segments):
            gap = max(segment.y0 - other.y1, other.y0 - segment.y1)
            if -0.5 * em < gap <= LABEL_ABOVE_EM * em and _is_over(other, segment, em):
                return other
        return None

    @property
    def text(self) -> str:
        return self.segment.text

    def span(self, start: int, end: int) -> Span:
        """The words under the characters start..end of the segment's text."""
        first = self.text.count(" ", 0, start)
        return self.segment.part(first, self.text.count(" ", 0, max(start, end - 1)) + 1)

    def found(self, kind: Kind, value: str, offsets: tuple[int, int], quality: float) -> Identifier:
        """The identifier at these characters of the segment."""
        start, end = offsets
        return Identifier(
            kind, value, self.span(start, end), self.segment, start, end, label=self.label(start), quality=quality
        )

    @property
    def is_headed(self) -> bool:
        """Whether the line above is the label of a number that is none of a party: "Account number", "Order no."."""
        start = opening(self.above.text, "fields", "other") if self.above is not None else None
        return start is not None and start.alone

    def label(self, start: int) -> str:
        """The folded words before `start`; at a segment's beginning, those left of it, or else above it."""
        before = fold_chars(self.text[max(0, start - LABEL_CHARS) : start])
        if any(c.isalpha() for c in before):
            return before
        if self.left is not None and _may_be_label(self.left.text):
            return fold_chars(self.left.text[-LABEL_CHARS:]) + " " + before
        above = fold_chars(self.above.text) if self.above is not None else ""
        if 0 < len(above) <= LABEL_CHARS and not re.search(r"[\d@]", above) and _any_label().search(above):
            return above
        return before


def _may_be_label(text: str) -> bool:
    """Words, or any label's words with figures: not the value of the column before."""
    return any(c.isalpha() for c in text) and (not _VALUE.search(text) or bool(_any_label().search(fold_chars(text))))


def readings(layout: Layout) -> Iterator[Reading]:
    """Every segment of the document with its neighbours."""
    for page in layout.pages:
        em = page.em
        for index, line in enumerate(page.lines):
            previous: Span | None = None
            for segment in line.segments:
                near = previous is not None and segment.x0 - previous.x1 <= LABEL_GAP_EM * em
                yield Reading(page, index, segment, previous if near else None)
                previous = segment


def _is_over(other: Span, segment: Span, em: float) -> bool:
    return abs(other.x0 - segment.x0) <= em or (
        other.h_overlap(segment) > 0 and other.misalignment(segment) <= 0.5 * em
    )


def find_emails(reading: Reading) -> Iterator[Identifier]:
    for m in _EMAIL.finditer(reading.text):
        start, value = m.start(), re.sub(r"\s", "", m[0]).strip(".-")
        lost = _BEFORE_BLANK.search(reading.text[:start]) if reading.segment.method == "ocr" else None
        label = reading.label(lost.start("part")).rstrip() if lost else ""
        if lost and label.endswith(":") and _last_label(label) == "email":
            start, value = lost.start("part"), f"{lost['part']}_{value}"
        yield reading.found("email", value, (start, m.end()), 0.95)


def find_phones(reading: Reading) -> Iterator[Identifier]:
    """Telephone numbers: with a telephone label, or in a form that hardly anything else has. Fax numbers are not."""
    for m in _PHONE.finditer(reading.text):
        text = m[0].strip(" ./-–")
        digits = re.sub(r"\D", "", text)
        if not 7 <= len(digits) <= 15 or _DATE.fullmatch(text):
            continue
        label = reading.label(m.start())
        last = _last_label(label)
        if last == "phone" and reading.is_headed and label == fold_chars(reading.above.text if reading.above else ""):
            continue  # "P/O" over an order's number
        if last == "phone":
            quality = 0.95
        elif last is None and not reading.is_headed and _phone_shaped(text, _part_around(reading.text, m), label):
            quality = 0.75
        else:
            continue
        yield reading.found("phone", text, m.span(), quality)


def _phone_shaped(text: str, segment: str, label: str) -> bool:
    """Without a label: an international number, or grouped like one and alone in its segment or with a contact."""
    if text.startswith(("+", "(+")):
        return True
    if phrase_pattern("parties", "attention").search(label) and _EMAIL.search(segment):
        return True
    segment = _EMAIL.sub("", segment)
    alone = sum(c.isalpha() for c in segment) == 0 and len(segment.strip()) <= len(text) + 4
    trunk = text.startswith(("0", "(")) or len(re.findall(r"\d+", text)) >= 3
    return alone and trunk and bool(re.fullmatch(r"\(?\d{2,5}\)?[-/ .]{1,3}\d{2,4}(?:[- .]\d{2,5})*", text))


def _part_around(text: str, found: re.Match[str]) -> str:
    """The part of a line between separators ("·", " / ", the end of a sentence) that holds the match."""
    cuts = [m.span() for m in _PARTING.finditer(text)]
    start = max((end for _, end in cuts if end <= found.start()), default=0)
    return text[start : min((at for at, _ in cuts if at >= found.end()), default=len(text))]


def _last_label(label: str) -> str | None:
    """Which kind of identifier the label nearest before a value names; None where none does."""
    best, where = None, -1
    for name in ID_LABELS:
        for m in phrase_pattern("identifiers", name).finditer(label):
            if m.end() > where:
                best, where = name, m.end()
    tail = label[where:]
    if best and len(re.findall(r"[a-z]{3,}", tail)) <= 1:
        return best
    named = phrase_pattern("parties", "attention").search(label)
    return "other" if best is None and not named and re.search(r"[a-z]{2,}\s*[:#.]*\s*$", label) else None


def find_ibans(reading: Reading) -> Iterator[Identifier]:
    """IBANs, also printed in groups or broken over two lines. One that fails mod 97 counts only beside its label."""
    text = reading.text
    if reading.segment.method == "ocr":
        yield from _misread_ibans(reading)
    for m in _IBAN.finditer(text):
        for start in _iban_starts(m[0]):
            value, used = _take_iban(m[0][start:])
            if value is None:
                continue
            label = reading.label(m.start() + start)
            named = bool(phrase_pattern("identifiers", "iban").search(label))
            good = stdnum_iban.is_valid(value, check_country=False)
            if good or named:
                offsets = (m.start() + start, m.start() + start + used)
                yield reading.found("iban", value, offsets, 1.0 if good else 0.6)
                break
    for m in _NRB.finditer(text):
        value = "PL" + m[0].replace(" ", "")
        if stdnum_iban.is_valid(value, check_country=False):
            yield reading.found("iban", value, m.span(), 1.0)
    yield from _broken_iban(reading)


def _misread_ibans(reading: Reading) -> Iterator[Identifier]:
    """IBANs in which figures were read as letters that look like them, or letters as figures: taken where their
    country's form, put right so, passes mod 97."""
    for m in _IBAN_LIKE.finditer(reading.text):
        for word in re.finditer(r"\S+", m[0]):  # a label before it may be all capitals too
            read = re.sub(r"[^A-Z0-9]", "", m[0][word.start() :].upper())
            value = _mended_iban(read)
            if value is not None and value != read:
                yield reading.found("iban", value, (m.start() + word.start(), m.end()), 0.9)
                break


def _mended_iban(read: str) -> str | None:
    country = read[:2].translate(_AS_LETTERS)
    if len(read) != IBAN_LENGTHS.get(country):
        return None
    letters = _LETTERED.get(country, 0)
    bank, account = read[4 : 4 + letters].translate(_AS_LETTERS), read[4 + letters :].translate(_AS_DIGITS)
    value = country + read[2:4].translate(_AS_DIGITS) + bank + account
    return value if stdnum_iban.is_valid(value, check_country=False) else None


def _iban_starts(text: str) -> Iterator[int]:
    return (m.start() for m in re.finditer(r"(?<![A-Z0-9])[A-Z]{2}\s?\d{2}", text))


def _take_iban(text: str) -> tuple[str | None, int]:
    """The IBAN at the beginning of `text`, as long as its country's are, and how many characters it takes."""
    length = IBAN_LENGTHS.get(text[:2])
    if length is None:
        return None, 0
    taken = 0
    for i, c in enumerate(text):
        taken += c.isalnum()
        if taken == length:
            ends = i + 1 == len(text) or not text[i + 1].isalnum()
            return (re.sub(r"[^A-Z0-9]", "", text[: i + 1]), i + 1) if ends else (None, 0)
    return None, 0


def _broken_iban(reading: Reading) -> Iterator[Identifier]:
    """One that ends with the first words of the line below, alone there or in a sentence."""
    start = _IBAN_START.search(reading.text)
    if start is None or reading.below is None:
        return
    joined = re.sub(r"\s", "", start[0])
    length = IBAN_LENGTHS.get(joined[:2], 0)
    for word in reading.below.text.split() if len(joined) < length else ():
        joined += word.rstrip(".,;)")
        if len(joined) >= length:
            break
    if length == len(joined) and stdnum_iban.is_valid(joined, False):
        yield reading.found("iban", joined, start.span(), 1.0)


def find_bics(reading: Reading) -> Iterator[Identifier]:
    """BICs: only beside their label or an IBAN, since any capitalised word of eight letters has the form."""
    for m in _BIC.finditer(reading.text):
        value = re.sub(r"\s", "", m[0])
        label = reading.label(m.start())
        named = phrase_pattern("identifiers", "bic").search(label)
        below_iban = reading.above is not None and _IBAN.search(reading.above.text)
        if value[4:6] in IBAN_LENGTHS or value[4:6] in {"US", "CA", "AU", "IN", "CN", "HK", "SG", "JP", "NZ", "ZA"}:
            if named:
                yield reading.found("bic", value, m.span(), 0.9)
            elif below_iban and reading.text.strip() == m[0]:
                yield reading.found("bic", value, m.span(), 0.7)


@cache
def _country_suffixes() -> frozenset[str]:
    """The country codes that domains end with (CLDR's territories, and those that are no country)."""
    return frozenset(str(code) for code in Locale("en").territories if len(str(code)) == 2) | {"UK", "EU", "SU"}


def find_domains(reading: Reading) -> Iterator[Identifier]:
    """Web domains as printed ("example.com"), those of e-mail addresses not among them."""
    for m in _DOMAIN.finditer(reading.text):
        suffix = m["domain"].rpartition(".")[2].upper()
        if len(suffix) == 2 and suffix not in _country_suffixes():
            continue  # "Spett.le" is none
        yield reading.found("domain", m["domain"].lower(), m.span("domain"), 0.8 if "www." in m[0].lower() else 0.4)
