"""Dates that sentences introduce rather than labels: "please pay by 11 May", "Invoice no. 2024-7 of 12 April"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise, product

from extraction.engine.candidates import Candidate
from extraction.engine.labels import LabelHit, words
from extraction.engine.layout import Layout, Span
from extraction.engine.textfold import TOKEN, fold_chars, tokens

# Behind an amount, or a word of some length: shorter ones are cut off ("inv. no.")
_FULL_STOP = re.compile(r"(?:[^\W\d_]{4,}|\d[.,]\d\d)[.!?]\s")
_CLAUSE_END = re.compile(rf"{_FULL_STOP.pattern}|,\s")
PROSE_WORDS = 4  # of a line that goes on in the next
BOX_LINES = 2  # over a limit in a box, which speak of paying
BOX_STEP = 1.5  # text heights between its lines
REACH = 4  # words before the date in which its preposition stands: "by 11 May", "bis zum 11.05."


def sentence_labels(layout: Layout, dates: Sequence[Candidate], hits: Sequence[LabelHit]) -> tuple[LabelHit, ...]:
    """Labels made of the words before a date: due_date where the sentence speaks of paying and the words set a limit,
    or says that the sum will be debited then; tied_date (or, in the middle of a sentence, a weak invoice_date) where
    they tie it to an invoice number before it. A limit for a cash discount is no due date.
    """
    numbered = {id(hit.segment): hit for hit in hits if "invoice_number" in hit.names}
    neighbours = _neighbours(layout)
    found = []
    for date in dates:
        if date.segment is None:
            continue
        above, below = (fold_chars(s.text) if s else "" for s in neighbours[id(date.segment)])
        above = above or fold_chars(_over(layout, date))
        said = _Said(f"{above} {fold_chars(date.segment.text)} {below}", len(above) + 1, date)
        label = said.payment_label() or said.tied_label(numbered.get(id(date.segment)), hits)
        if label:
            found.append(label)
    return tuple(found)


@dataclass(frozen=True)
class _Said:
    """A date in its sentence: the folded text, where the date's own segment begins in it, and the date."""

    text: str
    offset: int
    date: Candidate

    @property
    def start(self) -> int:
        return self.offset + self.date.start

    @cached_property
    def before(self) -> list[re.Match[str]]:
        """The words right before the date."""
        return list(TOKEN.finditer(self.text, 0, self.start))[-REACH:]

    @cached_property
    def sentence(self) -> str:
        """The text from the full stop before the date to the next behind it."""
        stops = [m.end() for m in _FULL_STOP.finditer(self.text)]
        start = max((stop for stop in stops if stop <= self.start), default=0)
        return self.text[start : min((stop for stop in stops if stop > self.start), default=len(self.text))]

    def payment_label(self) -> LabelHit | None:
        words_said = TOKEN.findall(self.sentence)
        limit = next((m for m in self.before if m[0] in _folded("limit_words")), None)
        pays = any(word.startswith(_stems("pay_stems")) for word in words_said)
        offered = "not" not in words_said and any(m[0] in _folded("if_words") for m in self.before)
        if limit and pays and not offered and not _speaks_of_discount(self.text, self.start):
            return self._label("due_date", limit)
        falls_due = any(word.startswith(_stems("due_stems")) for word in words_said)
        if self.before and self.before[-1][0] in _folded("on_words") and (falls_due or _is_to_be_debited(words_said)):
            return self._label("due_date", self.before[-1])
        return None

    def tied_label(self, number: LabelHit | None, hits: Sequence[LabelHit]) -> LabelHit | None:
        """`number` is the label of an invoice number in the date's segment."""
        tie = self.before[-1] if self.before and self.before[-1][0] in _folded("of_words") else None
        if tie is None:
            return None
        if number is None:
            return self._label("order_date", tie) if self._is_of_another(tie, hits) else None
        if not any(c.isdigit() for c in self.text[self.offset + number.end : tie.start()]):
            return None
        return self._label("tied_date", tie) if number.starts_segment else self._label("invoice_date", tie, weak=True)

    def _is_of_another(self, tie: re.Match[str], hits: Sequence[LabelHit]) -> bool:
        """Whether the date belongs to the number before it, which a label to the left calls another paper's: "Your
        order: 4500038812 of 14 July"."""
        span = self.date.span
        left = [h for h in hits if h.span.page == span.page and h.span.x1 <= span.x0 and not h.weak]
        beside = [h for h in left if h.span.v_overlap(span) > 0.5 * span.height]
        numbered = bool(re.search(r"\d\S*\s*$", self.text[: tie.start()]))
        return numbered and bool(beside) and not any("invoice_number" in h.names for h in beside)

    def _label(self, name: str, word: re.Match[str], *, weak: bool = False) -> LabelHit:
        """The word as a label; one on the line above stands at the beginning of the date's."""
        segment = self.date.segment or self.date.span
        start, end = (max(0, at - self.offset) for at in word.span())
        first = segment.text.count(" ", 0, start)
        return LabelHit((name,), weak, segment, start, end, segment.part(first, first + 1), word[0])


def limits_discount(date: Candidate) -> bool:
    """Whether a date is the limit of a cash discount, not of the payment: "by 10 May less 3 % discount"."""
    return date.segment is not None and _speaks_of_discount(fold_chars(date.segment.text), date.start)


def _speaks_of_discount(text: str, at: int) -> bool:
    """Whether the clause around offset `at` does."""
    cuts = [0, *(m.end() for m in _CLAUSE_END.finditer(text)), len(text)]
    start, end = max(cut for cut in cuts if cut <= at), min((cut for cut in cuts if cut > at), default=at)
    said = ["", *TOKEN.findall(text, start, end)]
    pairs = pairwise(said)  # "ohne Abzug" gives none
    return any(word in _folded("cash_discount") and before not in _folded("without") for before, word in pairs)


def _neighbours(layout: Layout) -> dict[int, tuple[Span | None, Span | None]]:
    """Of each segment, by identity, the lines of its paragraph right above and below: where a sentence goes on."""
    around: dict[int, tuple[Span | None, Span | None]] = {id(s): (None, None) for s in layout.segments}
    for page in layout.pages:
        for upper, lower in pairwise(page.lines):
            for above, below in product(filter(_is_prose, upper.segments), lower.segments):
                if _goes_on(above, below):
                    around[id(above)] = (around[id(above)][0], below)
                    around[id(below)] = (above, around[id(below)][1])
    return around


def _over(layout: Layout, date: Candidate) -> str:
    """What stands over a line that is but a limit, as in a box: "Amount to pay", "122.32", "before 6 February"."""
    segment = date.segment
    if segment is None or date.end < len(segment.text.rstrip(" .)")):
        return ""
    before = TOKEN.findall(fold_chars(segment.text[: date.start]))
    if len(before) > REACH or _folded("limit_words").isdisjoint(before):
        return ""
    said: list[str] = []
    for other in reversed(tuple(layout.page(segment.page).segments)):
        gap = segment.y0 - other.y1
        if (
            len(said) < BOX_LINES
            and -0.5 * other.height < gap < BOX_STEP * other.height
            and segment.h_overlap(other) > 0
        ):
            said, segment = [other.text, *said], other
    return " ".join(said)


def _goes_on(above: Span, below: Span) -> bool:
    return abs(above.x0 - below.x0) < above.height and below.y0 - above.y1 < 0.8 * above.height


def _is_prose(segment: Span) -> bool:
    return sum(any(c.isalpha() for c in word.text) for word in segment.words) >= PROSE_WORDS


def _is_to_be_debited(said: Sequence[str]) -> bool:
    return any(token.startswith(_stems("debit_stems")) for token in said) and _folded("done_words").isdisjoint(said)


@cache
def _folded(section: str) -> frozenset[str]:
    return frozenset(token for entry in words(section) for token in tokens(entry))


@cache
def _stems(section: str) -> tuple[str, ...]:
    return tuple(token for entry in words(section) for token in tokens(entry))
