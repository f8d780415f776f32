"""Which label names which value: every candidate ranked for every field by label, direction, distance and format.

A label to the left of a value on its line names it most surely; one above it in its column nearly so. Nothing of the
same kind may stand between, and a label that has its value to the right does not also name the one below. Labels of
unwanted values (a delivery date, a customer number) compete on equal terms and win the values that are theirs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from extraction.engine.candidates import Candidate
from extraction.engine.dates import find_dates
from extraction.engine.labels import LabelHit
from extraction.engine.layout import Layout, Span
from extraction.engine.textfold import tokens

_CODE = re.compile(r"\b[A-Z]{3}\b")  # of a currency: "Total CHF"
_COLON = re.compile(r"\s?[:：]")
_SET_OFF = re.compile(r"[^\w\s.'’-]\s*$|\s-\s+$|\d\s+$")  # a comma, a stroke, the end of another value
_PLACE = re.compile(r",\s+[^\W\d_]{3}")
_BARE = frozenset({"no", "nr", "n", "num", "numero", "number", "nummer", "numer", "o"})

# Weights of one kind of evidence each, between 0 and 1.
SAME_SEGMENT = 1.0  # "Invoice no. 123"
RIGHT = 0.97  # "Invoice no.      123"
BELOW = 0.85  # the label is the heading of the value's column
WEAK = 0.6  # a common word ("date", "total")
IN_A_ROW = 0.8  # a common word that is a heading among others of a row
MAX_HEADINGS = 300  # of a page; one with more is no form
FACTS = 2  # of such others
NEXT_LINE = 0.9  # the label ends a line, the value begins the next
LINE_STEP = 1.8  # text heights from one line of a paragraph to the next, at most
PER_EM_RIGHT = 0.004  # lost for each text height of distance to the right
PER_EM_BELOW = 0.12  # and downwards
FOLLOWED = 0.55  # factor for a value with another one behind it, where the last of a row wins
BETWEEN = 0.45  # factor for each value of the same kind between label and value
OTHER_LABEL_BETWEEN = 0.5  # factor for each label between
TAKEN_RIGHT = 0.35  # factor for a value below a label that has its value beside it
PROSE_WORDS = 6  # words of a segment from which it is a sentence and no row
JUST_BEHIND = 0.9  # "... including 19.00 VAT": the label right behind its value
BEHIND_IN_PROSE = 0.75  # "... including 19.00 EUR of VAT"
WORD_BETWEEN = 0.85  # factor for each word between label and value in one segment
BURIED_INSIDE = 0.7  # factor for a common word within a sentence, before a value of it
MORE_SAID = 0.95  # factor for each word behind a common one that begins a line: "Total for section"
OF_ANOTHER = 0.3  # for a mere "no." that belongs to other words
BURIED = 0.4  # and before a value further right
IN_A_SENTENCE = 0.5  # factor for a value below a label that is no heading
MID_SEGMENT = 0.45  # factor for an id behind words that are not its label
MID_LETTERS = 4
MAX_RIGHT_EM = 75.0
MAX_BELOW_EM = 4.5
SHARED = 0.45  # of the lower one's height, by two on one line
T = TypeVar("T")


@dataclass(frozen=True)
class Link:
    """A label that may name a candidate, and how strongly (0..1)."""

    label: LabelHit
    score: float


@dataclass(frozen=True)
class Scored:
    """A candidate with its score for one field and the label that decided."""

    candidate: Candidate
    score: float
    label: LabelHit | None


Ranking = dict[str, list[Scored]]


def rank(
    layout: Layout,
    candidates: Sequence[Candidate],
    hits: Sequence[LabelHit],
    names: Iterable[str],
    *,
    last_wins: bool = False,
) -> Ranking:
    """For each field of `names` its candidates (all of one kind), best first.

    A candidate's score for a field is its strongest link for it, less what a stronger link to another name takes. With
    `last_wins` the last value of a row is the one that its label names, as in "VAT 19 % of 100.00   19.00"; else the
    first.
    """
    links = link_all(layout, candidates, hits, last_wins=last_wins)
    ranking: Ranking = {name: [] for name in names}
    for candidate, found in zip(candidates, links, strict=True):
        best: dict[str, Link] = {}
        for link in found:
            for name in link.label.names:
                if name not in best or link.score > best[name].score:
                    best[name] = link
        for name in ranking.keys() & best.keys():
            rival = max((b.score for n, b in best.items() if b.label != best[name].label), default=0.0)
            score = best[name].score - max(0.0, rival - best[name].score) * 0.8
            if score > 0:
                ranking[name].append(Scored(candidate, score, best[name].label))
    for name in ranking:
        ranking[name].sort(key=lambda s: -s.score)
    return ranking


def link_all(
    layout: Layout, candidates: Sequence[Candidate], hits: Sequence[LabelHit], *, last_wins: bool = False
) -> list[list[Link]]:
    """The links of each candidate, in the candidates' order. All candidates should be of one kind."""
    em = {page.number: page.em for page in layout.pages}
    sheets = {number: _Sheet(size) for number, size in em.items()}
    for hit in hits:
        sheets[hit.span.page].hits.append(hit)
    for candidate in candidates:
        sheets[candidate.span.page].candidates.append(candidate)
    on = [sheets[candidate.span.page] for candidate in candidates]
    right = [list(_right_links(candidate, sheet, last_wins)) for candidate, sheet in zip(candidates, on, strict=True)]
    # A label counts as served beside it only by the value that stands nearest to its right
    served = {id(link.label) for links in right for link in links if link.score >= 0.5 * RIGHT}
    for candidate, links, sheet in zip(candidates, right, on, strict=True):
        links.extend(_wrapped_links(candidate, sheet))
        links.extend(_below_links(candidate, sheet, served))
    return right


@dataclass
class _Sheet:
    """A page's median text height in points, its labels and its candidates; and what many candidates ask of them, each
    found once."""

    em: float
    hits: list[LabelHit] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    _rows: dict[tuple[float, float], tuple[list[LabelHit], list[Candidate]]] = field(default_factory=dict)
    _above: dict[float, list[LabelHit]] = field(default_factory=dict)

    def row(self, span: Span) -> tuple[list[LabelHit], list[Candidate]]:
        """The labels and candidates of the line of `span`."""
        key = (span.y0, span.y1)
        if key not in self._rows:
            near = [h for h in _on_line(self._hit_bands, span) if abs(h.span.cy - span.cy) < 2 * self.em]
            self._rows[key] = near, _on_line(self._candidate_bands, span) if near else []
        return self._rows[key]

    @cached_property
    def _hit_bands(self) -> list[tuple[float, float, LabelHit]]:
        return [(h.span.y0, h.span.y1, h) for h in self.hits]

    @cached_property
    def _candidate_bands(self) -> list[tuple[float, float, Candidate]]:
        return [(c.span.y0, c.span.y1, c) for c in self.candidates]

    def above(self, top: float) -> list[LabelHit]:
        """The labels from which it is not too far down to `top`."""
        if top not in self._above:
            self._above[top] = [h for h in self.hits if -0.4 <= (top - h.span.y1) / self.em <= MAX_BELOW_EM]
        return self._above[top]

    @cached_property
    def ends(self) -> list[LabelHit]:
        """The labels that end a line of a paragraph."""
        return [
            hit
            for hit in self.hits
            if hit.ends_segment
            and not hit.starts_segment
            and (not hit.weak or hit.segment.text.endswith(":"))
            and len(hit.segment.words) >= PROSE_WORDS
        ]

    @cached_property
    def headings(self) -> set[int]:
        """The labels, by identity, that are headings (see `_is_heading`)."""
        by_segment: defaultdict[int, list[LabelHit]] = defaultdict(list)
        for hit in self.hits:
            by_segment[id(hit.segment)].append(hit)
        return {id(hit) for beside in by_segment.values() for hit in beside if _is_heading(hit, beside)}

    @cached_property
    def heads_of_facts(self) -> set[int]:
        """The labels, by identity, that head a row of facts: two others, of no amounts, are headings beside."""
        of_facts = (hit for hit in self.hits if not any(name.endswith("_amount") for name in hit.names))
        headings = [hit for hit in of_facts if id(hit) in self.headings]
        if len(headings) > MAX_HEADINGS:
            return set()
        rows = {
            id(hit): {o.names for o in headings if o.segment is not hit.segment and _same_line(o.span, hit.span)}
            for hit in headings
        }
        return {key for key, others in rows.items() if len(others) >= FACTS}


def _strength(hit: LabelHit) -> float:
    return WEAK if hit.weak else 1.0


def _same_line(a: Span, b: Span) -> bool:
    return a.v_overlap(b) > SHARED * min(a.height, b.height)


def _on_line(bands: Sequence[tuple[float, float, T]], span: Span) -> list[T]:
    """What stands on the line of `span`, of things with their tops and bottoms; as `_same_line`, for very many."""
    top, bottom = span.y0, span.y1
    height = bottom - top
    return [it for y0, y1, it in bands if min(y1, bottom) - max(y0, top) > SHARED * min(y1 - y0, height)]


def _right_links(candidate: Candidate, sheet: _Sheet, last_wins: bool) -> Iterable[Link]:
    span = candidate.span
    row, peers = sheet.row(span)
    if not row:
        return
    followed = last_wins and _is_followed(candidate, sheet.hits, peers)
    for hit in row:
        inside = hit.segment is candidate.segment
        if last_wins and inside and _follows_in_prose(hit, candidate):
            adjacent = hit.segment.text[candidate.end : hit.start].isspace()
            yield Link(hit, JUST_BEHIND if adjacent else BEHIND_IN_PROSE * _strength(hit))
        gap = (span.x0 - hit.span.x1) / sheet.em
        if (hit.end > candidate.start if inside else gap < -0.5) or gap > MAX_RIGHT_EM:
            continue
        score = (_inside(hit, candidate) if inside else _on_row(hit, candidate)) - PER_EM_RIGHT * max(0.0, gap)
        score *= 1.0 if inside or _opens_segment(candidate) else MID_SEGMENT
        if last_wins and not (inside and _is_prose(hit.segment)):
            score *= FOLLOWED if followed else 1.0
        else:
            score *= BETWEEN ** _values_between(hit, candidate, peers)
        score *= OTHER_LABEL_BETWEEN ** sum(1 for o in row if _intervenes(o, hit, span))
        yield Link(hit, score)


def _opens_segment(candidate: Candidate) -> bool:
    """Whether an id is what its segment begins with: right of "Invoice no.", "Rue Haute 174" is no number."""
    before = candidate.segment.text[: candidate.start] if candidate.segment else ""
    return candidate.kind != "id" or sum(c.isalpha() for c in before) < MID_LETTERS


def _intervenes(other: LabelHit, hit: LabelHit, span: Span) -> bool:
    """Whether another label stands between label and value; a common word of the same sentence does not count."""
    trivial = other.weak and other.segment is hit.segment
    return other is not hit and not trivial and _lies_between(other.span, hit.span, span)


def _inside(hit: LabelHit, candidate: Candidate) -> float:
    """The weight of a label in the value's own segment; a common word in the middle of a sentence names little unless
    it is set off from it, and words between take from it: "No. of delivery note: 5" is not number 5."""
    between = hit.segment.text[hit.end : candidate.start]
    words = _words(between)
    of_another = candidate.kind == "id" and (_is_of_another(hit, between) or _numbers_house(hit, candidate))
    set_off = _is_set_off(hit) if candidate.kind == "id" else _COLON.match(hit.segment.text, hit.end)
    buried = hit.weak and not hit.starts_segment and not set_off
    score = SAME_SEGMENT * _strength(hit) * (BURIED_INSIDE if buried else 1.0) * WORD_BETWEEN ** min(words, 4)
    return score * (OF_ANOTHER if of_another else 1.0)


def _on_row(hit: LabelHit, candidate: Candidate) -> float:
    """The weight of a label elsewhere on the line, likewise."""
    buried = hit.weak and not (hit.starts_segment or hit.ends_segment)
    of_another = candidate.kind == "id" and hit.starts_segment and _is_of_another(hit, hit.segment.text[hit.end :])
    behind = (
        _words(_CODE.sub("", hit.segment.text[hit.end :]))
        if hit.weak and hit.starts_segment and candidate.kind == "amount"
        else 0
    )
    score = RIGHT * _strength(hit) * MORE_SAID ** min(behind, 3)
    return score * (BURIED if buried else 1.0) * (OF_ANOTHER if of_another else 1.0)


def _words(text: str) -> int:
    return sum(any(c.isalpha() for c in word) for word in text.split())


def _is_of_another(hit: LabelHit, behind: str) -> bool:
    """Whether the label is a mere "no." that ends or begins the name of another number: "Registered no. 5", "N°
    d'entreprise 5"."""
    if not _BARE.issuperset(tokens(hit.text)):
        return False
    return any(c.isalpha() for c in behind) or not (hit.starts_segment or _is_set_off(hit))


def _numbers_house(hit: LabelHit, candidate: Candidate) -> bool:
    """Whether a mere "no." is a house's: "No. 158, Jalan Meranti 3", not "No. 158, 3 May 2024"."""
    behind = hit.segment.text[candidate.end :]
    named = bool(_PLACE.match(behind)) and _BARE.issuperset(tokens(hit.text))
    return named and next(find_dates(behind, day_first=True), None) is None


def _is_set_off(hit: LabelHit) -> bool:
    """Whether the label begins a fact in a line of several: "Date: 1 May, No: 5"."""
    bare = _BARE.issuperset(tokens(hit.text))
    begins = _SET_OFF.search(hit.segment.text[: hit.start])
    return bool(begins if bare else _COLON.match(hit.segment.text, hit.end))


def _is_prose(segment: Span) -> bool:
    return sum(any(c.isalpha() for c in word.text) for word in segment.words) >= PROSE_WORDS


def _follows_in_prose(hit: LabelHit, candidate: Candidate) -> bool:
    """Whether a sentence names the amount after it: "including EUR 19.00 of VAT"."""
    between = hit.segment.text[candidate.end : hit.start]
    return candidate.end <= hit.start and len(between.split()) <= 2 and _is_prose(hit.segment)


def _is_followed(candidate: Candidate, hits: Sequence[LabelHit], peers: Sequence[Candidate]) -> bool:
    """Whether another value stands further right on the line, before the next label."""
    span = candidate.span
    after = [p.span.x0 for p in peers if p.span.x0 >= span.x1 - 0.5]
    labels = [h.span.x0 for h in hits if h.span.x0 >= span.x1 - 0.5 and _same_line(h.span, span)]
    return bool(after) and min(after) < min(labels, default=float("inf"))


def _values_between(hit: LabelHit, candidate: Candidate, peers: Sequence[Candidate]) -> int:
    return sum(
        1
        for peer in peers
        if peer is not candidate
        and peer.kind == candidate.kind
        and _lies_between(peer.span, hit.span, candidate.span)
        and peer.span.words != candidate.span.words
    )


def _lies_between(span: Span, left: Span, right: Span) -> bool:
    return left.x1 - 0.5 <= span.x0 and span.x1 <= right.x0 + 0.5 and _same_line(span, right)


def _wrapped_links(candidate: Candidate, sheet: _Sheet) -> Iterable[Link]:
    """A label that ends a line whose value begins the next: "... by transfer. Due date:" above "05/05/2024"."""
    segment = candidate.segment
    if segment is None or not sheet.ends or any(c.isalnum() for c in segment.text[: candidate.start]):
        return
    for hit in sheet.ends:
        above = hit.segment
        if 0 < segment.cy - above.cy < LINE_STEP * above.height and abs(segment.x0 - above.x0) < above.height:
            yield Link(hit, NEXT_LINE * _strength(hit))


def _below_links(candidate: Candidate, sheet: _Sheet, served: set[int]) -> Iterable[Link]:
    span, em = candidate.span, sheet.em
    segment = candidate.segment or span
    for hit in sheet.above(span.y0):
        if hit.span.cy >= span.cy or not _in_column(hit, segment, span, em):
            continue
        gap = (span.y0 - hit.span.y1) / em
        in_row = id(hit) in sheet.heads_of_facts
        whole = in_row and hit.starts_segment and hit.ends_segment
        strength = max(_strength(hit), IN_A_ROW) if whole else _strength(hit)
        score = BELOW * strength - PER_EM_BELOW * max(0.0, gap) * (0.5 if in_row else 1.0)
        between = [
            p for p in sheet.candidates
            if p.kind == candidate.kind and hit.span.cy < p.span.cy < span.cy - 0.3 * em and p.span.h_overlap(span) > 0
        ]  # fmt: skip
        score *= BETWEEN ** len(between)
        score *= OTHER_LABEL_BETWEEN ** sum(1 for o in sheet.hits if _label_between(o, hit, span, em))
        if id(hit) in served:
            score *= TAKEN_RIGHT
        if id(hit) not in sheet.headings:
            score *= IN_A_SENTENCE
        yield Link(hit, score)


def _label_between(other: LabelHit, hit: LabelHit, span: Span, em: float) -> bool:
    lower = hit.span.cy + 0.3 * em < other.span.cy < span.cy - 0.3 * em
    return other is not hit and lower and other.span.h_overlap(span) > 0 and other.starts_segment


def _is_heading(hit: LabelHit, hits: Sequence[LabelHit]) -> bool:
    """Whether the segment is a column's heading, or several that stand close: little more than labels, so not a
    sentence with the word in it."""
    text = hit.segment.text
    rest = at = 0
    for start, end in sorted((o.start, o.end) for o in hits if o.segment is hit.segment):
        rest += sum(map(str.isalnum, text[at:start]))
        at = max(at, end)
    rest += sum(map(str.isalnum, text[at:]))
    return rest <= max(4, 0.5 * (hit.end - hit.start))


def _in_column(hit: LabelHit, segment: Span, span: Span, em: float) -> bool:
    """Whether the value stands under its label: overlapping it, and aligned left, right or by the middle."""
    if hit.span.h_overlap(span) <= 0:
        return False
    for value in (span, segment):
        for label in (hit.span, hit.segment):
            if min(abs(label.x0 - value.x0), abs(label.x1 - value.x1)) < 1.5 * em:
                return True
        if abs(hit.span.cx - value.cx) < 2.5 * em:
            return True
    return False
