"""Label words: data, one JSON file per language; adding a language touches no code.

Sections of a file: `fields` (header field -> phrases that name it), `other` (labels of values that are not wanted: a
delivery date is not the invoice date), `columns`, `column_modifiers`, `table_end`, `table_carried`, `included` and
`units` (line tables), `titles` (document types), `paid`, `payment_methods`, `qualifiers` (incl., without),
`base_words` (on, of), `gross_words`, `pay_stems`, `due_stems`, `limit_words`, `if_words`, `cash_discount` and
`of_words` (see `sentences`), `terms_patterns` (regular expressions over folded text), `parties`, `party_form` and
`form_sides` (see `parties.forms`), `shippers` and `consignees` (see `parties.cues`), `postage_paid`, `legal_forms`,
`address_words`, `countries`, `not_a_name`. A phrase that starts with `~` is weak: right beside a value, but too common
a word to outweigh anything.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Indel

from extraction.engine.layout import Layout, PageLayout, Span, span_of
from extraction.engine.textfold import TOKEN, fold_chars, longest, tokens

Phrases = dict[tuple[str, ...], list[tuple[str, bool]]]  # folded words -> [(name, weak)]
_PAIRING = re.compile(r"[.:#\s]*(?:/|&|\+|and|und|et|e|y|i|en)\s*")
_DATED = {"invoice_number": "invoice_date", "delivery_note": "delivery_date"}
_INCLUDING = re.compile(r"[^\W\d_]{4,} (?:incl|inkl|einschl)[a-z]*\.? (?:\d+(?:[.,]\d+)? ?% )?$")
_NUMBER_BEHIND = re.compile(r"[/\\_-]\d")  # "Invoice No. GT/5153": the last word begins the number
MAX_WORDS = 6
MAX_MISREAD_WORDS = 3
SIMILAR = 0.8  # of the letters, for a misread phrase: one wrong in five
CUT = 0.88  # for a word of MIN_CUT letters: one that has lost a letter, as "tota"
MIN_CUT = 4
MIN_MISREAD = 5  # letters; shorter words turn into each other by one


@cache
def languages() -> dict[str, dict[str, Any]]:
    """Every label file by its language code, in alphabetical order."""
    files = [f for f in resources.files(__name__).iterdir() if f.name.endswith(".json")]
    return {
        f.name.removesuffix(".json"): json.loads(f.read_text(encoding="utf-8"))
        for f in sorted(files, key=lambda f: f.name)
    }


@cache
def words(section: str) -> tuple[str, ...]:
    """The entries of a list section over all languages, without repetition, in the languages' order."""
    return tuple(dict.fromkeys(entry for data in languages().values() for entry in data.get(section, ())))


@cache
def groups(section: str) -> dict[str, tuple[str, ...]]:
    """The entries of a section of named lists over all languages."""
    merged: defaultdict[str, list[str]] = defaultdict(list)
    for data in languages().values():
        for name, entries in data.get(section, {}).items():
            merged[name].extend(entries)
    return {name: tuple(dict.fromkeys(entries)) for name, entries in merged.items()}


@cache
def phrases(*sections: str) -> Phrases:
    """A look-up from folded words to the names that they may mean, over `sections` of named lists."""
    table: defaultdict[tuple[str, ...], list[tuple[str, bool]]] = defaultdict(list)
    for section in sections:
        for name, entries in groups(section).items():
            for entry in entries:
                meaning = (name, entry.startswith("~"))
                for gram in _spellings(tokens(entry)):
                    if meaning not in table[gram]:
                        table[gram].append(meaning)
    if "fields" in sections:  # a title says what the number behind it is: "Credit memorandum 2024-7"
        for gram in (tokens(entry) for entries in groups("titles").values() for entry in entries):
            table.setdefault(gram, [("invoice_number", True)])
    table.pop((), None)
    return dict(table)


def _spellings(gram: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The phrase, and as it falls apart where "no" is printed "n.º"."""
    if "no" not in gram:
        return (gram,)
    at = gram.index("no")
    return gram, (*gram[:at], "n", "o", *gram[at + 1 :])


@dataclass(frozen=True)
class LabelHit:
    """A label phrase in a segment: character offsets of the segment's text, the words, and what it may name."""

    names: tuple[str, ...]
    weak: bool
    segment: Span
    start: int
    end: int
    span: Span
    text: str

    @property
    def starts_segment(self) -> bool:
        return not any(c.isalnum() for c in self.segment.text[: self.start])

    @property
    def ends_segment(self) -> bool:
        """Figures may follow: "of which VAT 21 %"."""
        return not any(c.isalpha() for c in self.segment.text[self.end :])


def find_hits(layout: Layout, *sections: str) -> tuple[LabelHit, ...]:
    """Every label of `sections` on the pages, in reading order; at one place the longest phrase wins."""
    wrapped = [hit for page in layout.pages for hit in _wrapped_hits(page, sections)]
    parts = {id(word) for hit in wrapped for word in hit.segment.words}
    single = (hit for segment in layout.segments for hit in _segment_hits(segment, sections))
    return (*(h for h in single if not (h.weak and all(id(word) in parts for word in h.span.words))), *wrapped)


def _wrapped_hits(page: PageLayout, sections: tuple[str, ...]) -> Iterator[LabelHit]:
    """Labels broken over two lines of a narrow column: "Payment due" above "date:", "P.O." above "Number"."""
    table = phrases(*sections)
    over_a_value = zip(page.lines, page.lines[2:], strict=False)  # which stands between, in the middle
    for upper, lower in (*pairwise(page.lines), *over_a_value):
        headings = not any(c.isdigit() for c in upper.text + lower.text)
        for above in upper.segments:
            for below in lower.segments:
                pair = _wrapped(above, below, headings)
                meanings = table.get(tokens(pair[0].text) + tokens(pair[1].text)) if pair else None
                if pair is None or meanings is None or _is_whole(pair[0].text, table, headings):
                    continue
                both = span_of(pair[0].words + pair[1].words, page.number, page.width, page.height, page.method)
                yield _hit(both, 0, len(both.text), meanings)


def _wrapped(above: Span, below: Span, headings: bool) -> tuple[Span, Span] | None:
    """What may be one label: two aligned segments, or in a row of headings the words that stand above each other."""
    if below.y0 - above.y1 >= 0.9 * above.height or above.h_overlap(below) <= 0:
        return None
    if not headings:
        return (above, below) if above.misalignment(below) < 0.5 * above.height else None
    upper = _words_along(above, below)
    lower = _words_along(below, upper) if upper else None
    if upper is None or lower is None or upper.misalignment(lower) >= 0.5 * upper.height:
        return None
    return upper, lower


def _words_along(span: Span, other: Span) -> Span | None:
    """The words of `span` that stand above or below `other`."""
    x0, x1 = other.x0 / other.page_width, other.x1 / other.page_width
    along = [i for i, word in enumerate(span.words) if word.box.x0 < x1 and word.box.x1 > x0]
    return span.part(along[0], along[-1] + 1) if along else None


def _is_whole(text: str, table: Phrases, headings: bool) -> bool:
    """A label by itself: "Tax" above "Total" are two. A common word in a row of headings need not be."""
    head = tokens(text)
    common = headings and all(weak for _, weak in table.get(head, ()))
    return not head or (head in table and not common) or len(head) >= MAX_WORDS or text.rstrip().endswith(":")


def _segment_hits(segment: Span, sections: tuple[str, ...]) -> list[LabelHit]:
    table = phrases(*sections)
    found = list(TOKEN.finditer(fold_chars(segment.text)))
    is_ocr, longest_label = segment.method == "ocr", _longest(sections)
    hits = []
    i = 0
    while i < len(found):
        most = MAX_WORDS if is_ocr else longest_label.get(found[i][0], 0)
        for size in range(min(most, len(found) - i), 0, -1):
            gram = tuple(m[0] for m in found[i : i + size])
            names = table.get(gram)
            if names is None and size > 1 and gram in phrases("parties"):
                i += size  # "bill to" is neither a bill nor, misread, a "bill no"
                break
            runs_on = _NUMBER_BEHIND.match(segment.text, found[i + size - 1].end())
            names = names or (_misread(gram, sections) if is_ocr and not runs_on else None)
            if names:
                hits.append(_hit(segment, found[i].start(), found[i + size - 1].end(), names))
                i += size
                break
        else:
            i += 1
    return _paired([hit for hit in hits if not (_is_included(hit) if hit is hits[0] else _is_qualifier(hit))])


def _paired(hits: list[LabelHit]) -> list[LabelHit]:
    """The labels with a "Date" that another one shares a heading with named after that: "Delivery note no./Date"."""
    for i, (number, date) in enumerate(pairwise(hits), start=1):
        between = number.segment.text[number.end : date.start]
        if date.weak and "invoice_date" in date.names and _PAIRING.fullmatch(between):
            own = number.starts_segment or not number.weak  # "Delivery no./Date" speaks of no invoice
            name = next((_DATED[kind] for kind in _DATED if own and kind in number.names), "order_date")
            if not any(kind.endswith("_date") for kind in number.names):
                hits[i] = replace(date, names=(name,), weak=False)
    return hits


@cache
def _longest(sections: tuple[str, ...]) -> dict[str, int]:
    """Of the labels by their first word, and of the parties' that stand in their way."""
    return longest([*phrases(*sections), *phrases("parties")])


@lru_cache(maxsize=20_000)
def _misread(gram: tuple[str, ...], sections: tuple[str, ...]) -> list[tuple[str, bool]] | None:
    """What a phrase that OCR got almost right may name: one letter wrong in five, and no digit in it."""
    text = " ".join(gram)
    if len(text) < MIN_CUT or len(gram) > MAX_MISREAD_WORDS or any(c.isdigit() for c in text):
        return None
    if gram in phrases("columns", "identifiers"):
        return None  # "tax id" is no "tax in"
    known = _joined(sections).get(len(gram), [])
    best = process.extractOne(
        text, known, scorer=Indel.normalized_similarity, score_cutoff=SIMILAR if len(text) >= MIN_MISREAD else CUT
    )
    return phrases(*sections)[tuple(best[0].split(" "))] if best else None


@cache
def _joined(sections: tuple[str, ...]) -> dict[int, list[str]]:
    """The phrases long enough to be told apart when misread, by their number of words, in a fixed order."""
    by_size: defaultdict[int, list[str]] = defaultdict(list)
    for gram in sorted(phrases(*sections)):
        if len(" ".join(gram)) >= MIN_MISREAD:
            by_size[len(gram)].append(" ".join(gram))
    return by_size


def _is_qualifier(hit: LabelHit) -> bool:
    """Whether a later label of a segment only qualifies the first: "Total (incl. VAT)" names no tax."""
    before = fold_chars(hit.segment.text[: hit.start])
    last = TOKEN.findall(before)[-2:]  # "incl. VAT", "inclusive of VAT"
    return before.count("(") > before.count(")") or not _qualifiers().isdisjoint(last)


def _is_included(hit: LabelHit) -> bool:
    """Whether the first label of a segment says what is inside something else: "Premium including 19 % insurance
    tax"."""
    return _INCLUDING.search(fold_chars(hit.segment.text[: hit.start])) is not None


@cache
def _qualifiers() -> frozenset[str]:
    return frozenset(word for entry in words("qualifiers") for word in tokens(entry))


def _hit(segment: Span, start: int, end: int, meanings: list[tuple[str, bool]]) -> LabelHit:
    first, last = segment.text.count(" ", 0, start), segment.text.count(" ", 0, end - 1)
    names = tuple(name for name, _ in meanings)
    weak = any(weak for _, weak in meanings)  # too common a word is that in every language
    return LabelHit(names, weak, segment, start, end, segment.part(first, last + 1), segment.text[start:end])
