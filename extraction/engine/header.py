"""Numbers and dates in the head of an invoice: the best-ranked candidate, or none where the evidence is thin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from extraction.engine.candidates import Candidate
from extraction.engine.confidence import calibrate
from extraction.engine.document import Document
from extraction.engine.labels import LabelHit, groups
from extraction.engine.layout import Span
from extraction.engine.parties.identifiers import Identifier
from extraction.engine.parties.pieces import classify
from extraction.engine.result import DocumentType, Field, Rejected, value_to_json
from extraction.engine.scoring import Ranking, Scored, rank
from extraction.engine.sentences import limits_discount, sentence_labels
from extraction.engine.textfold import fold_chars, tokens

_DATELINE = re.compile(r"[^\W\d_][^\d:]{1,30}, ?(?:le |den |the |am |dnia |dne )?")
_OF_PLACE = re.compile(r"\d{1,6}[A-Za-z]?|\d{1,4}[-/][A-Za-z\d]{1,3}")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( ?[AaPp]\.?[Mm]\.?)?")
MIN_SCORE = {"invoice_date": 0.2, "due_date": 0.4, "invoice_number": 0.22, "purchase_order": 0.45}
ONLY_DATE = 0.25  # the one date of a document that no label claims, wherever it stands
UNLABELLED_DATE = 0.3  # a lone date in the upper part of the first page is usually the invoice's
SPOKEN_FOR = 0.3  # a date with a label this strong is not unlabelled, whatever the label says
OTHER_DATES = ("delivery_date", "order_date", "period")
PARTY_NUMBERS = ("tax_id", "iban", "bic", "phone")
SURE_NUMBER = 0.75
SIGNS = ("#", "№", "No", "No.", "Nr", "Nr.")
HASHED = 0.4  # a number after nothing but its sign, or before a date
BARE_REFERENCE = 0.45  # factor for a number that is only called a reference
BUYER_REFERENCE = 0.75  # factor for the number of an order that is only called the buyer's reference
CLEAR = 0.6
ID_NAMES = ("invoice_number", "purchase_order", "bare_reference", "buyer_reference")
HEAD = 0.4  # of the first page's height
LONG_ID = 4  # characters of one whose repetition is no chance
REPEATED = 0.08  # for an id that stands on the page again, as an invoice's own number does
TITLED = 0.12  # for an id right behind the title of the document
FEW_DIGITS = 0.3  # lost by an id with fewer than three digits
TITLE_PART = 0.6  # of the first page's height in which a heading names the document type
DATELINE = 0.55  # "Hannover, 11.07.2023" or "Lyon, le 12 mars 2024" in the upper part of the first page
COLUMN = 3  # so many dates under a common word are a column of a table
HEADED = 0.55
TIED = 0.8  # factor for "Invoice 2024-7 of 12 April" beside a date that is called the invoice's
LATER_PAGE = 0.55  # factor for numbers and dates after the first page
MAX_REJECTED = 5


def read_header(document: Document, identifiers: Sequence[Identifier] = ()) -> dict[str, Field]:
    """invoice_number, purchase_order, invoice_date and due_date, those that are there. `identifiers` are the parties'
    tax ids, accounts and telephone numbers, which a mere "No." does not make the invoice's."""
    chosen: dict[str, Scored | None] = {}
    ids = _rank_ids(document, identifiers)
    dates = _rank_dates(document)
    for name, ranking in (("invoice_number", ids), ("purchase_order", ids), ("invoice_date", dates)):
        chosen[name] = _best(ranking[name], MIN_SCORE[name])
    chosen["due_date"] = _due_date(dates["due_date"], chosen["invoice_date"])
    number, order = chosen["invoice_number"], chosen["purchase_order"]
    if number and order and number.candidate is order.candidate:
        chosen["purchase_order"] = None
    rankings = ids | dates
    return {name: as_field(best, rankings[name], calibrate(name, best.score)) for name, best in chosen.items() if best}


def as_field(best: Scored, others: Sequence[Scored], confidence: float) -> Field:
    """The field of the chosen candidate, with the runners-up of another value kept as rejected."""
    candidate = best.candidate
    rejected: list[Rejected] = []
    for other in others:
        if other.candidate.value != candidate.value and len(rejected) < MAX_REJECTED:
            provenance = other.candidate.provenance(other.label.text if other.label else None)
            rejected.append(Rejected(value_to_json(other.candidate.value) or "", other.score, provenance))
    provenance = candidate.provenance(best.label.text if best.label else None)
    return Field(candidate.value, confidence, provenance, tuple(rejected))


def _best(ranked: Sequence[Scored], minimum: float) -> Scored | None:
    return ranked[0] if ranked and ranked[0].score >= minimum else None


def _rank_ids(document: Document, identifiers: Sequence[Identifier]) -> Ranking:
    ids = [c for c in document.ids if not _is_of_address(c)]
    ranking = rank(document.layout, ids, document.hits, ID_NAMES)
    taken = {id(word) for i in identifiers if _is_called_so(i) for word in i.span.words}
    for name, ranked in ranking.items():
        common = name == "buyer_reference"  # what a buyer refers to may be any number, and says so only here
        ranking[name] = [s for s in ranked if not ((common or _is_barely_named(s)) and _lies_in(s.candidate, taken))]
    _take_references(ranking)
    signed = _signed(document)
    counts = Counter(str(c.value) for c in ids)
    for name, ranked in ranking.items():
        placed = (c for c in ids if _is_hashed(c) or id(c.segment) in signed or _is_dated(c, document.dates))
        alone = [Scored(c, HASHED, None) for c in placed] if name == "invoice_number" else []
        scored = [_weighed(s, counts) for s in [*ranked, *alone]]
        scored = [s for s in scored if not _is_a_date(s, document.dates)]
        ranking[name] = sorted(map(_placed, scored), key=lambda s: -s.score)
    return ranking


def _is_of_address(candidate: Candidate) -> bool:
    """Whether it is a house number or a postcode: a part of a line that is a street or a town."""
    text = candidate.segment.text if candidate.segment else ""
    alike = candidate.end - candidate.start < len(text) and _OF_PLACE.fullmatch(str(candidate.value))
    return bool(alike) and classify(text.strip(" ,")) in ("street", "city")


def _titled(scored: Scored) -> float:
    """For a number right behind the title that its line begins with: "INVOICE 2025-3399"."""
    label = scored.label
    titled = label is not None and label.starts_segment and tokens(label.text) in _titles()
    if not titled or label is None or label.segment is not scored.candidate.segment:
        return 0.0
    return TITLED if not label.segment.text[label.end : scored.candidate.start].strip(" :#.") else 0.0


def _is_a_date(scored: Scored, dates: Sequence[Candidate]) -> bool:
    """Whether an id is one of the dates: "Faktura 7/05/2024" is a number where its words are right behind the label."""
    candidate, label = scored.candidate, scored.label
    if not any(d.segment is candidate.segment and (d.start, d.end) == (candidate.start, candidate.end) for d in dates):
        return False
    if label is None or label.segment is not candidate.segment:
        return True
    return label.segment.text[label.end : candidate.start].strip() != ""  # not even a colon between


def _placed(scored: Scored) -> Scored:
    """Less for what stands on a later page: the head of an invoice is on its first."""
    return scored if scored.candidate.span.page == 1 else replace(scored, score=scored.score * LATER_PAGE)


def _is_called_so(identifier: Identifier) -> bool:
    """Whether a label right before it says what the identifier is."""
    label = identifier.label.strip()
    sure = identifier.kind in PARTY_NUMBERS and identifier.quality >= SURE_NUMBER
    return sure and bool(label) and not any(c.isdigit() for c in label)


def _is_barely_named(scored: Scored) -> bool:
    return scored.label is None or scored.label.weak


def _lies_in(candidate: Candidate, words: set[int]) -> bool:
    return all(id(word) in words for word in candidate.span.words)


def _take_references(ranking: Ranking) -> None:
    """Where nothing is called the invoice's number, what is called but "Ref." in the head of the page may be it; where
    nothing is called the order's, "your reference" (EN 16931 BT-10) is what the buyer wants to find the order by."""
    references = ranking.pop("bare_reference")
    if not any(s.score + _shape(s.candidate) >= MIN_SCORE["invoice_number"] for s in ranking["invoice_number"]):
        named = [s for s in references if s.score >= CLEAR and _in_head(s.candidate.span)]
        ranking["invoice_number"] += [replace(s, score=s.score * BARE_REFERENCE) for s in named]
    yours = [s for s in ranking.pop("buyer_reference") if s.score >= CLEAR]
    if not any(s.score >= MIN_SCORE["purchase_order"] for s in ranking["purchase_order"]):
        ranking["purchase_order"] += [replace(s, score=s.score * BUYER_REFERENCE) for s in yours]


def _is_hashed(candidate: Candidate) -> bool:
    """A "#1024" alone or behind a title in the head of the first page."""
    span, segment = candidate.span, candidate.segment or candidate.span
    hashed = re.fullmatch(r"(?P<title>[^\d#№]*)[#№] ?\S+", segment.text)
    return hashed is not None and _in_head(span) and (not hashed["title"] or tokens(hashed["title"]) in _titles())


def _signed(document: Document) -> frozenset[int]:
    """The segments, by identity, of the head of the first page that a sign alone introduces: "#   : INV-1024"."""
    lines = document.layout.pages[0].lines if document.layout.pages else ()
    found = set()
    for sign, *values in (line.segments for line in lines if _in_head(line.span)):
        said = " ".join(value.text for value in values)
        if sign.text in SIGNS and said.startswith(":"):
            found |= {id(value) for value in values[:2]}
    return frozenset(found)


def _is_dated(candidate: Candidate, dates: Sequence[Candidate]) -> bool:
    """A number and a date alone on a line in the head: "L11011 / 22-Oct-2025"."""
    segment = candidate.segment
    if segment is None or candidate.start or not _in_head(candidate.span):
        return False
    behind = {d.start for d in dates if d.segment is segment and d.end == len(segment.text)}
    between = re.match(r" ?[-–/·|,] ?", segment.text[candidate.end :])
    return between is not None and candidate.end + between.end() in behind


def _in_head(span: Span) -> bool:
    return span.page == 1 and span.y0 < HEAD * span.page_height


def _weighed(scored: Scored, counts: Counter[str]) -> Scored:
    """With what its form, its repetition and a title before it add."""
    repeated = REPEATED * _is_repeated(scored.candidate, counts)
    return replace(scored, score=scored.score + _shape(scored.candidate) + repeated + _titled(scored))


def _is_repeated(candidate: Candidate, counts: Counter[str]) -> bool:
    return counts[str(candidate.value)] > 1 and len(str(candidate.value)) >= LONG_ID


def _shape(candidate: Candidate) -> float:
    """Below 0 for an id with few digits."""
    return -FEW_DIGITS * (sum(c.isdigit() for c in str(candidate.value)) < 3)


def _rank_dates(document: Document) -> Ranking:
    """Dates by their labels; for the invoice date also those without any, by their place."""
    dates = [c for c in document.dates if not c.in_range]
    hits = [*document.hits, *sentence_labels(document.layout, dates, document.hits)]
    ranking = rank(document.layout, dates, hits, ("invoice_date", "due_date", "tied_date", *OTHER_DATES))
    claims = {name: {id(s.candidate) for s in ranked if s.score >= SPOKEN_FOR} for name, ranked in ranking.items()}
    linked = set().union(*claims.values())
    free = [c for c in dates if id(c) not in linked]
    only = len({c.value for c in free}) == 1
    others = linked - claims["invoice_date"] | {key for name in OTHER_DATES for key in claims[name]}
    place = [Scored(c, ONLY_DATE if only else _place_score(c), None) for c in free]
    heads = [h for h in document.hits if "invoice_number" in h.names and (not h.weak or h.starts_segment)]
    place += [Scored(c, DATELINE, None) for c in dates if id(c) not in others and _is_dateline(c)]
    place += [Scored(c, DATELINE, None) for c in free if _stands_beside(c, heads)]
    ranking["due_date"] = [s for s in ranking["due_date"] if not limits_discount(s.candidate)]
    ranking["invoice_date"] = [s for s in ranking["invoice_date"] if not _is_cell(s, dates, hits)]
    tied = [replace(s, score=s.score * TIED) for s in ranking["tied_date"]]
    dated = [*ranking["invoice_date"], *tied, *(s for s in place if s.score > 0)]
    ranking["invoice_date"] = sorted(map(_placed, dated), key=lambda s: -s.score)
    return ranking


def _is_cell(scored: Scored, dates: Sequence[Candidate], hits: Sequence[LabelHit]) -> bool:
    """Whether a date stands with others under a common word that heads the column of a table."""
    label, span = scored.label, scored.candidate.span
    if label is None or not label.weak or label.span.y1 > span.cy:
        return False
    top = label.span.y1
    between = [h.span for h in hits if h.span.page == span.page and h.span.y0 >= top and h.span.h_overlap(span) > 0]
    foot = min((h.y0 for h in between), default=float("inf"))
    under = (d.span for d in dates if d.span.page == span.page and top <= d.span.y0 < foot)
    return sum(abs(d.x0 - span.x0) < 0.5 * span.height for d in under) >= COLUMN


def _is_dateline(candidate: Candidate) -> bool:
    """A place and the date alone in the upper part of the first page: "Hannover, 11.07.2023"."""
    span = candidate.span
    before = fold_chars(candidate.segment.text[: candidate.start]) if candidate.segment else ""
    headed = span.page == 1 and span.y0 < HEADED * span.page_height
    return headed and _stands_alone(candidate) and bool(_DATELINE.fullmatch(before))


def _stands_beside(candidate: Candidate, heads: Sequence[LabelHit]) -> bool:
    """A date without a label alone on the line of the title and number, at the other end of it."""
    span = candidate.span
    beside = (h for h in heads if h.span.page == span.page == 1 and h.segment.x1 < span.x0)
    return _stands_alone(candidate) and any(h.segment.v_overlap(span) > 0.5 * span.height for h in beside)


def _place_score(candidate: Candidate) -> float:
    span = candidate.span
    if span.page != 1 or not _stands_alone(candidate):
        return 0.0
    return UNLABELLED_DATE - 0.2 * span.y0 / span.page_height


def _stands_alone(candidate: Candidate) -> bool:
    """Whether the segment is the date and little else ("Munich, 1 May 2024"): a date in prose is not the invoice's."""
    segment = candidate.segment or candidate.span
    rest = _TIME.sub("", segment.text[: candidate.start] + segment.text[candidate.end :])
    return len(tokens(rest)) <= 2


def _due_date(ranked: Sequence[Scored], invoice_date: Scored | None) -> Scored | None:
    """The best due date that is not before the invoice date, nor the invoice date's own words."""
    for scored in ranked:
        if scored.score < MIN_SCORE["due_date"]:
            break
        value = scored.candidate.value
        if invoice_date is None:
            return scored
        same_words = scored.candidate.span.words == invoice_date.candidate.span.words
        issued = invoice_date.candidate.value
        if not same_words and isinstance(value, date) and isinstance(issued, date) and value >= issued:
            return scored
    return None


def document_type(document: Document) -> DocumentType:
    """ "credit_note" or "receipt" where a heading in the upper part of the first page says so, else "invoice"."""
    sizes: dict[DocumentType, float] = {}
    page = document.layout.pages[0]
    for segment in page.segments:
        kind = _titles().get(tokens(re.sub(r"[\d#].*", "", segment.text)))
        if kind and segment.y0 < TITLE_PART * page.height:
            sizes[kind] = max(sizes.get(kind, 0.0), segment.height)
    return max(sizes, key=lambda kind: (sizes[kind], kind != "invoice")) if sizes else "invoice"


@cache
def _titles() -> dict[tuple[str, ...], DocumentType]:
    kinds: tuple[DocumentType, ...] = ("invoice", "credit_note", "receipt")
    return {tokens(phrase): kind for kind in kinds for phrase in groups("titles").get(kind, ())}
