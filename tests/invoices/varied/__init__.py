"""Documents of every kind and shape: invoices, credit notes and till receipts of twenty places, composed from parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from tests.invoices.draw import Word, roles_of
from tests.invoices.varied.compose import draw_paper
from tests.invoices.varied.look import Look
from tests.invoices.varied.make import KINDS, make_paper
from tests.invoices.varied.paper import Paper
from tests.invoices.varied.receipt import draw_receipt
from tests.invoices.varied.shape import shape
from tests.invoices.varied.truth import truth_of
from tests.invoices.varied.words import Words, locales

WEIGHTS = {"invoice": 8, "receipt": 3, "gross_invoice": 2, "prepaid_invoice": 2, "credit_note": 2}


@dataclass(frozen=True)
class Varied:
    """One document: what it says, how it is worded, and what was drawn."""

    paper: Paper
    wording: Words
    pdf: bytes
    words: tuple[Word, ...]

    @property
    def lang(self) -> str:
        return self.wording.lang

    @property
    def pages(self) -> int:
        return max(word.page for word in self.words)

    @property
    def layout(self) -> str:
        """An id of the structure: equal for documents that differ in nothing but words, letters and colours."""
        return f"varied-{self.paper.kind}-{shape(self.words)}"

    @property
    def roles(self) -> list[dict[str, Any]]:
        """Text, page, box (fractions of the page) and role of every word."""
        return roles_of(self.words)

    @cached_property
    def truth(self) -> dict[str, Any]:
        """The true values by wire name: decimal strings in major units, ISO dates, None for what is not printed."""
        return truth_of(self.paper, self.wording, {word.role for word in self.words})


def varied(seed: int, *, kind: str | None = None, locale: str | None = None) -> Varied:
    """The document of this seed: the same bytes every time. Raises KeyError for an unknown locale and reportlab's
    TTFError for Polish where no font has its letters."""
    rng = Random(f"varied {seed}")
    kind = kind or rng.choices(KINDS, [WEIGHTS.get(name, 1) for name in KINDS])[0]
    locale = locale or rng.choice(locales())
    look = Look(f"{seed} {kind} {locale}")
    paper = make_paper(look, kind, locale)
    words = Words(look, locale, paper.currency)
    sheet = draw_receipt(paper, words, look) if kind == "receipt" else draw_paper(paper, words, look)
    return Varied(paper, words, sheet.finish(), tuple(sheet.words))
