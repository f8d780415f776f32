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
    or says that the sum will be debited then; invoice_date where they tie the date to an invoice number before it. A
    limit for a cash discount is no due date.
    """
    numbered = {id(hit.segment): hit for hit in hits if "invoice_number" in hit.names}
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
        words_said = TOKEN.findall(text)
        number = numbered.get(id(date.segment))
        if limit and not reduced and any(token.startswith(_stems("pay_stems")) for token in words_said):
            found.append(_label("due_date", date, limit, weak=False))
        elif before and before[-1][0] in _folded("on_words") and _is_to_be_debited(words_said):
            found.append(_label("due_date", date, before[-1], weak=False))
        elif number and tie and any(c.isdigit() for c in text[number.end : tie.start()]):
            found.append(_label("invoice_date", date, tie, weak=not number.starts_segment))
    return tuple(found)


def _is_to_be_debited(said: Sequence[str]) -> bool:
    return any(token.startswith(_stems("debit_stems")) for token in said) and _folded("done_words").isdisjoint(said)


def _label(name: str, date: Candidate, word: re.Match[str], *, weak: bool) -> LabelHit:
    segment = date.segment or date.span
    start, end = word.span()
    first = segment.text.count(" ", 0, start)
    return LabelHit((name,), weak, segment, start, end, segment.part(first, first + 1), segment.text[start:end])


@cache
def _folded(section: str) -> frozenset[str]:
    return frozenset(token for entry in words(section) for token in tokens(entry))


@cache
def _stems(section: str) -> tuple[str, ...]:
    return tuple(token for entry in words(section) for token in tokens(entry))
