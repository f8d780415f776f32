"""How one issuer words and writes things: labels, numbers, money, dates; by language and place."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date

from tests.invoices.draw import FULL_FAMILIES, has_polish_letters
from tests.invoices.locales import decimal_text, grouping, read_json
from tests.invoices.varied.look import Look

HERE = Path(__file__).parent
PLAIN_FAMILIES = ("helvetica", "helvetica", "helvetica", "times", "courier", "vera")
NET = re.compile(r"net|\bht\b|ex\.|excl|before|s/ iva|taxable|ilíquido", re.IGNORECASE)
GROSS = re.compile(r"inc|inkl|gross|brutto|ttc|tvac|c/ iva|iva incl|ivato", re.IGNORECASE)
EURO = ("IE", "DE", "AT", "FR", "BE", "IT", "ES", "NL", "PT")


@cache
def places() -> dict[str, dict[str, Any]]:
    """What is known of each locale; lists are written with | between their items."""
    return read_json(HERE / "places.json")


@cache
def language(name: str) -> dict[str, Any]:
    """Labels, sentences, units and goods of a language; synonyms have | between them."""
    return read_json(HERE / "words" / f"{name}.json")


def locales() -> list[str]:
    """The locales that can be drawn here. Polish needs a font with its letters, which reportlab does not bring."""
    return [name for name in sorted(places()) if name != "pl-PL" or has_polish_letters()]


def exponent(currency: str) -> int:
    """Decimals of an amount in this currency."""
    return 0 if currency == "JPY" else 2


class Words:
    """The words and formats one issuer uses throughout."""

    def __init__(self, look: Look, locale: str, currency: str):
        self.look, self.locale, self.currency = look, locale, currency
        self.place = places()[locale]
        self.lang: str = self.place["lang"]
        known = language(self.lang)
        self._labels = known["labels"] | self.place.get("labels", {})
        self._known = known
        self.family = self._family()
        self.places = exponent(currency)
        self.colon = look.pick("colon", [":", ":", ":", "", "", " :", ": ", "."])
        self.case = look.pick("case", [""] * 9 + ["upper", "upper", "lower"])
        self._money = self._money_form()
        self._dates = look.pick("dates", self.place["dates"].split("|"))
        self._minus = look.pick("minus", ["-{n}", "-{n}", "-{n}", "{n}-", "({n})", "- {n}"])

    def _family(self) -> str:
        full = list(FULL_FAMILIES) if has_polish_letters() else []
        return self.look.pick("family", full if self.lang == "pl" else [*PLAIN_FAMILIES, *full])

    def _money_form(self) -> str:
        home = self.place["cur"] == self.currency
        forms = self.place["money"].split("|") if home else ["{n} " + self.currency, self.currency + " {n}"]
        writable = [form for form in forms if "₹" not in form or self.family in FULL_FAMILIES]
        return self.look.pick("money", writable)

    def label(self, key: str, *, gross: bool = False) -> str:
        """The issuer's wording of a label, without a colon; with `gross` none that speaks of net sums, and for gross
        sums beside net ones none that leaves it open."""
        texts = self._labels[key].split("|")
        if gross:
            texts = [text for text in texts if not NET.search(text)]
        elif key == "line_total_gross":
            texts = [text for text in texts if GROSS.search(text)] or texts
        text = self.look.pick(f"label {key}", texts)
        if self.case == "lower" and self.lang == "de":
            return text
        return {"upper": str.upper, "lower": str.lower}.get(self.case, str)(text) if "{" not in text else text

    def marked(self, key: str) -> str:
        """The label with the issuer's colon."""
        text = self.label(key)
        return text + self.colon.rstrip() if text[-1:].isalnum() else text

    def sentence(self, key: str) -> str:
        return self.look.pick(f"sentence {key}", self._known["sentences"][key].split("|"))

    def terms(self, days: int) -> str:
        """The payment terms in words, now and then with a cash discount."""
        key = self.look.pick("terms kind", ["terms", "terms", "terms", "skonto"])
        return self.sentence(key).replace("{days}", str(days))

    def method(self) -> str:
        return self.look.pick("method", self._known["methods"].split("|"))

    def unit(self, key: str) -> str:
        return self.look.pick(f"unit {key}", self._known["units"][key].split("|"))

    def groups(self) -> list[str]:
        return self._known["groups"].split("|")

    def number(self, value: Decimal, places: int | None = None) -> str:
        """Grouped digits with `places` decimals; None for as many as needed."""
        pair = self.look.pick("numbers", self.place["num"].split("|"))
        thousands, point = pair[:-1], pair[-1]
        whole, _, fraction = (decimal_text(abs(value)) if places is None else f"{abs(value):.{places}f}").partition(".")
        text = grouping(whole, thousands, indian=self.place["country"] == "IN") + (point + fraction if fraction else "")
        return self._minus.replace("{n}", text) if value < 0 else text

    def amount(self, value: Decimal, places: int | None = None) -> str:
        return self.number(value, self.places if places is None else places)

    def money(self, value: Decimal) -> str:
        text = self._money.replace("{n}", self.amount(abs(value)))
        return self._minus.replace("{n}", text) if value < 0 else text

    def percent(self, value: Decimal) -> str:
        form = self.look.pick("percent", self.place["pct"].split("|"))
        found = re.search(r"\{n(?::\.(\d))?\}", form)
        decimals = max(int(found[1]) if found and found[1] else 0, len(decimal_text(value).partition(".")[2]))
        return re.sub(r"\{n[^}]*\}", self.number(value, decimals), form)

    def date(self, day: date) -> str:
        """As the issuer writes days; ORD is "3rd of May 2024", ^ stands before formats in capitals."""
        if self._dates == "ORD":
            return self.look.pick("ordinal", ["{d} of {m} {y}", "{d} {m} {y}"]).format(
                d=_ordinal(day.day), m=format_date(day, "MMMM", locale="en_GB"), y=day.year
            )
        text = format_date(day, self._dates.lstrip("^"), locale=self.place["babel"])
        return text.upper() if self._dates.startswith("^") else text


def _ordinal(day: int) -> str:
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
