"""What a document says: parties, lines, extras, taxes and totals that add up in the currency's smallest unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.invoices.varied.names import Party

ZERO = Decimal(0)


@dataclass(frozen=True)
class Item:
    """A line. Price and total are as printed: net, or gross where the paper is gross-priced."""

    description: str
    quantity: Decimal
    price: Decimal
    rate: Decimal
    total: Decimal
    unit: str = "pc"
    sku: str = ""
    hsn: str = ""
    discount: Decimal = ZERO  # percent
    notes: tuple[str, ...] = ()  # sub-rows
    group: str = ""


@dataclass(frozen=True)
class Extra:
    """A discount (negative) or charge on the whole document, split over the tax rates it belongs to."""

    key: str
    shares: tuple[tuple[Decimal, Decimal], ...]  # rate, amount
    percent: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        return sum((amount for _, amount in self.shares), ZERO)


@dataclass(frozen=True)
class Band:
    """A tax rate with its base; the tax in one part, or in several (CGST and SGST)."""

    rate: Decimal
    base: Decimal
    parts: tuple[tuple[str, Decimal, Decimal], ...]  # name ("" for the usual label), rate, amount

    @property
    def tax(self) -> Decimal:
        return sum((amount for _, _, amount in self.parts), ZERO)


@dataclass(frozen=True)
class Paper:
    """One document. `facts` are printable values by label key: dates, references, distractors."""

    kind: str
    locale: str
    place: dict[str, Any]
    currency: str
    number: str
    date: date
    due: date
    days: int
    vendor: Party
    customer: Party
    ship_to: Party
    items: tuple[Item, ...]
    extras: tuple[Extra, ...]
    bands: tuple[Band, ...]
    gross: bool = False
    note: str = ""  # "reverse" or "exempt"
    rounding: Decimal = ZERO
    prepaid: Decimal = ZERO
    purchase_order: str = ""
    account: str = ""
    bic: str = ""
    bank: str = ""
    routing: str = ""
    facts: dict[str, str | date] = field(default_factory=dict)

    @property
    def lines_sum(self) -> Decimal:
        return sum((item.total for item in self.items), ZERO)

    @property
    def net(self) -> Decimal:
        return sum((band.base for band in self.bands), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((band.tax for band in self.bands), ZERO)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax + self.rounding

    @property
    def amount_due(self) -> Decimal:
        return self.total - self.prepaid

    @property
    def discount(self) -> Decimal:
        return -sum((extra.amount for extra in self.extras if extra.key == "discount"), ZERO)

    @property
    def has_iban(self) -> bool:
        return self.account[:2].isalpha()


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def tax_bands(
    items: tuple[Item, ...], extras: tuple[Extra, ...], *, gross: bool, places: int, parts: tuple[str, ...] = ("",)
) -> tuple[Band, ...]:
    """Base and tax by rate, highest first; the tax in equal `parts`. Gross sums are taken apart, net ones added to."""
    sums: dict[Decimal, Decimal] = {}
    for rate, amount in [(item.rate, item.total) for item in items] + [s for extra in extras for s in extra.shares]:
        sums[rate] = sums.get(rate, ZERO) + amount
    return tuple(_band(rate, sums[rate], gross, places, parts) for rate in sorted(sums, reverse=True))


def _band(rate: Decimal, amount: Decimal, gross: bool, places: int, parts: tuple[str, ...]) -> Band:
    if gross:
        base = rounded(amount * 100 / (100 + rate), places)
        return Band(rate, base, (("", rate, amount - base),))
    share = rate / len(parts)
    return Band(rate, amount, tuple((name, share, rounded(amount * share / 100, places)) for name in parts))
