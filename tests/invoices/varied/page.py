"""The page under way: what every part needs to draw itself into a column of a given width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tests.invoices.draw import BLACK, GREY, Rgb, Run, Sheet, Text
from tests.invoices.varied.look import Look
from tests.invoices.varied.paper import Paper
from tests.invoices.varied.words import Words

ACCENTS = ((0.1, 0.25, 0.45), (0.1, 0.42, 0.35), (0.6, 0.14, 0.14), (0.2, 0.2, 0.22), (0.4, 0.2, 0.5), (0.8, 0.4, 0.05))
CURRENCY_IN = ("all", "all", "totals", "totals", "heading")
Fact = tuple[str, str, str]  # label, value, role
Part = Callable[["Page", float, float, float], float]  # page, x, baseline, width -> baseline that follows


@dataclass
class Page:
    """A document under way. `foot` points at the bottom are kept for the footer."""

    paper: Paper
    words: Words
    look: Look
    sheet: Sheet
    pages: int = 1
    foot: float = 62.0

    @property
    def left(self) -> float:
        return self.look.pick("margin", [36.0, 45.0, 54.0, 62.0])

    @property
    def right(self) -> float:
        return self.sheet.width - self.left

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def top(self) -> float:
        return 52.0

    @property
    def bottom(self) -> float:
        return self.sheet.height - self.foot

    @property
    def size(self) -> float:
        return self.sheet.size

    @property
    def leading(self) -> float:
        return self.size * self.look.pick("leading", [1.25, 1.35, 1.45])

    @property
    def accent(self) -> Rgb:
        return self.look.pick("accent", ACCENTS)

    @property
    def label_colour(self) -> Rgb:
        return self.look.pick("label colour", [BLACK, GREY, GREY, self.accent])

    def text(self, x: float, y: float, text: Text, role: str, room: float, **options) -> float:
        """One line, set smaller where it is wider than `room`."""
        return self.sheet.text(x, y, text, role=role, **({"fit": max(room, 10.0)} | options))

    def rows(self, x: float, y: float, room: float, rows: list[list[Run]], *, align: str = "left", **options) -> float:
        """Lines of runs below each other, aligned within the column. Returns the baseline that follows."""
        at = {"left": x, "right": x + room, "center": x + room / 2}[align]
        step = options.get("size", self.size) * self.leading / self.size
        for runs in rows:
            self.sheet.text(at, y, runs, align=align, fit=room, **options)
            y += step
        return y

    def amount(self, value: Decimal, *, total: bool = False) -> str:
        """An amount with its currency where the issuer writes it: everywhere, in the totals, or nowhere."""
        shown = self.look.pick("currency in", CURRENCY_IN)
        return self.words.money(value) if shown == "all" or (total and shown == "totals") else self.words.amount(value)

    def headed(self, text: str) -> str:
        """A heading of amounts, with the currency where the amounts do not carry it."""
        if self.look.pick("currency in", CURRENCY_IN) != "heading" or self.paper.currency in text.upper():
            return text
        return f"{text} {self.look.pick('heading form', ['({})', '{}', 'in {}']).format(self.paper.currency)}"
