"""What is decided once per document and then holds for every token: number style, date order, labels, candidates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from extraction.engine.amounts import NumberStyle, decide_style
from extraction.engine.candidates import Candidate, find_amount_candidates, find_date_candidates, find_id_candidates
from extraction.engine.currencies import mentions
from extraction.engine.dates import decide_day_first
from extraction.engine.han import with_words
from extraction.engine.labels import LabelHit, find_hits
from extraction.engine.layout import Layout, build
from extraction.engine.places import US_STATE, currency_by_place
from extraction.engine.words import Page

_US_PLACE = re.compile(rf"\b{US_STATE}[ ,]+\d{{5}}(?:-\d{{4}})?\b|\bUSA\b|\bU\.S\.A\b|\bUnited States\b")


@dataclass(frozen=True)
class Document:
    """The pages as laid out, and the evidence that every later stage shares; `currencies` with how often each is named
    (see `currencies.mentions`)."""

    layout: Layout
    style: NumberStyle
    day_first: bool
    currencies: Counter[str]
    hits: tuple[LabelHit, ...]
    dates: tuple[Candidate, ...]
    amounts: tuple[Candidate, ...]
    ids: tuple[Candidate, ...]


def read_document(pages: tuple[Page, ...]) -> Document:
    """Lay out `pages` and collect labels and candidates under the number style and date order of the whole."""
    layout = build([with_words(page) for page in pages])
    texts = [segment.text for segment in layout.segments]
    style = decide_style(texts)
    currencies = mentions(layout.text)
    day_first = decide_day_first(texts, american=_is_american(layout.text, currencies))
    return Document(
        layout,
        style,
        day_first,
        currencies,
        find_hits(layout, "fields", "other"),
        find_date_candidates(layout, day_first),
        find_amount_candidates(layout, style, currencies.keys()),
        find_id_candidates(layout),
    )


def _is_american(text: str, currencies: Collection[str]) -> bool:
    """Dates on American paper have the month first: US places, or dollars with no other currency or country on the
    page."""
    if _US_PLACE.search(text):
        return True
    return set(currencies) == {"USD"} and currency_by_place(tuple(text.splitlines())) in (None, "USD")
