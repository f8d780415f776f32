"""What a custom field may be: the document's candidates of its kind, or texts, narrowed by its hints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from rapidfuzz import fuzz, process

from extraction.engine.amounts import words_between
from extraction.engine.candidates import Candidate
from extraction.engine.custom.definition import CustomDefinition, Region
from extraction.engine.custom.patterns import find_matches
from extraction.engine.document import Document
from extraction.engine.labels import LabelHit
from extraction.engine.layout import Span, span_of
from extraction.engine.textfold import TOKEN, fold_chars, tokens

MISREAD = 85.0  # of 100, for a label or value that OCR got almost right
MIN_MISREAD = 5  # letters; shorter words turn into each other by one
MAX_TEXT = 200  # characters of a value; what runs on is prose
YES = frozenset(["yes", "y", "true", "ja", "oui", "si", "sim", "tak", "x"])
NO = frozenset(["no", "n", "false", "nein", "non", "nee", "nao", "nie"])


def label_hits(segments: Iterable[Span], field: CustomDefinition) -> list[LabelHit]:
    """Where the field's labels stand, the longest of each place; through OCR's mistakes where a page was recognised."""
    phrases = sorted({tokens(label) for label in field.labels} - {()}, key=lambda p: (-len(p), p))
    return [hit for segment in segments for hit in _segment_hits(segment, phrases, field.name)]


def _segment_hits(segment: Span, phrases: Sequence[tuple[str, ...]], name: str) -> Iterator[LabelHit]:
    found = list(TOKEN.finditer(fold_chars(segment.text)))
    words = [match[0] for match in found]
    at = 0
    while at < len(words):
        size = next((len(p) for p in phrases if _is_phrase(words[at : at + len(p)], p, segment.method)), 0)
        if size:
            start, end = found[at].start(), found[at + size - 1].end()
            span = words_between(segment, start, end)
            yield LabelHit((name,), False, segment, start, end, span, segment.text[start:end])
        at += size or 1


def _is_phrase(words: Sequence[str], phrase: tuple[str, ...], method: str) -> bool:
    if tuple(words) == phrase or len(words) != len(phrase):
        return tuple(words) == phrase
    text, known = " ".join(words), " ".join(phrase)
    return method == "ocr" and min(len(text), len(known)) >= MIN_MISREAD and fuzz.ratio(text, known) >= MISREAD


def candidates(document: Document, field: CustomDefinition, hits: Sequence[LabelHit]) -> list[Candidate]:
    """What the whole document offers for `field`, within its region."""
    places = len(document.layout.pages)
    segments = [s for s in document.layout.segments if in_region(s, field.region, places, partly=True)]
    if is_free_text(field):
        found = list(_texts(segments, (*document.hits, *hits)))
    else:
        found = narrowed(document, field, segments)
    return [c for c in found if in_region(c.span, field.region, places)]


def is_free_text(field: CustomDefinition) -> bool:
    """Whether nothing but its place tells the value from other text."""
    return field.kind == "string" and not field.pattern and not field.enum


def narrowed(document: Document, field: CustomDefinition, segments: Sequence[Span]) -> list[Candidate]:
    """The values of the field's kind in `segments` that fit its pattern and its enum."""
    if field.kind == "string":
        find = _enumerated if field.enum else _patterned
        found = [c for segment in segments for c in find(segment, field)]
    elif field.kind == "boolean":
        return [c for segment in segments for c in _answers(segment)]
    else:
        kept = {id(segment) for segment in segments}
        source = document.dates if field.kind == "date" else document.amounts
        found = [c for c in source if id(c.segment) in kept and _is_of_kind(c, field.kind)]
    return [c for c in found if _fits(c, field)]


def _is_of_kind(candidate: Candidate, kind: str) -> bool:
    value = candidate.value
    if kind == "integer":
        return isinstance(value, Decimal) and value == value.to_integral_value() and not candidate.is_money
    return kind in ("date", "number") or candidate.kind == "amount"


def _fits(candidate: Candidate, field: CustomDefinition) -> bool:
    if field.kind == "string":
        return not (field.enum and field.pattern) or any(find_matches(field.pattern, str(candidate.value)))
    text = candidate.span.text
    matches = field.pattern is None or any(find_matches(field.pattern, text))
    return matches and (not field.enum or str(candidate.value) in field.enum)


def _patterned(segment: Span, field: CustomDefinition) -> Iterator[Candidate]:
    for start, end in find_matches(field.pattern or "", segment.text):
        yield _candidate(segment, start, end, segment.text[start:end])


def _enumerated(segment: Span, field: CustomDefinition) -> Iterator[Candidate]:
    """The entries of the enum that stand in the segment, in the enum's own spelling; the longest at each place."""
    found = list(TOKEN.finditer(fold_chars(segment.text)))
    entries = sorted(((tokens(entry), entry) for entry in field.enum), key=lambda e: (-len(e[0]), e))
    at = 0
    while at < len(found):
        step = 1
        for phrase, entry in entries:
            words = [match[0] for match in found[at : at + len(phrase)]]
            if phrase and _is_phrase(words, phrase, segment.method) and _is_best(words, entry, field.enum):
                end = found[at + len(phrase) - 1].end()
                yield _candidate(segment, found[at].start(), end, entry)
                step = len(phrase)
                break
        at += step


def _is_best(words: Sequence[str], entry: str, enum: Sequence[str]) -> bool:
    """Whether no other entry is nearer to misread words: "Zone 1" is not "Zone 2"."""
    known = {" ".join(tokens(other)): other for other in enum}
    best = process.extractOne(" ".join(words), list(known), scorer=fuzz.ratio)
    return best is not None and best[0] == " ".join(tokens(entry))


def _answers(segment: Span) -> Iterator[Candidate]:
    for match in TOKEN.finditer(fold_chars(segment.text)):
        short = segment.text[match.end() : match.end() + 1] == "."  # "No. 5" is no answer
        if match[0] in YES | NO and not short:
            yield _candidate(segment, *match.span(), "true" if match[0] in YES else "false")


def _texts(segments: Iterable[Span], hits: Sequence[LabelHit]) -> Iterator[Candidate]:
    """Whole segments that are no label, and what stands behind a label in one."""
    by_segment: dict[int, list[LabelHit]] = {}
    for hit in hits:
        by_segment.setdefault(id(hit.segment), []).append(hit)
    for segment in segments:
        text = segment.text
        start = max((hit.end for hit in by_segment.get(id(segment), ()) if hit.starts_segment), default=0)
        start += len(text[start:]) - len(re.sub(r"^\W*", "", text[start:]))
        if text[start:].strip() and len(text) - start <= MAX_TEXT and not text.rstrip().endswith(":"):
            yield _candidate(segment, start, len(text), text[start:])


def _candidate(segment: Span, start: int, end: int, value: str) -> Candidate:
    return Candidate("id", value, words_between(segment, start, end), segment, start, end)


def in_region(span: Span, region: Region | None, pages: int, *, partly: bool = False) -> bool:
    """Whether the middle of `span`, or with `partly` any of it, lies in `region`."""
    if region is None:
        return True
    if region.page is not None and span.page != (region.page if region.page > 0 else pages + 1 + region.page):
        return False
    (x0, y0, x1, y1), box = region.box, span.box
    if partly:
        return box.x1 > x0 and box.x0 < x1 and box.y1 > y0 and box.y0 < y1
    return x0 <= box.cx <= x1 and y0 <= box.cy <= y1


def region_text(found: Sequence[Candidate]) -> Candidate | None:
    """All texts of a region as one value, when they stand on one page."""
    if not found or len({c.span.page for c in found}) > 1:
        return None
    first = found[0].span
    words = [word for c in found for word in c.span.words]
    span = span_of(words, first.page, first.page_width, first.page_height, first.method)
    return replace(found[0], value="\n".join(str(c.value) for c in found)[:MAX_TEXT], span=span)
