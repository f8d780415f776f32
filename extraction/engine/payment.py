"""How and when to pay, in which currency, and what the sender remarks: texts beside labels or in sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache

from extraction.engine.amounts import words_between
from extraction.engine.candidates import Candidate
from extraction.engine.currencies import CODES, mentions, settle_shared, shared_by
from extraction.engine.document import Document
from extraction.engine.labels import LabelHit, groups, phrases, words
from extraction.engine.layout import PageLayout, Span
from extraction.engine.places import currency_by_place, shared_currency_by_place
from extraction.engine.result import Field, Provenance
from extraction.engine.scoring import MAX_RIGHT_EM
from extraction.engine.textfold import fold, fold_chars, tokens

_SENTENCE_END = re.compile(r"[^\d\W]{2,}[.!](?=\s+[A-ZÄÖÜÉÈÁ])")
_HEADING_CODE = re.compile(r"(?P<label>.*\w)[ ,/]+(?P<code>[A-Z]{3})")
MAX_TERMS = 300  # characters of payment terms worth returning
MAX_NOTES = 500
MIN_TERMS = 3  # words of payment terms without a label
MIN_SENTENCE = 6  # and with an amount among them
MAX_METHOD = 40  # characters; longer is a sentence, of which only the method is the value
HEADINGS = 2  # beside a label that make their line a row of headings
MIN_METHOD = 4  # letters of a method named without a label: "bar" and "ec" are too often something else
CURRENCY_BY_AMOUNT = 0.95  # confidence of a currency printed at the total
CURRENCY_BY_PLACE = 0.6  # of a document that names none
BETWEEN_COUNTRIES = 0.75  # factor for a shared sign on a page that speaks of countries with other currencies
CURRENCY_BY_COUNT = 0.85  # of the only or most frequent currency of the document


def read_payment(document: Document) -> dict[str, Field]:
    """payment_terms, payment_method and notes, those that are there."""
    found = {
        "payment_terms": _terms(document),
        "payment_method": _method(document),
        "notes": _beside_label(document, "notes", MAX_NOTES),
    }
    return {name: field for name, field in found.items() if field}


def read_currency(document: Document, total: Candidate | None) -> Field | None:
    """The currency printed at the total, else the one that the document names most. A sign that several countries
    share is the one of the country that the document is from; so is the currency of a document that names none."""
    counts = settle_shared(document.currencies + _in_headings(document))
    if total and total.amount and total.amount.currency:
        settled = settle_shared(Counter({total.amount.currency: 1}) + counts)
        code = total.amount.currency if total.amount.currency in settled else max(settled, key=lambda c: settled[c])
        return _settled_by_place(document, Field(code, CURRENCY_BY_AMOUNT, total.provenance()))
    if not counts:
        local = currency_by_place(_lines(document)) if total else None
        return Field(local, CURRENCY_BY_PLACE, Provenance("derived", local)) if local else None
    code, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    confidence = CURRENCY_BY_COUNT * count / sum(counts.values())
    return _settled_by_place(document, Field(code, confidence, _first_mention(document, code)))


def _settled_by_place(document: Document, field: Field) -> Field:
    shared = shared_by(str(field.value))
    if not shared or _names_code(document, str(field.value)):
        return field
    local, alone = shared_currency_by_place(_lines(document), shared)
    confidence = field.confidence if alone else field.confidence * BETWEEN_COUNTRIES
    return replace(field, value=local or field.value, confidence=confidence)


def _names_code(document: Document, code: str) -> bool:
    """Whether the currency is named by its code ("USD", "US$"), not by the sign it shares."""
    return bool(re.search(rf"(?<![A-Za-z]){code}(?![A-Za-z])|(?<![A-Za-z]){code[:2]}\$", document.layout.text))


def _lines(document: Document) -> tuple[str, ...]:
    return tuple(segment.text for segment in document.layout.segments)


def _in_headings(document: Document) -> Counter[str]:
    """The codes that end a heading, counting as much as one at an amount: "Betrag EUR", "Net amount, USD"."""
    return Counter({code: 2 for s in document.layout.segments for code in _heading_code(s)})


def _heading_code(segment: Span) -> Iterator[str]:
    headed = _HEADING_CODE.fullmatch(segment.text)
    if headed and headed["code"] in CODES and tokens(headed["label"]) in phrases("fields", "columns"):
        yield headed["code"]


def _first_mention(document: Document, code: str) -> Provenance:
    for segment in document.layout.segments:
        if code in settle_shared(mentions(segment.text)) or code in _heading_code(segment):
            return _provenance(segment)
    return Provenance("derived", code)


def read_payment_status(
    document: Document, total: Decimal | None, due: Decimal | None, paid: Decimal | None
) -> Field | None:
    """ "paid", "partial", "overdue" or "unpaid" where a stamp, a heading or the amounts say so, else None."""
    if total and due is not None and due == 0:
        return Field("paid", 0.9, Provenance("derived", "amount due is 0"))
    if total and due and paid and 0 < due < total:
        return Field("partial", 0.85, Provenance("derived", "part of the total is paid"))
    statuses = {fold(p): status for status, entries in groups("paid").items() for p in entries}
    for segment in document.layout.segments:
        status = statuses.get(fold(segment.text).strip(" .!:*"))
        page = document.layout.page(segment.page)
        if status and segment.height >= 1.1 * page.em:  # a stamp or heading, not a column's label
            return Field(status, 0.75, _provenance(segment))
    return None


def _terms(document: Document) -> Field | None:
    labelled = _beside_label(document, "payment_terms", MAX_TERMS)
    if labelled:
        return labelled
    for line in document.layout.lines:
        for segment in line.segments:
            match = _terms_pattern().search(fold_chars(segment.text))
            if match and _speaks_of_terms(segment, document):
                return Field(_sentence(segment.text, match.start())[:MAX_TERMS], 0.6, _provenance(segment))
    return None


def _speaks_of_terms(segment: Span, document: Document) -> bool:
    """Not a cell of a table ("12 days", "1 days 50.00"): three words or more, and an amount only in a sentence."""
    amounts = [c for c in document.amounts if c.segment is segment and c.is_money]
    return len(tokens(segment.text)) >= (MIN_SENTENCE if amounts else MIN_TERMS)


def _sentence(text: str, at: int) -> str:
    """The sentence of `text` that holds offset `at`; a point inside a date or number ends none."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    start = max((end for end in ends if end <= at), default=0)
    return text[start : min((end for end in ends if end > at), default=len(text))].strip()


@cache
def _terms_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(f'(?:{fold(p)})' for p in words('terms_patterns'))})(?!\w)")


@cache
def _method_pattern() -> re.Pattern[str]:
    names = sorted((re.escape(fold(m)) for m in words("payment_methods")), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)")


def _method(document: Document) -> Field | None:
    """A known method beside a payment label, or in a line that shows what was paid; else what such a label says."""
    hits = sorted((h for h in document.hits if "payment_method" in h.names), key=lambda h: h.weak)
    beside = [(hit, value) for hit in hits if (value := _value_of(hit, document)) is not None]
    for hit, value in beside:
        known = _method_pattern().search(fold_chars(value.text))
        if known:
            span = value if len(value.text) <= MAX_METHOD else words_between(value, *known.span())
            return Field(span.text.strip(" .:"), 0.8, _provenance(span, hit.text))
    for span in _methods_of_payments(document):
        return Field(span.text.strip("'\" .:"), 0.55, _provenance(span))
    for hit, value in beside:
        if not hit.weak and len(value.text) <= MAX_METHOD and not any(c.isdigit() for c in value.text):
            return Field(value.text.strip(" .:"), 0.5, _provenance(value, hit.text))
    return None


def _methods_of_payments(document: Document) -> Iterator[Span]:
    """Methods named on lines with an amount, or in sentences that say that something was or is to be paid."""
    paid = {word for entries in groups("paid").values() for phrase in entries for word in tokens(phrase)}
    amounts = [c.span for c in document.amounts if c.is_money]
    for line in document.layout.lines:
        for segment in line.segments:
            known = _method_pattern().search(fold_chars(segment.text))
            if not known or len(known[0]) < MIN_METHOD:
                continue
            beside_amount = any(a.page == segment.page and a.v_overlap(segment) > 0.5 * a.height for a in amounts)
            if beside_amount or paid & set(tokens(segment.text)):
                yield words_between(segment, *known.span())


def _beside_label(document: Document, name: str, limit: int) -> Field | None:
    for hit in sorted((h for h in document.hits if name in h.names), key=lambda h: h.weak):
        if not hit.starts_segment:
            continue
        value = _value_of(hit, document)
        if value is None or sum(c.isalpha() for c in value.text) < 3:
            continue
        text = _continued(value, document)[:limit] if name == "notes" else value.text[:limit]
        return Field(text.strip(), 0.5 if hit.weak else 0.7, _provenance(value, hit.text))
    return None


def _value_of(hit: LabelHit, document: Document) -> Span | None:
    """The text that a label introduces: the rest of its segment, the next segment on the line, or the one below."""
    rest = hit.segment.text[hit.end :].lstrip(" :.#-")
    if len(rest) >= 2:
        start = len(hit.segment.text) - len(rest)
        return words_between(hit.segment, start, _next_label(hit, start, document))
    if not hit.starts_segment:
        return None
    page = document.layout.page(hit.span.page)
    labels = phrases("fields", "other", "parties", "columns")
    taken = {id(s) for s in page.segments if tokens(s.text) in labels}
    right = [
        s for s in page.segments if s.x0 >= hit.segment.x1 - 1 and s.v_overlap(hit.segment) > 0.5 * hit.segment.height
    ]
    beside = min(right, key=lambda s: s.x0, default=None)
    if _heads_row(hit, page) and (below := _below(hit.segment, page)) and id(below) not in taken:
        return below
    if beside and (beside.x0 - hit.segment.x1) / page.em < MAX_RIGHT_EM / 2 and id(beside) not in taken:
        return beside
    below = _below(hit.segment, page)
    return below if below and id(below) not in taken else None


def _heads_row(hit: LabelHit, page: PageLayout) -> bool:
    """Whether the label stands in a row of headings: without figures, and with two others beside it."""
    line = next((line for line in page.lines if any(s.words[0] is hit.segment.words[0] for s in line.segments)), None)
    return line is not None and len(line.segments) > HEADINGS and not any(c.isdigit() for c in line.text)


def _next_label(hit: LabelHit, start: int, document: Document) -> int:
    """Where the next label with a colon begins in the label's segment, or the segment's end."""
    text = hit.segment.text
    later = [
        other.start for other in document.hits
        if other.segment is hit.segment and other.start > start and re.match(r"\s?:", text[other.end :])
    ]  # fmt: skip
    return min(later, default=len(text))


def _below(segment: Span, page: PageLayout) -> Span | None:
    own = {id(word) for word in segment.words}
    under = [
        s for s in page.segments
        if 0 < s.cy - segment.cy < 2.5 * page.em
        and (s.h_overlap(segment) > 0 or abs(s.x0 - segment.x0) < page.em)
        and id(s.words[0]) not in own
    ]  # fmt: skip
    return min(under, key=lambda s: (s.cy, abs(s.x0 - segment.x0)), default=None)


def _continued(value: Span, document: Document) -> str:
    """The value's segment and the ones stacked under it in the same block."""
    for block in document.layout.blocks:
        if value.page == block.page and any(s.words == value.words for s in block.segments):
            start = next(i for i, s in enumerate(block.segments) if s.words == value.words)
            return " ".join(s.text for s in block.segments[start:])
    return value.text


def _provenance(span: Span, label: str | None = None) -> Provenance:
    return Provenance(span.method, span.text, span.page, span.box, label)
