"""Languages and places: label words, and how numbers, dates, addresses and identifiers are written there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from babel.dates import format_date
from stdnum import get_cc_module, iban

from tests.invoices.draw import has_polish_letters

CENT = Decimal("0.01")


@cache
def data() -> dict[str, Any]:
    """The word lists: `trades` (price range and unit of goods), `languages` and `places` by name."""
    here = Path(__file__).parent
    languages = {path.stem: read_json(path) for path in sorted((here / "languages").glob("*.json"))}
    places = {name: place for words in languages.values() for name, place in words["places"].items()}
    return {"trades": read_json(here / "trades.json"), "languages": languages, "places": places}


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def available() -> list[str]:
    """The locales that can be drawn here. Polish needs a font with its letters, which reportlab does not bring."""
    return [name for name in sorted(data()["places"]) if name != "pl-PL" or has_polish_letters()]


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def decimal_text(value: Decimal) -> str:
    """As a manifest writes it: no exponent, no needless zeros behind quantities and rates."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Wording:
    """The words and formats that one issuer uses throughout: one synonym for each label."""

    locale: str
    currency: str
    separators: tuple[str, str]  # thousands, decimal
    money_form: str  # with its currency, "£{n}"
    date_form: str
    labels: dict[str, str]
    sentences: dict[str, str]
    units: dict[str, str]
    method: str = ""
    place: dict[str, Any] = field(repr=False, default_factory=dict)

    @property
    def lang(self) -> str:
        return self.place["language"]

    def number(self, value: Decimal, places: int | None = None) -> str:
        """Grouped digits with `places` decimals; None for as many as needed."""
        thousands, point = self.separators
        text = decimal_text(value) if places is None else f"{value:.{places}f}"
        whole, _, fraction = text.lstrip("-").partition(".")
        grouped = grouping(whole, thousands, indian=self.place["country"] == "IN")
        return ("-" if value < 0 else "") + grouped + (point + fraction if fraction else "")

    def amount(self, value: Decimal) -> str:
        """Two decimals without the currency."""
        return self.number(value, 2)

    def money(self, value: Decimal) -> str:
        sign = "-" if value < 0 else ""
        return sign + self.money_form.replace("{n}", self.amount(abs(value)))

    def percent(self, value: Decimal) -> str:
        return self.place["percent"].replace("{n}", self.number(value))

    def date(self, day: date) -> str:
        return format_date(day, self.date_form, locale=self.place["babel"])

    def terms(self, days: int) -> str:
        return self.sentences["terms"].replace("{days}", str(days))

    def label(self, key: str) -> str:
        return self.labels[key]


def grouping(digits: str, separator: str, *, indian: bool = False) -> str:
    """Groups of three; in India two, after the last three."""
    step = r"(?<=\d)(?=(\d\d)*\d{3}$)" if indian else r"(?<=\d)(?=(\d{3})+$)"
    return re.sub(step, separator, digits) if separator else digits


def wording(rng: Random, locale: str, currency: str) -> Wording:
    """An issuer's choice among the synonyms and formats of its place."""
    place = data()["places"][locale]
    words = data()["languages"][place["language"]]
    labels = words["labels"] | place.get("labels", {})
    return Wording(
        locale=locale,
        currency=currency,
        separators=tuple(rng.choice(place["numbers"])),
        money_form=rng.choice(place["currencies"][currency]),
        date_form=rng.choice(place["dates"]),
        labels={key: rng.choice(labels[key]) for key in sorted(labels)},
        sentences={key: rng.choice(words["sentences"][key]) for key in sorted(words["sentences"])},
        units={key: rng.choice(words["units"][key]) for key in sorted(words["units"])},
        method=words["methods"][0],
        place=place,
    )


def digits_in(rng: Random, pattern: str) -> str:
    """`pattern` with a digit for each # and a capital for each @."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    return re.sub("[#@]", lambda m: str(rng.randrange(10)) if m[0] == "#" else rng.choice(letters), pattern)


def tax_id(rng: Random, locale: str) -> str:
    """A tax id whose checksum holds, written in one of the place's forms; its last sign is tried out."""
    place = data()["places"][locale]
    module = get_cc_module(place["country"].lower(), place.get("tax_module", "vat"))
    form = rng.choice(place["vat_id"])
    for _ in range(20_000):
        trial = digits_in(rng, form)
        for check in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if trial.endswith("?") else [""]:
            found = trial.removesuffix("?") + check
            if module.is_valid(found):
                return found
    raise ValueError(f"No valid tax id of form {form}")


def account(rng: Random, locale: str) -> str:
    """A valid IBAN in groups of four, or where the place has none an account number."""
    place = data()["places"][locale]
    if "bban" not in place:
        return digits_in(rng, place["account"])
    for _ in range(20_000):
        bban = digits_in(rng, place["bban"])
        number = place["country"] + "00" + bban
        number = number[:2] + iban.calc_check_digits(number) + bban
        if iban.is_valid(number):
            return iban.format(number)
    raise ValueError(f"No valid IBAN of form {place['bban']}")
