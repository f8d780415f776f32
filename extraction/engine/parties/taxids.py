"""Tax identifiers: VAT ids by their countries' patterns and checksums, other known ids, and whatever a label names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from extraction.engine import labels
from extraction.engine.parties.identifiers import Identifier, Reading
from extraction.engine.parties.lexicon import phrase_pattern
from extraction.engine.textfold import has_digit, tokens

# VAT ids by country, without separators (European Commission, VIES FAQ Q11; CHE: BFS UID register; GB: HMRC).
VAT_PATTERNS = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"\d{9}",
    "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}", "GR": r"\d{9}", "ES": r"(?:[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z])",
    "FI": r"\d{8}", "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}", "GB": r"(?:\d{12}|\d{9}|(?:GD|HA)\d{3})",
    "XI": r"(?:\d{12}|\d{9})", "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"(?:\d[A-Z0-9]\d{5}[A-Z]{1,2})",
    "IT": r"\d{11}", "LT": r"(?:\d{12}|\d{9})", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{6,10}", "SE": r"\d{12}", "SI": r"\d{8}",
    "SK": r"\d{10}", "CHE": r"\d{9}(?:MWST|TVA|IVA)?", "NO": r"\d{9}MVA",
}  # fmt: skip

# Ids whose form alone says what they are: name, pattern (without separators), python-stdnum (country, module).
_FORMS = (
    ("gstin", re.compile(r"(?<![A-Z0-9])\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]{2}[A-Z0-9](?![A-Z0-9])"), ("in", "gstin")),
    ("ca_rt", re.compile(r"(?<!\d)\d{5} ?\d{4} ?RT ?\d{4}(?!\d)"), None),
    ("jp_t", re.compile(r"(?<![A-Z0-9])T\d{13}(?!\d)"), None),
    ("ein", re.compile(r"(?<![\d-])\d{2}-\d{7}(?![\d-])"), ("us", "ein")),
    ("abn", re.compile(r"(?<![A-Z0-9])\d{2} ?\d{3} ?\d{3} ?\d{3}(?!\d)"), ("au", "abn")),
    ("nip", re.compile(r"(?<![\d-])\d{3}-\d{3}-\d{2}-\d{2}(?![\d-])|(?<![\d-])\d{3}-\d{2}-\d{2}-\d{3}(?![\d-])"),
     ("pl", "nip")),
)  # fmt: skip
_SEPARATOR = r"[ .\-/]{0,2}"
_PREFIX = re.compile(
    rf"(?<![A-Za-z0-9])(?P<cc>{'|'.join(sorted(VAT_PATTERNS, key=len, reverse=True))})(?=[ .\-/]*[A-Z0-9])"
)
_WORD = r"(?:[A-Z]{0,5}\d[A-Z0-9]*)"  # a part of an id has a digit
_TOKEN = re.compile(rf"(?<!\w)(?:[A-Z]{{1,6}}-){{0,2}}{_WORD}(?:[ ./-]{_WORD}){{0,6}}(?!\w)")
_FILLERS = frozenset({"number", "nummer", "tin", "reg"})  # words between a label and its value
_MIN_DIGITS = 6
_VALUE_GAP = 3  # characters between a label's last word and its value


@dataclass(frozen=True, slots=True)
class _Rank:
    """How good an id is as a party's tax id, by what it is: VAT ids first, registrations last."""

    valid_vat: float = 1.0
    vat: float = 0.92
    known_form: float = 0.9
    labelled_vat: float = 0.8
    labelled_tax: float = 0.6
    registration: float = 0.3


RANK = _Rank()


def find_tax_ids(reading: Reading) -> Iterator[Identifier]:
    """Every tax id of a segment, each text once, the best kind of it first."""
    taken: list[tuple[int, int]] = []
    for start, end, value, quality in _all(reading):
        if any(start < e and s < end for s, e in taken):
            continue
        taken.append((start, end))
        yield reading.found("tax_id", value, (start, end), quality)


def _all(reading: Reading) -> Iterator[tuple[int, int, str, float]]:
    if not has_digit(reading.text):
        return
    for start, end, value, quality in _vat_ids(reading.text):
        yield start, end, value, RANK.registration if _is_swiss_registration(value, reading.label(start)) else quality
    label = phrase_pattern("identifiers", "vat_id", "tax_number")
    for name, pattern, module in _FORMS:
        for m in pattern.finditer(reading.text):
            named = bool(label.search(reading.label(m.start())))
            if name == "gstin" or module is None or (named and _valid(module, m[0])):
                yield m.start(), m.end(), _compact(m[0]), RANK.known_form
    yield from _labelled(reading)


def _vat_ids(text: str) -> Iterator[tuple[int, int, str, float]]:
    """VAT ids with their country's prefix, printed with or without separators."""
    for prefix in _PREFIX.finditer(text):
        country = prefix["cc"]
        for end in _ends(text, prefix.end(), 14):
            body = _compact(text[prefix.end() : end])
            if re.fullmatch(VAT_PATTERNS[country], body):
                valid = _valid_vat(country, body) and not (country == "CHE" and body.isdigit())
                yield prefix.start(), end, country + body, RANK.valid_vat if valid else RANK.vat
                break


def _is_swiss_registration(value: str, label: str) -> bool:
    """Whether a UID stands for the commercial register's entry: after its label, without the VAT suffix."""
    return value.startswith("CHE") and value[-1].isdigit() and _label_quality(label) == RANK.registration


def _ends(text: str, start: int, most: int) -> Iterator[int]:
    """Where an id that starts at `start` may end, the longest first: at most `most` characters beside separators."""
    run = re.match(rf"(?:{_SEPARATOR}[A-Z0-9]){{1,{most + 3}}}", text[start:])
    if run is None:
        return
    for end in range(start + run.end(), start, -1):
        boundary = end == len(text) or not text[end].isalnum()
        if boundary and text[end - 1].isalnum():
            # A blank and more digits: part of something longer, such as an IBAN.
            longer = re.match(r"[ ]\d", text[end:])
            if not longer or end < start + run.end():
                yield end


def _labelled(reading: Reading) -> Iterator[tuple[int, int, str, float]]:
    """The token right after (or under) the words of a tax label, whatever its form."""
    for m in _TOKEN.finditer(reading.text):
        value = m[0].strip(" ./-")
        digits = sum(c.isdigit() for c in value)
        if digits < _MIN_DIGITS or digits < len(_compact(value)) / 2 or len(_compact(value)) > 18:
            continue
        quality = _label_quality(reading.label(m.start()))
        if quality:
            yield m.start(), m.start() + len(value), _compact(value), quality


def _label_quality(label: str) -> float:
    """By the label nearest before the value: for a VAT id, a tax number, a company registration, or none."""
    label = _title().sub("", label)
    best, where = 0.0, -1
    for name, quality in (
        ("vat_id", RANK.labelled_vat),
        ("tax_number", RANK.labelled_tax),
        ("registration", RANK.registration),
    ):
        for m in phrase_pattern("identifiers", name).finditer(label):
            if m.end() > where:
                best, where = quality, m.end()
    for name in ("phone", "fax", "iban", "bic"):
        if any(m.end() > where for m in phrase_pattern("identifiers", name).finditer(label)):
            return 0.0
    tail = phrase_pattern("parties", "yours", "ours").sub("", label[max(where, 0) :]).replace("/", " ")
    extra = [w for word in tail.split() if len(w := word.strip(".:#()-°º")) > 2 and w not in _FILLERS]
    return best if where >= 0 and len(extra) <= 1 else 0.0


@cache
def _title() -> re.Pattern[str]:
    """Titles that name a tax and no number of it: "Faktura VAT"."""
    taxes = {tokens(entry) for entry in labels.groups("identifiers")["vat_id"]}
    titles = {tokens(entry) for entries in labels.groups("titles").values() for entry in entries}
    named = sorted(" ".join(title) for title in titles if any((word,) in taxes for word in title))
    return re.compile("|".join(rf"\b{re.escape(title)}\b" for title in named))


def _compact(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).upper()


def _valid_vat(country: str, body: str) -> bool:
    if country == "CHE":
        return _valid(("ch", "uid"), "CHE" + body[:9])
    code = {"EL": "gr", "GR": "gr", "XI": "gb"}.get(country, country.lower())
    return _valid((code, "vat"), body)


def _valid(module: tuple[str, str], number: str) -> bool:
    validator = get_cc_module(*module)
    if validator is None:
        return False
    try:
        validator.validate(number)
    except ValidationError:
        return False
    return True
