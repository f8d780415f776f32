"""Dates that sentences introduce rather than labels: "please pay by 11 May", "Invoice no. 2024-7 of 12 April"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise, product

from extraction.engine.candidates import Candidate
from extraction.engine.labels import LabelHit, words
from extraction.engine.layout import Layout, Span
from extraction.engine.textfold import TOKEN, fold_chars, tokens

PROSE_WORDS = 4  # of a line that goes on in the next
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
        text = f"{above} {fold_chars(date.segment.text)} {below}"
        start = date.start + len(above) + 1
        clause = text.rfind(",", 0, start) + 1
        before = list(TOKEN.finditer(text, 0, start))[-REACH:]
        limit = next((m for m in before if m[0] in _folded("limit_words")), None)
        tie = before[-1] if before and before[-1][0] in _folded("of_words") else None
        reduced = _folded("cash_discount") & set(TOKEN.findall(text, clause, start))
        said = TOKEN.findall(text)
        number = numbered.get(id(date.segment))
        if limit and not reduced and any(token.startswith(_stems("pay_stems")) for token in said):
            found.append(_label("due_date", date, limit, len(above) + 1, weak=False))
        elif before and before[-1][0] in _folded("on_words") and _is_to_be_debited(said):
            found.append(_label("due_date", date, before[-1], len(above) + 1, weak=False))
        elif number and tie and any(c.isdigit() for c in text[number.end + len(above) + 1 : tie.start()]):
            name = "tied_date" if number.starts_segment else "invoice_date"
            found.append(_label(name, date, tie, len(above) + 1, weak=not number.starts_segment))
        elif tie and number is None and date.segment is not None and _is_of_another(date, tie, text, hits):
            found.append(_label("order_date", date, tie, len(above) + 1, weak=False))
    return tuple(found)


def _is_of_another(date: Candidate, tie: re.Match[str], text: str, hits: Sequence[LabelHit]) -> bool:
    """Whether the date belongs to the number before it, which a label to the left calls another paper's: "Your order:
    4500038812 of 14 July"."""
    numbered = bool(re.search(r"\d\S*\s*$", text[: tie.start()]))
    left = [h for h in hits if h.span.page == date.span.page and h.span.x1 <= date.span.x0 and not h.weak]
    beside = [h for h in left if h.span.v_overlap(date.span) > 0.5 * date.span.height]
    return numbered and bool(beside) and not any("invoice_number" in h.names for h in beside)


def _neighbours(layout: Layout) -> dict[int, tuple[Span | None, Span | None]]:
    """Of each segment, by identity, the lines of its paragraph right above and below: where a sentence goes on."""
    around: dict[int, tuple[Span | None, Span | None]] = {id(s): (None, None) for s in layout.segments}
    for page in layout.pages:
        for upper, lower in pairwise(page.lines):
            for above, below in product(upper.segments, lower.segments):
                if _goes_on(above, below):
                    around[id(above)] = (around[id(above)][0], below)
                    around[id(below)] = (above, around[id(below)][1])
    return around


def _goes_on(above: Span, below: Span) -> bool:
    step = below.y0 - above.y1
    is_prose = sum(any(c.isalpha() for c in word.text) for word in above.words) >= PROSE_WORDS
    return is_prose and abs(above.x0 - below.x0) < above.height and step < 0.8 * above.height


def _is_to_be_debited(said: Sequence[str]) -> bool:
    return any(token.startswith(_stems("debit_stems")) for token in said) and _folded("done_words").isdisjoint(said)


def _label(name: str, date: Candidate, word: re.Match[str], offset: int, *, weak: bool) -> LabelHit:
    """The word as a label; one on the line above (before `offset`) stands at the beginning of the date's."""
    segment = date.segment or date.span
    start, end = (max(0, at - offset) for at in word.span())
    first = segment.text.count(" ", 0, start)
    return LabelHit((name,), weak, segment, start, end, segment.part(first, first + 1), word[0])


@cache
def _folded(section: str) -> frozenset[str]:
    return frozenset(token for entry in words(section) for token in tokens(entry))


@cache
def _stems(section: str) -> tuple[str, ...]:
    return tuple(token for entry in words(section) for token in tokens(entry))
