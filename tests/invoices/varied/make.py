"""A document's content drawn at random: lines, discounts, freight, taxes by the country's habits, references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.invoices.locales import digits_in
from tests.invoices.varied.look import Look
from tests.invoices.varied.names import account, company, make_party, options
from tests.invoices.varied.paper import ZERO, Extra, Item, Paper, rounded, tax_bands
from tests.invoices.varied.words import EURO, exponent, language, places

KINDS = ("invoice", "gross_invoice", "exempt_invoice", "reverse_charge", "prepaid_invoice", "credit_note", "receipt")
NUMBERS = [
    "{y}-####",
    "INV-#####",
    "{y}/####",
    "RE{y}####",
    "####",
    "#######",
    "##########",
    "@@##-####",
    "F-{yy}-###",
    "{yy}#####",
    "#### / {y}",
    "SI-######",
    "{y}.####",
    "@#####",
    "INV/{y}/{m}/###",
    "{m}{yy}-##",
    "{y}{m}{d}-##",
    "A-####-{yy}",
    "FV ##/{m}/{y}",
    "#-###-###",
    "@@@{y}####",
    "#####-#",
    "0000#####",
    "{y} ####",
    "FA{yy}{m}###",
    "##/{y}",
]
ORDERS = [
    "45########",
    "PO-#####",
    "PO####",
    "B####/##",
    "@@-#####",
    "{yy}-####",
    "######",
    "4500######/10",
    "P########",
]
GST_SPLIT = (("CGST", "SGST"), ("IGST",))


def make_paper(look: Look, kind: str, locale: str) -> Paper:
    """The content of one document of this kind; amounts in the smallest unit of its currency."""
    place = places()[locale]
    rng = look.rng("content")
    issued = date(2019, 1, 3) + timedelta(days=rng.randrange(2500))
    days = rng.choice([7, 8, 10, 14, 14, 15, 20, 21, 30, 30, 30, 45, 60, 90])
    vendor = make_party(rng, place)
    home = place if kind != "reverse_charge" else places()[_abroad(rng, locale)]
    customer = make_party(rng, home, person=kind in ("gross_invoice", "receipt") and rng.random() < 0.5)
    gross = kind == "gross_invoice" or (kind == "receipt" and place["country"] not in ("US", "CA"))
    currency = place["cur"]
    if kind not in ("receipt", "gross_invoice") and rng.random() < 0.08:
        currency = rng.choice([code for code in ("EUR", "USD", "GBP", "CHF") if code != currency])
    paper = Paper(
        kind=kind,
        locale=locale,
        place=place,
        currency=currency,
        number=_filled(rng, rng.choice(NUMBERS), issued),
        date=issued,
        due=issued + timedelta(days=days),
        days=days,
        vendor=vendor,
        customer=customer,
        ship_to=replace(make_party(rng, home), name=customer.name if rng.random() < 0.6 else company(rng, home, "")),
        items=_items(rng, kind, place, currency),
        extras=(),
        bands=(),
        gross=gross,
        note={"exempt_invoice": "exempt", "reverse_charge": "reverse"}.get(kind, ""),
        purchase_order=_filled(rng, rng.choice(ORDERS), issued),
        account=account(rng, place),
        bic=rng.choice(options(place, "bic")),
        bank=rng.choice(options(place, "bank")),
        routing=digits_in(rng, place.get("route", "##-##-##")),
        facts=_facts(rng, issued, vendor.contact),
    )
    return _with_totals(rng, paper)


def _abroad(rng: Random, locale: str) -> str:
    """Another country of the Union for those inside it."""
    here = places()[locale]["country"]
    others = [name for name, place in places().items() if place["country"] in EURO and place["country"] != here]
    return rng.choice(sorted(others))


def _filled(rng: Random, form: str, day: date) -> str:
    for mark, text in (("{yy}", f"{day:%y}"), ("{y}", f"{day:%Y}"), ("{m}", f"{day:%m}"), ("{d}", f"{day:%d}")):
        form = form.replace(mark, text)
    number = digits_in(rng, form)
    return f"1{number[1:]}" if number.isdigit() and set(number) == {"0"} else number


def _facts(rng: Random, issued: date, contact: str) -> dict[str, str | date]:
    """Values that a document may print beside those that are asked for."""
    delivered = issued - timedelta(days=rng.randrange(12))
    forms = {
        "customer_number": "#####|K-####|1#####|C-#####|@@@##",
        "order_number": "AB-#####|SO#####|######|{yy}-####|4###",
        "delivery_note": "LS-####|######|DN{yy}-###|8#######",
        "our_reference": "@@/####|####-@@|P{yy}-##|@@",
        "your_reference": "@@@|mail {d}.{m}.|####|Ref @##",
        "project": "#####|{yy}-##|Block @|Site ##|P-####",
        "original": "{y}-####|INV-#####|RE{y}####|#######",
        "weight": "##,# kg|### kg|#.## t",
        "parcels": "#|##",
        "member": "**** ####|#########",
        "till": "##|0#|#",
        "cashier": "###|0#",
        "payment_reference": "## ##### ##### ##### ##### #####|RF## #### #### ####|+++###/####/#####+++",
    }
    facts: dict[str, str | date] = {
        key: _filled(rng, rng.choice(form.split("|")), issued) for key, form in forms.items()
    }
    facts |= {"order_date": delivered - timedelta(days=rng.randrange(2, 25)), "delivery_date": delivered}
    facts |= {"contact": contact, "time": f"{rng.randrange(8, 21):02}:{rng.randrange(60):02}"}
    facts["incoterm"] = rng.choice(["DAP", "EXW", "DHL", "UPS", "FCA", "DPD Classic", "CPT"])
    if rng.random() < 0.3:
        facts["cashier"] = contact.split(" ")[0]
    return facts


def _items(rng: Random, kind: str, place: dict[str, Any], currency: str) -> tuple[Item, ...]:
    known = language(place["lang"])
    goods = [text.split(";") for text in known["till" if kind == "receipt" else "goods"].split("|")]
    count = (
        rng.choice([1, 2, 2, 3, 3, 4, 5, 6, 8, 11])
        if rng.random() < 0.9 or kind == "receipt"
        else rng.randrange(15, 48)
    )
    rates = [Decimal(rate) for rate in options(place, "rates")]
    mixed = rng.random() < 0.25 and place["country"] not in ("US", "CA", "AU", "SG")
    main = ZERO if kind in ("exempt_invoice", "reverse_charge") else rng.choice(rates[:2])
    discounted = kind != "receipt" and rng.random() < 0.18
    factor = Decimal(place.get("factor", 1)) if currency == place["cur"] else Decimal(1)
    noted, grouped = rng.random() < 0.2, rng.random() < 0.12 and count > 3
    order = [entry for _ in range(count // len(goods) + 1) for entry in rng.sample(goods, len(goods))][:count]
    groups = sorted(rng.randrange(3) for _ in order)
    names = rng.sample(known["groups"].split("|"), 3)
    items = []
    for group, entry in zip(groups, order, strict=True):
        rate = rng.choice(rates) if mixed and main else main
        item = _item(rng, entry, kind, factor, rate, exponent(currency))
        off = Decimal(rng.choice([0, 0, 5, 10, "12.5"])) if discounted else ZERO
        total = rounded(item.quantity * item.price * (100 - off) / 100, exponent(currency))
        notes = _notes(rng) if noted and rng.random() < 0.7 else ()
        items.append(replace(item, discount=off, total=total, notes=notes, group=names[group] if grouped else ""))
    return tuple(items)


def _item(rng: Random, entry: list[str], kind: str, factor: Decimal, rate: Decimal, places: int) -> Item:
    text, low, high, unit = (*entry, "pc")[:4]
    span = Decimal(high) - Decimal(low)
    fine = 4 if places and Decimal(high) < 1 and kind != "receipt" else places
    price = rounded((Decimal(low) + span * rng.randrange(101) / 100) * factor, fine)
    if kind == "receipt":
        quantity = Decimal(rng.choice([1, 1, 1, 1, 2, 2, 3]))
    elif unit in ("hour", "kWh", "l", "kg") and rng.random() < 0.6:
        quantity = Decimal(rng.randrange(3, 400)) / rng.choice([1, 2, 4, 10])
    else:
        quantity = Decimal(
            rng.choice([1, 1, 1, 2, 2, 3, 4, 5, 6, 10, 12, 25, 100] if Decimal(high) < 100 else [1, 1, 1, 2, 3])
        )
    variant = rng.choice(
        ["", "", "", "", f", {digits_in(rng, '@@-###')}", f" ({digits_in(rng, '##/20##')})", " - " + rng.choice("ABC")]
    )
    sku = digits_in(rng, rng.choice(["@@-####", "#####", "####-##", "@####", "########", "####.###", "955#########"]))
    hsn = digits_in(rng, rng.choice(["####", "99####", "########"]))
    return Item(
        text + (variant if kind != "receipt" else ""), quantity, max(price, Decimal("0.05")), rate, ZERO, unit, sku, hsn
    )


def _notes(rng: Random) -> tuple[str, ...]:
    """Sub-rows of a line, with the label key in braces."""
    kinds: list[Callable[[], str]] = [
        lambda: "{serial} " + digits_in(rng, "@@#######"),
        lambda: "{period} 01.## - 30.##".replace("##", f"{rng.randrange(1, 13):02}"),
        lambda: "{origin} " + rng.choice(["DE", "CN", "IT", "US"]),
        lambda: "{order_number} " + digits_in(rng, "######"),
    ]
    return tuple(make() for make in rng.sample(kinds, rng.choice([1, 1, 2])))


def _with_totals(rng: Random, paper: Paper) -> Paper:
    """Extras, taxes, rounding, prepayment; turned round where a credit note counts downwards."""
    places = exponent(paper.currency)
    extras = _extras(rng, paper, places)
    if paper.kind == "credit_note" and rng.random() < 0.45:
        items = tuple(replace(item, quantity=-item.quantity, total=-item.total) for item in paper.items)
        flipped = [replace(extra, shares=tuple((rate, -amount) for rate, amount in extra.shares)) for extra in extras]
        paper, extras = replace(paper, items=items), tuple(flipped)
    parts = rng.choice(GST_SPLIT) if paper.place["country"] == "IN" and not paper.gross and not paper.note else ("",)
    bands = tax_bands(paper.items, tuple(extras), gross=paper.gross, places=places, parts=parts)
    paper = replace(paper, extras=extras, bands=bands)
    paper = replace(paper, rounding=_rounding(rng, paper))
    if paper.kind == "prepaid_invoice":
        paper = replace(paper, prepaid=rounded(paper.total * rng.choice([20, 25, 30, 50, 100]) / 100, places))
    return replace(paper, facts=paper.facts | _paid(rng, paper))


def _extras(rng: Random, paper: Paper, places: int) -> tuple[Extra, ...]:
    rates = sorted({item.rate for item in paper.items}, reverse=True)
    extras = []
    if rng.random() < (0.1 if paper.kind == "receipt" else 0.2):
        percent = Decimal(rng.choice([2, 3, 5, 10, "7.5", 15]))
        sums = {rate: sum((item.total for item in paper.items if item.rate == rate), ZERO) for rate in rates}
        shares = tuple((rate, -rounded(goods * percent / 100, places)) for rate, goods in sums.items())
        extras.append(Extra("discount", shares, percent))
    for key, chance in (("shipping", 0.25), ("handling", 0.08)):
        if paper.kind != "receipt" and rng.random() < chance:
            amount = rounded(
                Decimal(rng.choice(["4.90", "6.50", "9.95", "12", "25", "38.40"])) * _factor(paper), places
            )
            extras.append(Extra(key, ((rates[0], amount),)))
    return tuple(extra for extra in extras if extra.amount)


def _rounding(rng: Random, paper: Paper) -> Decimal:
    """To five cents where cash or custom asks for it, to the rupee in India."""
    country = paper.place["country"]
    if paper.currency != paper.place["cur"]:
        return ZERO
    step = Decimal("0.05") if (country == "MY" and paper.kind == "receipt") or country == "CH" else Decimal(0)
    if country == "IN" and rng.random() < 0.5:
        step = Decimal(1)
    total = paper.net + paper.tax
    return rounded(total / step, 0) * step - total if step else ZERO


def _factor(paper: Paper) -> int:
    """How much larger ordinary sums are in this currency."""
    return paper.place.get("factor", 1) if paper.currency == paper.place["cur"] else 1


def _paid(rng: Random, paper: Paper) -> dict[str, str]:
    """What the customer handed over."""
    facts = {"paid": "cash" if rng.random() < 0.55 else "card"}
    note = Decimal(rng.choice([1, 5, 10, 20, 50])) * _factor(paper)
    tendered = max(rounded(paper.total / note + Decimal("0.499"), 0) * note, paper.total)
    stores = [company(rng, paper.place, paper.vendor.city).split(" ")[0].upper() for _ in range(2)]
    return facts | {"tendered": str(tendered), "store": rng.choice([*stores, "", "", ""])}
