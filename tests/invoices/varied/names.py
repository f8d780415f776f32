"""Companies and persons: names of many patterns, addresses shaped as the country's, and identifiers that check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from stdnum import get_cc_module, iban
from stdnum.au import abn
from stdnum.ch import uid
from stdnum.in_ import gstin
from stdnum.us import ein

from tests.invoices.locales import digits_in

STARTS = [
    "Nov",
    "Lum",
    "Tek",
    "Var",
    "Ori",
    "Bel",
    "Cas",
    "Del",
    "Quan",
    "Sol",
    "Ver",
    "Zen",
    "Kor",
    "Mira",
    "Axi",
    "Pell",
    "Ron",
    "Hal",
    "Syl",
    "Tri",
]
ENDS = [
    "ora",
    "ex",
    "ista",
    "eo",
    "ify",
    "ium",
    "onic",
    "ara",
    "eon",
    "ix",
    "anta",
    "ado",
    "ova",
    "ent",
    "us",
    "elo",
    "ymo",
    "ark",
]
FIRST = ["Blue", "Copper", "Silver", "Little", "North", "Bright", "Red", "Twin", "Iron", "Green"]
SECOND = ["Fern", "Fox", "Harbour", "Lantern", "Oak", "Kite", "Anvil", "River", "Sparrow", "Stone"]
PATTERNS = (
    "{sur} {trade} {legal}",
    "{sur} {trade} {legal}",
    "{sur} {legal}",
    "{sur} & {sur2} {legal}",
    "{sur} + {sur2} {trade}",
    "{first} {sur}",
    "{first} {sur} {trade}",
    "{brand} {legal}",
    "{brand} {legal}",
    "{brand} {trade} {legal}",
    "{pair} {legal}",
    "{pair} {trade} {legal}",
    "{trade} {sur} {legal}",
    "{initials} {trade} {legal}",
    "{initials} {legal}",
    "{city} {trade} {legal}",
    "{trade} {city} {legal}",
    "{brand}",
    "{pair}",
    "The {pair} Company {legal}",
    "{number} {trade} {legal}",
    "{brand}.{tld}",
)
MAILBOXES = ["info", "office", "mail", "hello", "contact", "service", "post", "team", "admin"]


@dataclass(frozen=True)
class Party:
    """A company or a person. `address` holds the lines as printed, without the name."""

    name: str
    address: tuple[str, ...]
    city: str
    email: str
    web: str
    phone: str
    fax: str
    tax_id: str
    registration: str
    contact: str


def make_party(rng: Random, place: dict[str, Any], *, person: bool = False) -> Party:
    """A party of this place; a person has neither tax id nor register."""
    city, postcode, region = rng.choice(options(place, "city")).split(";")
    sur, first = rng.choice(options(place, "sur")), rng.choice(options(place, "first"))
    name = f"{first} {sur}" if person else company(rng, place, city)
    stem = ascii_name(sur if person else re.split(r"[ &+.,]", name.removeprefix("The "))[0]) or "mail"
    site = f"{stem}{rng.choice(['', '', '-group', '24', 'online'])}.{place['tld']}"
    street = rng.choice(options(place, "street"))
    while "{n}" in street:
        street = street.replace("{n}", str(rng.randrange(2, 190)), 1)
    tax = "" if person else tax_id(rng, place)
    form = rng.choice(options(place, "addr"))
    parts = {"{s}": street, "{c}": city, "{p}": postcode, "{r}": region}
    return Party(
        name=name,
        address=address_lines(form, parts),
        city=city,
        email=f"{ascii_name(first) if person else rng.choice(MAILBOXES)}@{site}",
        web=f"www.{site}",
        phone=digits_in(rng, rng.choice(options(place, "phone"))),
        fax=digits_in(rng, rng.choice(options(place, "phone"))),
        tax_id=tax,
        registration="" if person else registration(rng, place, tax),
        contact=f"{rng.choice(options(place, 'first'))} {rng.choice(options(place, 'sur'))}",
    )


def registration(rng: Random, place: dict[str, Any], tax: str) -> str:
    """The number in the companies' register; in some countries the tax id holds it."""
    number = re.sub(r"\D", "", tax)
    if place["country"] == "CH":
        return f"CHE-{number[:3]}.{number[3:6]}.{number[6:9]}"
    if place["country"] == "BE":
        return f"{number[:4]}.{number[4:7]}.{number[7:]}"
    if place["country"] == "FR":
        siren = f"{number[2:5]} {number[5:8]} {number[8:11]}"
        return rng.choice([siren, f"{siren} 000{rng.randrange(10, 99)}", f"RCS Nantes {siren}"])
    return digits_in(rng, rng.choice(options(place, "reg")))


def address_lines(form: str, parts: dict[str, str]) -> tuple[str, ...]:
    """The lines of an address form ("/" between them), without the marks that an empty part leaves."""
    lines = form.split("/")
    for mark, text in parts.items():
        lines = [line.replace(mark, text) for line in lines]
    cleaned = [re.sub(r" ?\(\)|^ ?-|,(?= -)", "", line).strip(" ,-") for line in lines]
    return tuple(" ".join(line.split()) for line in cleaned if line)


def options(place: dict[str, Any], key: str) -> list[str]:
    return place[key].split("|")


def company(rng: Random, place: dict[str, Any], city: str) -> str:
    """A company's name, as written in full; now and then all capitals or all small."""
    sur, sur2 = rng.sample(options(place, "sur"), 2)
    parts = {
        "sur": sur,
        "sur2": sur2,
        "first": rng.choice(options(place, "first")),
        "trade": rng.choice(options(place, "trade")),
        "legal": rng.choice(options(place, "legal")),
        "brand": rng.choice(STARTS) + rng.choice(ENDS),
        "pair": f"{rng.choice(FIRST)} {rng.choice(SECOND)}",
        "initials": "".join(rng.choices("ABDEGHJKLMPRSTVW", k=rng.choice([2, 3, 3]))),
        "city": city.split(",")[0],
        "number": rng.choice(["1st", "24/7", "360", "A1", "3D", "100%"]),
        "tld": place["tld"],
    }
    name = rng.choice(PATTERNS)
    for key, text in parts.items():
        name = name.replace(f"{{{key}}}", text)
    name = " ".join(name.replace(" ,", ",").split())
    style = rng.random()
    return name.upper() if style < 0.12 else name.lower() if style < 0.15 else name


def ascii_name(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss").replace("ł", "l"))
    return "".join(c for c in letters if c.isascii() and c.isalnum())


def tax_id(rng: Random, place: dict[str, Any]) -> str:
    """A tax id in one of the place's forms; its checksum holds where the country has one. Raises ValueError where
    no id of the form can be valid."""
    if not place["vat"]:
        return digits_in(rng, rng.choice(options(place, "plain")))
    form = rng.choice(options(place, "vat")).strip()
    valid = _check(place)
    for _ in range(20_000):
        trial = digits_in(rng, form)
        for last in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if "?" in trial else "-":
            found = trial.replace("?", last)
            if valid(found):
                return found
    raise ValueError(f"No valid tax id of form {form}")


def _check(place: dict[str, Any]) -> Callable[[str], bool]:
    """The check of the country's tax ids."""
    country = place["country"]
    special = {
        "AU": abn.is_valid,
        "CA": bool,
        "CH": lambda text: uid.is_valid(text.removesuffix(" MWST").removesuffix(" TVA")),
        "IN": gstin.is_valid,
        "US": ein.is_valid,
    }
    return special.get(country) or get_cc_module(country.lower(), "vat").is_valid


def account(rng: Random, place: dict[str, Any]) -> str:
    """A valid IBAN without blanks, or where the place has none an account number. Raises ValueError where no IBAN of
    the place's form can be valid."""
    if "iban" not in place:
        return digits_in(rng, rng.choice(options(place, "account")))
    for _ in range(20_000):
        bban = digits_in(rng, place["iban"])
        number = iban.calc_check_digits(place["country"] + "00" + bban)
        if iban.is_valid(place["country"] + number + bban):
            return place["country"] + number + bban
    raise ValueError(f"No valid IBAN of form {place['iban']}")
