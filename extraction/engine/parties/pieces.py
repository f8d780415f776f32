"""What a line of an address block is: a name, a street, a town, a country, a contact, or none of these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from babel import Locale

from extraction.engine import labels
from extraction.engine.currencies import CODES
from extraction.engine.layout import Span
from extraction.engine.parties.lexicon import (
    core_name,
    is_country,
    legal_form,
    not_names,
    opening,
    phrase_pattern,
    reads_like_labels,
)
from extraction.engine.places import US_STATE
from extraction.engine.textfold import fold, fold_chars, tokens

PieceKind = Literal["name", "street", "city", "country", "contact", "attention", "legal", "other"]
ADDRESS_KINDS = frozenset({"street", "city", "country"})

MAX_NAME_CHARS = 70
MAX_NAME_WORDS = 9
MAX_DIGIT_SHARE = 0.35

# A hyphen before or behind a postcode ("Nagpur - 440010", "53100 - Siena (SI) - Italia") parts nothing.
# A sentence behind the address ("... LS1 4HT. Registered in England") is another part.
_SEPARATORS = re.compile(
    r"(?<=\w\w)\.\s+(?=(?i:registered|company|vat)\b)|\s+[·•|∙●‧–—*]+\s+"
    r"|(?<!\b\d{5})(?<!\([A-Z]{2}\))\s+-\s+(?!\d{3} ?\d{3}\b)|\s*[|·•;]\s+|\s+/\s+"
)
_SEPARATING = re.compile(r"[.·•|∙●‧–—*;/-]")  # what each of them has; most lines have none
_COMMA = re.compile(r"\s*,\s+")

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽŚŻŹŁĆŃ]"
_HOUSE_NUMBER = (
    r"\d{1,5}\s?[a-zA-Z]?(?:\s?[-/+]\s?\d{1,4}\s?[a-zA-Z]?)?(?:,?\s(?:bus|bte|boîte|box|int\.|lok\.|m\.)\s?\w{1,4})?"
)
_HOUSE = re.compile(
    r"(?<![\w-])(?:\d{1,5}\s?[a-zA-Z]?(?:\s?[-/+]\s?(?:\d{1,4}[a-zA-Z]?|[a-zA-Z]))?|\d{1,3}(?:st|nd|rd|th))(?![\w-])"
)
_BLOCK_NUMBER = re.compile(rf"^\d{{1,3}}(?:-\d{{1,3}}){{1,2}} {_CAPITAL}[^\d]*$")  # JP: "45-3-1 Kanda-Surugadai"
_POSTCODE_FIRST = r"(?:\d{5,6}|\d{4}|\d{2}[- ]\d{3}|\d{4}-\d{3}|\d{3} \d{2})"
_POSTCODE_LAST = r"(?:\d{5,6}|\d{3} \d{3}|\d{2}-\d{3}|\d{4} [A-Z]{2})"
_CITY = re.compile(
    rf"^(?:[A-Z]{{1,3}}\s?[-–]\s?)?{_POSTCODE_FIRST},?\s+(?:- )?(?:{_CAPITAL}|['’]s-)[^\d]*(?:\d{{1,2}})?$"
    rf"|^{_POSTCODE_FIRST}\s+{_CAPITAL}[^\d,]+,\s{_CAPITAL}[^\d]*\s\d{{1,4}}\s?[a-zA-Z]?$"  # "6020 Innsbruck, Dorf 159"
    rf"|^\d{{4}}\s?[A-Z]{{2}},?\s+{_CAPITAL}"  # NL
    rf"|^{_CAPITAL}[^\d]*,\s?\d{{5}}\s+{_CAPITAL}[^\d]*$"  # "Tampoi, 81200 Johor Bahru, Johor"
    r"|\b(?:NSW|VIC|QLD|SA|WA|TAS|ACT|NT)\s\d{4}$"  # AU
    r"|\bS\(\d{6}\)$|^Singapore,?\s\d{6}$"  # SG
    r"|^\d{3}-\d{4}\s[A-Z]|[A-Za-z],?\s\d{3}-\d{4}(?:,\s?Japan)?$"  # JP
    r"|\b(?!NO\d)[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"  # GB; "NO12GF" is a house number
    r"|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"  # CA
    r"|\b[A-Z]\d{2}\s[A-Z0-9]{4}\b"  # IE
    rf"|\b{US_STATE}\.?,?\s+\d{{5}}(?:-\d{{4}})?\b"  # US
    rf"|{_CAPITAL}[^\d]+[, -]\s?{_POSTCODE_LAST}\s*\.?,?(?:\s*\(?[A-Z][A-Za-z .]+\)?)?$"
)
_POSTCODE = re.compile(rf"^(?:[A-Z]{{1,2}}[- ])?{_POSTCODE_FIRST}$")
_WEAK_CITY = re.compile(rf"^{_CAPITAL}[\w .'’-]+ \d{{1,2}}$|^{_CAPITAL}[\w .'’-]+,\s?(?:[A-Z]{{2}}|{_CAPITAL}[\w ]+)$")
_NUMBER_FIRST = re.compile(rf"^(?:no\.?|nr\.?|#)?\s?{_HOUSE_NUMBER}[,.]?\s+[^\W\d]", re.IGNORECASE)
_NUMBER_LAST = re.compile(rf"^(?:{_CAPITAL}|\d+\.)[^\d]*[^\W\d.,]\.?,?\s+(?:nr\.?\s?|n[°º.]\s?)?{_HOUSE_NUMBER}$")
_NO_NUMBER = re.compile(r"\bs/n$", re.IGNORECASE)  # "sin número"
# "3100 Cargo Road" begins like a Swiss town
_ENGLISH_STREET = re.compile(
    r"^\d{1,5}[A-Z]? \w[\w.'’ -]*\b(?:street|st|road|rd|avenue|ave|drive|dr|lane|ln|way|blvd|boulevard|parkway|pkwy"
    r"|highway|hwy|terrace|crescent|close)\.?(?: (?:north|south|east|west|[NS]?[EW]|[NS])\.?)?$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"^(?:suite|ste|unit|plot(?: no\.?)?|lot"
    r"|shop|store|stall|warehouse|office|zoning|floor|level|room|apt|apartment|building|bldg|block"
    r"|flat|stock|etage)\.?,? (?:[A-Z]\b|#?\d)"
    r"|^(?:p\.?\s?o\.?|post office) box\b|^(?:postfach|postbus|bp|apartado|skr\.? poczt\w*)\.? \d"
    r"|^(?:opp|opposite|near|nr|behind|beside)\b\.? [^\W\d_]|^h\.? ?no\.? ?\d"
    r"|\b(?:bldg|building|tower)\.? \d{1,3}F\b"
    r"|^\d+(?:st|nd|rd|th) (?:floor|flr)\b|^\d+\.\s*(?:stock|etage|og|obergeschoss)\b",
    re.IGNORECASE,
)
_NUMBERING = frozenset({"of", "von", "de", "van", "di", "z", "no", "nr", "#", "%"})
_CODE = re.compile(r"^[A-Z]{2,4}-\d{5,6}$")  # a document's number: "AB-58779"
_WORD = re.compile(r"[^\W\d_]{2,}")
_TAGLINE = re.compile(r"\s[–—·•|-]\s")  # "Groceries – Hygiene – Packaging": what is sold
_DATE = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})(?!\d)|\d{4}-\d{2}-\d{2}")
_DATE_OR_AMOUNT = re.compile(r"\d[.,]\d{2}\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}|[€$£]\s?\d")
_LABELLED = re.compile(r":\s*[A-Z-]*\d{3}")  # "Contractor License: C5071472"
_TIME_OF_DAY = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?![\d:]*\d{3})")
# Nothing but a company's number, as till slips print it under the name: "(867388-U)", "(LLP0007299-LGN)"
_REGISTRATION = re.compile(r"^\((?:[A-Z]{0,4}\s?)?\d{4,}(?:[-\s]?[A-Z]{1,4})?\)$|^\d{5,}-[A-Z]$")
_BEFORE_TOWN = re.compile(r"\s*,\s+(?=(?:[A-Z]{1,2}-)?\d{4,5}\b|\d{2}-\d{3}\b)|\s+-\s+(?=\d{4,5}\b|[A-Z][^\d]+\d{4})")
_MISREAD_POSTCODE = re.compile(r"(?<![\w.])(?=\S*\d\d)[\dOo]{5}(?= [A-Z])")  # five figures, some read as letters
_DISTRICT = re.compile(rf"{_CAPITAL}[a-z]+-(?:ku|shi|cho|machi)|{_CAPITAL}[\w' -]+ \([A-Z]{{2}}\)")  # "Siena (SI)"
_DOMAIN_NAME = re.compile(r"^[A-Z][\w-]{2,}(?:\.[A-Za-z]{2,3}){1,2}$")  # "Trius.com", as shops call themselves
_BANK_CODE = re.compile(r"\b(?:BIC|SWIFT|IBAN)\b.*\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}")
_CONTACT = re.compile(
    r"\S@\S|\bwww\.|https?://|\b[\w-]{3,}\.(?:com|de|fr|net|org|nl|pl|it|es|pt|co\.uk|eu|io)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Piece:
    """A line of a block, or a part of it, without its label: what it is, its text and words."""

    kind: PieceKind
    text: str
    span: Span


@cache
def _street_pattern() -> re.Pattern[str]:
    words = sorted({fold(w) for w in labels.words("address_words")}, key=lambda w: (-len(w), w))
    whole = "|".join(re.escape(w).replace(r"\ ", r"[. ]{1,2}") for w in words)
    suffix = "|".join(re.escape(w) for w in words if len(w) >= 3 and w.isalpha())
    return re.compile(rf"(?<![^\W_])(?:{whole})(?![^\W_])|[^\W\d_]{{2,}}(?:{suffix})(?![^\W_])")


def is_street(text: str) -> bool:
    """A street with its number, a box, a suite or a floor."""
    if len(text) > (150 if text.count(",") >= 3 else MAX_NAME_CHARS) or _TIME_OF_DAY.search(text):
        return False
    if _DATE.search(text):
        return False  # a sentence
    if _ENGLISH_STREET.search(text):
        return True
    form = legal_form(text)
    if form and form.end() == len(text):
        return False  # "3D Gasthof GmbH"
    if _UNIT.search(text) or _BLOCK_NUMBER.search(text):
        return True
    numbered = bool(_NUMBER_FIRST.search(text) or _NUMBER_LAST.search(text) or _HOUSE.search(text))
    return numbered and bool(_street_pattern().search(fold(text)))


def names_street(text: str) -> bool:
    """A street word without a number ("Clanwilliam Place"): a street if it stands between name and town."""
    return bool(_street_pattern().search(fold(text)))


def looks_numbered(text: str) -> bool:
    """A name and a house number without a street word ("Weena 664"): a street if a town follows."""
    numbered = _NUMBER_LAST.search(text) or _NUMBER_FIRST.search(text) or _NO_NUMBER.search(text)
    return bool(numbered) and len(text) <= 50 and not _TIME_OF_DAY.search(text)


def is_city(text: str) -> bool:
    """A postcode with its town, in the orders that countries use."""
    text = _MISREAD_POSTCODE.sub(lambda m: m[0].upper().replace("O", "0"), text)
    numbered = phrase_pattern("identifiers", "registration", "tax_number", "iban").search(fold_chars(text))
    street, parting, town = _BEFORE_TOWN.sub("\n", text, count=1).partition("\n")
    if parting and (looks_numbered(street) or is_street(street)) and is_city(town):
        return True  # "Zoning 151, 5000 Namur", "C/ Mayor, 106, 48009 - Bilbao"
    return (
        len(text) <= (150 if text.count(",") >= 3 else 80)
        and bool(_CITY.search(text))
        and not _DATE_OR_AMOUNT.search(text)
        and not _CODE.search(text)
        and not numbered
        and not _is_labelled_number(text)
    )


def _is_labelled_number(text: str) -> bool:
    """A label or title and a number, with no town between: "Order no (ours) 674990"."""
    start = opening(text, "fields", "other", "titles", "columns")
    return start is not None and not _WORD.search(re.sub(r"^[A-Z]{2,4}(?=-\d)", "", text[start.end :]))


def is_postcode(text: str) -> bool:
    """A postcode alone on its line."""
    return bool(_POSTCODE.search(text.strip()))


def is_weak_city(text: str) -> bool:
    """A town without a postcode ("Dublin 2", "Anytown, USA"): a town if a street precedes."""
    return len(text) <= 50 and bool(_WEAK_CITY.search(text))


def is_country_line(text: str) -> bool:
    """A country, alone, before a region ("Germany - Saxony"), or after one ("Selangor, Malaysia")."""
    parts = re.split(r"\s[-–]\s|,", text.strip(" ,."))
    return is_country(text) or is_country(parts[0]) or (len(parts[-1].strip()) > 3 and is_country(parts[-1]))


def is_name(text: str) -> bool:
    """Whether `text` could be a company's or a person's name: capitalised words, no label, figure or sentence."""
    plain = text.strip(" ,.:;-–*")
    words = plain.split()
    if _DISTRICT.fullmatch(plain) or plain.startswith("(") or sum(c.isalpha() for c in core_name(plain)) < 2:
        return False
    if not 2 <= len(plain) <= MAX_NAME_CHARS or len(words) > MAX_NAME_WORDS or text.rstrip().endswith((":", "?")):
        return False
    if not _WORD.search(plain) or _DATE_OR_AMOUNT.search(plain) or _is_known_word(plain):
        return False
    if sum(c.isdigit() for c in plain) / len(plain) > MAX_DIGIT_SHARE or _LABELLED.search(plain):
        return False
    if _is_greeting(plain) or plain in CODES or (len(_TAGLINE.findall(plain)) > 1 and legal_form(plain) is None):
        return False
    if _CONTACT.search(plain):
        return bool(_DOMAIN_NAME.search(plain))
    return legal_form(text) is not None or _is_capitalised(words)


def _is_known_word(text: str) -> bool:
    """A label, title or heading, also with a number: "Page 1 of 2"."""
    words = [w for w in tokens(text) if not any(c.isdigit() for c in w) and w not in _NUMBERING]
    if _weekdays().issuperset(words) or " ".join(words) in not_names():
        return True
    return legal_form(text) is None and reads_like_labels(words)


def _is_greeting(text: str) -> bool:
    """ "Dear Mr Smith": names whom the letter is to, but is no line of an address."""
    said = tokens(text)
    return any(said[: len(greeting)] == greeting for greeting in _greetings())


@cache
def _greetings() -> tuple[tuple[str, ...], ...]:
    return tuple(tokens(entry) for entry in labels.words("greetings"))


@cache
def _weekdays() -> frozenset[str]:
    """Names of days, whole and cut short (CLDR): a shop's hours are no name."""
    named = (
        Locale(language).days["format"][width] for language in labels.languages() for width in ("wide", "abbreviated")
    )
    return frozenset(fold(day).rstrip(".") for days in named for day in days.values())


def _is_capitalised(words: list[str]) -> bool:
    """Most words of some length begin with a capital; connecting words need not."""
    long = [w for w in words if sum(c.isalpha() for c in w) >= 4] or words
    lower = sum(1 for w in long if next((c for c in w if c.isalpha()), "A").islower())
    return lower * 3 <= len(long)


def _is_contact(text: str) -> bool:
    """An e-mail address, a web site, a bank's code, or a company's number alone."""
    site = _CONTACT.search(text) and not _DOMAIN_NAME.search(text)
    return bool(site or _BANK_CODE.search(text) or _REGISTRATION.search(text.strip(" .,")))


@cache
def _departments() -> frozenset[tuple[str, ...]]:
    return frozenset(tokens(entry) for entry in labels.words("departments"))


@lru_cache(maxsize=4096)
def classify(text: str) -> PieceKind:
    """What `text`, a line or part of a line without a party label, is in an address block."""
    if _is_contact(text):
        return "contact"
    said = _said_kind(text)
    if said is not None:
        return said
    if is_country_line(text):
        return "country"
    if phrase_pattern("legal_text").search(fold_chars(text)) and legal_form(text) is None:
        return "legal"
    if is_city(text) and not _ENGLISH_STREET.search(text):
        return "city"
    if is_street(text):
        return "street"
    return "name" if is_name(text) else "other"


def _said_kind(text: str) -> PieceKind | None:
    """The kind of a line whose first or last words say it."""
    start = opening(text, "parties", "identifiers", "fields", "other")
    kind = _labelled_kind(start.names, start.colon or start.alone, text) if start is not None else None
    if kind is None and tokens(text)[-1:] in _departments() and legal_form(text) is None:
        return "attention"  # "Purchasing Dept."
    return kind


_PARTY_WORDS = frozenset(
    {
        "vendor",
        "payee",
        "customer",
        "ship_to",
        "bank",
        "address",
        "name",
        "salutation",
        "company_salutation",
        "yours",
        "ours",
    }
)
_ID_WORDS = frozenset({"vat_id", "tax_number", "registration", "phone", "fax", "email", "web", "iban", "bic"})


def _labelled_kind(names: Iterable[str], marked: bool, text: str) -> PieceKind | None:
    """The kind of a line that begins with a label; None where the words need not be one."""
    names = set(names)
    digits = any(c.isdigit() for c in text)
    if "attention" in names and not names & {"customer", "vendor"}:
        return "attention"
    if "manager" in names and marked:
        return "attention"  # "CEO: Jane Doe" signs for the company and is not it
    if names & _ID_WORDS and (marked or digits) and not is_street(text) and not is_city(text):
        return "contact"
    if "attention" in names:
        return "attention"
    numbered = digits and not is_street(text) and not is_city(text)  # "No. 2, High Street" is no label
    if names - _PARTY_WORDS - _ID_WORDS and (marked or numbered):
        return "other"
    return None


def without_label(text: str) -> int:
    """Where the text after "Address:", "Name:" or "Registered office:" begins; 0 without such a label."""
    start = opening(text, "parties")
    if start is None or not {"address", "name"} & set(start.names):
        return 0
    return start.end if start.colon or (start.alone and "address" in start.names) else 0


def _form_follows(rest: str) -> bool:
    """Whether a text begins with a legal form and nothing else: "S.A.U. - C/ Serrano 200" after "Ondatel, "."""
    part = re.split(r",|\s[-–·|•]\s|;", rest, maxsplit=1)[0].strip()
    form = legal_form("x " + part)
    return form is not None and form.start() <= 2 and form.end() >= len(part) + 1


def split(span: Span, commas: bool = False) -> Iterator[tuple[str, Span]]:
    """The parts of a line between separators such as "·" and "|", and commas where `commas`, with their words."""
    text, start = span.text, 0
    cuts = [m.span() for m in _SEPARATORS.finditer(text)] if _SEPARATING.search(text) else []
    if commas:
        cuts = sorted(cuts + [m.span() for m in _COMMA.finditer(text) if not _form_follows(text[m.end() :])])
    if not cuts and text.strip(" ,"):
        yield text.strip(" ,"), span
        return
    for left, right in [*cuts, (len(text), len(text))]:
        part = text[start:left].strip(" ,")
        if part and left > start:
            first = text.count(" ", 0, start)
            yield part, span.part(first, text.count(" ", 0, max(start, left - 1)) + 1)
        start = right
