"""What an invoice says: parties, lines, taxes and totals that add up to the cent."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.invoices.locales import account, cents, data, digits_in, tax_id

ZERO = Decimal(0)


@dataclass(frozen=True)
class Party:
    name: str
    address: str  # lines as printed, without the country
    street: str
    postcode: str
    city: str
    country: str  # ISO 3166 code
    email: str
    phone: str
    tax_id: str
    registration: str
    fax: str = ""


@dataclass(frozen=True)
class Line:
    sku: str
    description: str
    quantity: Decimal
    unit: str  # a key of the languages' units
    unit_price: Decimal
    discount_percent: Decimal
    tax_rate: Decimal
    total: Decimal  # net, after the line's discount


@dataclass(frozen=True)
class TaxRow:
    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Invoice:
    locale: str
    currency: str
    number: str
    date: date
    due: date
    order_date: date
    delivery_date: date
    days: int
    purchase_order: str
    customer_number: str
    vendor: Party
    customer: Party
    ship_to: Party
    lines: tuple[Line, ...]
    discount_percent: Decimal
    discount: Decimal
    shipping: Decimal
    taxes: tuple[TaxRow, ...]
    prepaid: Decimal
    account: str  # IBAN in groups of four, or an account number
    bic: str
    bank: str

    @property
    def lines_sum(self) -> Decimal:
        return sum((line.total for line in self.lines), ZERO)

    @property
    def net(self) -> Decimal:
        return sum((row.base for row in self.taxes), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((row.amount for row in self.taxes), ZERO)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def amount_due(self) -> Decimal:
        return self.total - self.prepaid

    @property
    def has_iban(self) -> bool:
        return self.account[:2].isalpha()


def make_invoice(rng: Random, locale: str, lines: int | None = None) -> Invoice:
    """An invoice of one to twelve lines (or more, `lines`), now and then with discounts, freight or a prepayment."""
    place = data()["places"][locale]
    trade = rng.choice(sorted(data()["trades"]))
    issued = date(2021, 1, 4) + timedelta(days=rng.randrange(1700))
    days = rng.choice([7, 10, 14, 14, 21, 30, 30, 30, 45, 60])
    delivered = issued - timedelta(days=rng.randrange(1, 12))
    vendor = _party(rng, locale, trade)
    customer = _party(rng, locale, rng.choice(sorted(data()["trades"])), apart_from=vendor.name)
    currencies = list(place["currencies"])
    invoice = Invoice(
        locale=locale,
        currency=currencies[0] if rng.random() < 0.85 else rng.choice(currencies),
        number=_number(rng, issued),
        date=issued,
        due=issued + timedelta(days=days),
        order_date=delivered - timedelta(days=rng.randrange(2, 20)),
        delivery_date=delivered,
        days=days,
        purchase_order=digits_in(rng, rng.choice(["45########", "PO-#####", "B####/##", "@@-#####"])),
        customer_number=digits_in(rng, rng.choice(["#####", "K-#####", "C10####", "######"])),
        vendor=vendor,
        customer=customer,
        ship_to=_other_site(rng, locale, customer),
        lines=_lines(rng, locale, trade, lines or rng.choice([1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 12])),
        discount_percent=ZERO,
        discount=ZERO,
        shipping=ZERO,
        taxes=(),
        prepaid=ZERO,
        account=account(rng, locale),
        bic=rng.choice(place["bics"]),
        bank=rng.choice(place["banks"]),
    )
    return _with_totals(rng, invoice)


def _with_totals(rng: Random, invoice: Invoice) -> Invoice:
    percent = Decimal(rng.choice([2, 3, 5, 10])) if rng.random() < 0.2 else ZERO
    shipping = Decimal(rng.choice(["4.90", "6.50", "9.95", "12.00", "25.00"])) if rng.random() < 0.25 else ZERO
    taxes = tax_rows(invoice.lines, percent, shipping)
    net = sum((row.base for row in taxes), ZERO)
    discount = invoice.lines_sum + shipping - net
    gross = net + sum((row.amount for row in taxes), ZERO)
    prepaid = cents(gross * Decimal(rng.choice(["0.2", "0.3", "0.5"]))) if rng.random() < 0.12 else ZERO
    return replace(
        invoice, discount_percent=percent, discount=discount, shipping=shipping, taxes=taxes, prepaid=prepaid
    )


def tax_rows(lines: tuple[Line, ...], discount_percent: Decimal, shipping: Decimal) -> tuple[TaxRow, ...]:
    """Base and tax by rate, highest first. The discount comes off each rate's lines, freight bears the first rate."""
    rows: list[TaxRow] = []
    for rate, goods in goods_by_rate(lines):
        base = goods - cents(goods * discount_percent / 100) + (ZERO if rows else shipping)
        rows.append(TaxRow(rate, base, cents(base * rate / 100)))
    return tuple(rows)


def goods_by_rate(lines: tuple[Line, ...]) -> list[tuple[Decimal, Decimal]]:
    """Each tax rate with the sum of its lines, highest rate first."""
    rates = sorted({line.tax_rate for line in lines}, reverse=True)
    return [(rate, sum((line.total for line in lines if line.tax_rate == rate), ZERO)) for rate in rates]


def _number(rng: Random, issued: date) -> str:
    form = rng.choice(
        ["{y}-####", "R{y}####", "########", "INV-#####", "{y}/#####", "RE-{y}-####", "#####", "@@##-####"]
    )
    number = digits_in(rng, form.replace("{y}", str(issued.year)))
    return number if not number.startswith("0") else "1" + number[1:]


def _party(rng: Random, locale: str, trade: str, apart_from: str = "") -> Party:
    place = data()["places"][locale]
    words = data()["languages"][place["language"]]
    owner = rng.choice([name for name in place["surnames"] if not apart_from.startswith(name)])
    name = " ".join((owner, rng.choice(words["trade_words"][trade]), rng.choice(place["legal_forms"])))
    street, (city, postcode, region) = _site(rng, place)
    return Party(
        name=name,
        address=_address(rng.choice(place["address"]), street, city, postcode, region),
        street=street,
        postcode=postcode,
        city=city,
        country=place["country"],
        email=f"{rng.choice(['info', 'office', 'accounts', 'mail'])}@{_ascii(owner)}.{place['domain']}",
        phone=digits_in(rng, rng.choice(place["phones"])),
        tax_id=tax_id(rng, locale),
        registration=digits_in(rng, rng.choice(place["registrations"])),
        fax=digits_in(rng, rng.choice(place["phones"])),
    )


def _site(rng: Random, place: dict[str, Any]) -> tuple[str, tuple[str, str, str]]:
    return rng.choice(place["streets"]).replace("{n}", str(rng.randrange(2, 160))), rng.choice(place["cities"])


def _address(form: str, street: str, city: str, postcode: str, region: str) -> str:
    return form.format(street=street, city=city, postcode=postcode, region=region)


def _other_site(rng: Random, locale: str, party: Party) -> Party:
    """Another address of the same company."""
    place = data()["places"][locale]
    street, (city, postcode, region) = _site(rng, place)
    address = _address(rng.choice(place["address"]), street, city, postcode, region)
    return replace(party, address=address, street=street, city=city, postcode=postcode)


def _lines(rng: Random, locale: str, trade: str, count: int) -> tuple[Line, ...]:
    place = data()["places"][locale]
    names = data()["languages"][place["language"]]["goods"][trade]
    rates = [Decimal(rate) for rate in place["rates"]]
    mixed, discounted = rng.random() < 0.25 and "one_rate" not in place, rng.random() < 0.15
    main = rates[0] if rng.random() < 0.85 else rates[-1]
    order = [i for _ in range(count // len(names) + 1) for i in rng.sample(range(len(names)), len(names))]
    return tuple(
        _line(
            rng,
            names[i],
            data()["trades"][trade][i],
            Decimal(place.get("price_factor", 1)),
            rng.choice(rates) if mixed else main,
            Decimal(rng.choice([0, 0, 5, 10])) if discounted else ZERO,
        )
        for i in order[:count]
    )


def _line(rng: Random, description: str, goods: list[str], factor: Decimal, rate: Decimal, discount: Decimal) -> Line:
    low, high, unit = goods
    price = cents((Decimal(low) + (Decimal(high) - Decimal(low)) * rng.randrange(101) / 100) * factor)
    if rng.random() < 0.5:
        price = cents(price.quantize(Decimal(1)) - Decimal(rng.choice(["0", "0.05", "0.10", "0.50"])))
    quantity = _quantity(rng, unit, dear=Decimal(low) > 60)
    price = max(price, Decimal("0.10"))
    sku = digits_in(rng, rng.choice(["@@-####", "#####", "####-##", "@####"]))
    total = cents(quantity * price * (100 - discount) / 100)
    return Line(sku, description, quantity, unit, price, discount, rate, total)


def _quantity(rng: Random, unit: str, *, dear: bool) -> Decimal:
    if unit in ("hour", "kg", "m²") and rng.random() < 0.5:
        return Decimal(rng.randrange(2, 80)) / 4
    return Decimal(rng.choice([1, 1, 2, 2, 3, 4, 5, 6, 8] + ([] if dear else [10, 12, 20, 24, 50, 120])))


def _ascii(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ł", "l"))
    return "".join(c for c in letters if c.isascii() and c.isalpha())
