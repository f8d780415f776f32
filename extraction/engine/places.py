"""Which country a document is from, by what its text gives away, and so what a shared currency sign means."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from functools import cache

from babel import Locale
from babel.numbers import get_territory_currencies

from extraction.engine import labels
from extraction.engine.currencies import CODES
from extraction.engine.textfold import tokens

_AS_OF = date(2025, 1, 1)  # of CLDR's table of currencies in use: a fixed day, so that results do not change with time
CLEARLY = 4  # times as often as of all others together
_LONGEST_NAME = 4  # words of a country's name that are looked for
_DOMAIN = re.compile(r"[\w-]{2}\.(?P<country>[a-z]{2})(?![\w.@-]|\.\w)")
_CALLING = re.compile(r"(?<![\w+])\+\s?(?P<code>\d{1,3})(?=[ ().-]|\d{6})")
# ITU-T E.164 country codes; +1 and +7 are shared
_CALLING_PLAN = """
    20EG 27ZA 30GR 31NL 32BE 33FR 34ES 36HU 39IT 40RO 41CH 43AT 44GB 45DK 46SE 47NO 48PL 49DE 52MX 55BR 60MY 61AU
    62ID 63PH 64NZ 65SG 66TH 81JP 82KR 84VN 86CN 90TR 91IN 351PT 352LU 353IE 354IS 358FI 359BG 370LT 371LV 372EE
    380UA 385HR 386SI 420CZ 421SK 852HK 886TW 971AE 972IL 966SA
"""
# USPS Publication 28: the states, the District of Columbia and Puerto Rico
US_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY])"
)
_CALLING_CODES = {entry[:-2]: entry[-2:] for entry in _CALLING_PLAN.split()}
# Forms of one country only: postcodes with their state, and names of taxes and registers
_FORMS = tuple(
    (country, re.compile(form))
    for country, form in (
        ("AU", r"\b(?:NSW|VIC|QLD|SA|WA|TAS|ACT|NT) \d{4}\b|\bABN\b|\bBSB\b"),
        ("CA", r"\b[A-CEGHJ-NPR-TVXY]\d[A-Z] ?\d[A-Z]\d\b|\b(?:HST|QST|PST|TVQ)\b|\d{9} ?RT ?\d{4}"),
        ("SG", r"\bS\(\d{6}\)|\bSingapore \d{6}\b|\bUEN\b"),
        ("IN", r"\b(?:GSTIN|CGST|SGST|IGST)\b"),
        ("MY", r"\b(?:SDN\.? BHD|Sdn\.? Bhd|\d{5} Kuala Lumpur|SST)\b"),
        ("MY", r"(?i:\b(?:selangor|johor|perak|kedah|pahang|kelantan|terengganu|negeri sembilan|pulau pinang)\b)"),
        ("NZ", r"\bNZBN\b"),
        ("US", r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b|\bEIN\b"),
        ("CH", r"\bCHE[- ]?\d{3}"),
        ("JP", r"\bT\d{13}\b|\b\d{3}-\d{4}\b.*-ku\b|-ku\b.*\b\d{3}-\d{4}\b"),
        ("IE", r"\b(?:[AC-FHKNPRTV-Y]\d{2}|D6W) [0-9AC-FHKNPRTV-Y]{4}\b|\bEircode\b"),
        ("ES", r"\b(?:CIF|C\.I\.F\.?|NIF/CIF|NIF)\W+[A-Z]-?\d{7,8}"),
        ("PT", r"(?i:\bcontribuinte\b)|\b\d{4}-\d{3} [A-ZÀ-Ý]"),
        ("PL", r"\b(?:NIP|N\.I\.P|REGON|Regon|KRS)\b|\bul\. [A-ZŁŚŻ]"),
        ("IT", r"(?i:\bpart(?:ita|\.) ?iva\b|\bp\. ?iva\b|\bcod(?:ice|\.) fisc)"),
        ("FR", r"\b(?:SIRET|SIREN|RCS)\b"),
        ("NL", r"(?i:\bkvk\b)|\bNL ?\d{9} ?B ?\d{2}\b"),
        ("BE", r"\b(?:RPR|RPM)\b|\bBE ?[01]\d{3}"),
        ("AT", r"\bFN ?\d{5,6} ?[a-zA-Z]\b|\bATU ?\d{8}\b"),
        ("DE", r"\bHR[AB] ?\d|\bDE ?\d{9}\b"),
        ("GB", r"\bGB ?\d{3} ?\d{4} ?\d{2}\b|\b(?:BACS|Companies House)\b|(?i:\bvat\b)\D{1,20}\b\d{3} \d{4} \d{2}$"),
        ("GB", r"\b(?!NO\d)[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}$"),  # a postcode that ends a line
    )
)
# VAT identification numbers (Directive 2006/112/EC, Article 215) as printed, in groups or not
_VAT_ID = re.compile(
    r"\b(?P<country>AT|BE|BG|CY|CZ|DE|DK|EE|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK) ?"
    r"(?=[A-Z]{0,2}\d)(?P<body>(?:[ .-]?[A-Z0-9]){8,12})(?![A-Z0-9])"
)
_VAT_DIGITS = 7
_IBAN = re.compile(r"(?<![A-Z0-9])(?P<country>[A-Z]{2})\d{2}(?: ?[A-Z0-9]{4}){3}")


@cache
def _names() -> dict[tuple[str, ...], str]:
    """Countries' names in the languages of the labels, as words (CLDR)."""
    names: dict[tuple[str, ...], str] = {}
    for language in labels.languages():
        for code, name in Locale(language).territories.items():
            if str(code).isalpha() and len(str(code)) == 2:
                names.setdefault(tokens(name), str(code))
    return names


@cache
def _currency(country: str) -> str | None:
    used = get_territory_currencies(country, _AS_OF, _AS_OF)
    return used[0] if used and used[0] in CODES else None


def countries(texts: tuple[str, ...]) -> Counter[str]:
    """How often the lines `texts` speak of each country (ISO 3166-1 codes): by names that end a line, domains, calling
    codes, IBANs, VAT ids, postcodes and the names of taxes."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(m["country"].upper() for m in _DOMAIN.finditer(text))
        counts.update(_CALLING_CODES[m["code"]] for m in _CALLING.finditer(text) if m["code"] in _CALLING_CODES)
        counts.update(m["country"] for m in _IBAN.finditer(text))
        taxed = (m["country"] for m in _VAT_ID.finditer(text) if sum(map(str.isdigit, m["body"])) >= _VAT_DIGITS)
        counts.update({*taxed, *(country for country, form in _FORMS if form.search(text))})
        words = tokens(text)
        named = (_names().get(words[-size:]) for size in range(min(_LONGEST_NAME, len(words)), 0, -1))
        counts.update([next((code for code in named if code), "")])
    counts["GB"] += counts.pop("UK", 0)
    return Counter({code: n for code, n in counts.items() if n and code and _currency(code)})


def currency_by_place(texts: tuple[str, ...]) -> str | None:
    """The currency of the country that `texts` speak of most; None where of none, or of two equally often."""
    ranked = _currencies(texts).most_common(2)
    return ranked[0][0] if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]) else None


def shared_currency_by_place(texts: tuple[str, ...], among: frozenset[str]) -> tuple[str | None, bool]:
    """Of the currencies `among` which one is sought, that of the country that `texts` speak of by far the most; and
    whether they speak of no other: trade between two countries is often in the dollars of a third."""
    counts = _currencies(texts)
    best = max(counts, key=lambda currency: counts[currency], default=None)
    clear = best in among and counts[best] >= CLEARLY * (counts.total() - counts[best])
    return best if clear else None, len(counts) <= 1


def _currencies(texts: tuple[str, ...]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for country, count in countries(texts).items():
        counts[_currency(country) or ""] += count
    return counts
