"""Dates that sentences introduce rather than labels: "please pay by 11 May", "Invoice no. 2024-7 of 12 April"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from extraction.engine.candidates import Candidate
from extraction.engine.labels import LabelHit, words
from extraction.engine.textfold import TOKEN, fold_chars, tokens

REACH = 4  # words before the date in which its preposition stands: "by 11 May", "bis zum 11.05."


def sentence_labels(dates: Sequence[Candidate], hits: Sequence[LabelHit]) -> tuple[LabelHit, ...]:
    """Labels made of the words before a date: due_date where the sentence speaks of paying and the words set a limit,
    invoice_date where they tie the date to an invoice number before it. A limit for a cash discount is no due date.
    """
    numbered = {id(hit.segment): hit.end for hit in hits if "invoice_number" in hit.names}
    found = []
    for date in dates:
        if date.segment is None:
            continue
        text = fold_chars(date.segment.text)
        clause = text.rfind(",", 0, date.start) + 1
        before = list(TOKEN.finditer(text, 0, date.start))[-REACH:]
        limit = next((m for m in before if m[0] in _folded("limit_words")), None)
        tie = before[-1] if before and before[-1][0] in _folded("of_words") else None
        reduced = _folded("cash_discount") & set(TOKEN.findall(text, clause, date.start))
        if limit and not reduced and any(token.startswith(_stems()) for token in TOKEN.findall(text)):
            found.append(_label("due_date", date, limit, weak=False))
        elif tie and any(c.isdigit() for c in text[numbered.get(id(date.segment), len(text)) : tie.start()]):
            found.append(_label("invoice_date", date, tie, weak=True))
    return tuple(found)


def _label(name: str, date: Candidate, word: re.Match[str], *, weak: bool) -> LabelHit:
    segment = date.segment or date.span
    start, end = word.span()
    first = segment.text.count(" ", 0, start)
    return LabelHit((name,), weak, segment, start, end, segment.part(first, first + 1), segment.text[start:end])


@cache
def _folded(section: str) -> frozenset[str]:
    return frozenset(token for entry in words(section) for token in tokens(entry))


@cache
def _stems() -> tuple[str, ...]:
    return tuple(token for entry in words("pay_stems") for token in tokens(entry))
