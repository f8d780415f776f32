"""A drawn invoice with its true values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from tests.invoices.content import Invoice, make_invoice
from tests.invoices.draw import Word, roles_of
from tests.invoices.layouts import compose
from tests.invoices.locales import Wording, available, wording
from tests.invoices.style import Style, choose_style
from tests.invoices.truth import truth_of


@dataclass(frozen=True)
class Document:
    """One invoice: what it says, how it is worded and composed, and what was drawn."""

    invoice: Invoice
    wording: Wording
    style: Style
    pdf: bytes
    words: tuple[Word, ...]

    @property
    def lang(self) -> str:
        return self.wording.lang

    @property
    def layout(self) -> str:
        return self.style.name()

    @property
    def terms(self) -> str:
        """The payment terms as the issuer words them."""
        return self.wording.terms(self.invoice.days)

    @property
    def pages(self) -> int:
        return max(word.page for word in self.words)

    @property
    def roles(self) -> list[dict[str, Any]]:
        """Text, page, box (fractions of the page) and role of every word."""
        return roles_of(self.words)

    @cached_property
    def truth(self) -> dict[str, Any]:
        """The true values by wire name: decimal strings in major units, ISO dates, None for what is not printed."""
        return truth_of(self.invoice, self.wording, {word.role for word in self.words})


def generate(seed: int, *, locale: str | None = None) -> Document:
    """The invoice of this seed: the same bytes every time. Raises KeyError for an unknown locale and reportlab's
    TTFError for Polish where no font has its letters."""
    rng = Random(f"invoice {seed}")
    locale = locale or rng.choice(available())
    invoice = make_invoice(rng, locale, lines=rng.randrange(18, 45) if rng.random() < 0.1 else None)
    words = wording(rng, locale, invoice.currency)
    return draw(invoice, words, choose_style(rng, invoice))


def draw(invoice: Invoice, words: Wording, style: Style) -> Document:
    """An invoice in these words and this style."""
    sheet = compose(invoice, words, style)
    return Document(invoice, words, style, sheet.finish(), tuple(sheet.words))
