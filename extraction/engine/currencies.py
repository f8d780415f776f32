"""Currency codes and symbols as printed, and which one a document is in."""

from __future__ import annotations

import re
from collections import Counter

from extraction.engine.textfold import is_chinese

# ISO 4217 codes that invoices are written in, by ISO's list of active codes.
_ISO_4217 = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD "
    "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX "
    "USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
)
CODES = frozenset(_ISO_4217.split())
# A symbol that several countries share stands for the most frequent of them; an ISO code elsewhere overrules it.
SYMBOLS = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "￥": "CNY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY",
    "₴": "UAH", "₫": "VND", "₱": "PHP", "₪": "ILS", "zł": "PLN", "zl": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON",
    "kr": "SEK", "kr.": "DKK", "Fr.": "CHF", "SFr.": "CHF", "Rs.": "INR", "Rs": "INR", "RM": "MYR", "R$": "BRL",
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD",
    "R": "ZAR", "元": "CNY", "円": "JPY", "Euro": "EUR", "EURO": "EUR", "euro": "EUR", "euros": "EUR",
}  # fmt: skip
_SHARED = {
    "USD": ("AUD", "CAD", "NZD", "HKD", "SGD", "MXN"),
    "SEK": ("NOK", "DKK", "ISK"),
    "JPY": ("CNY",),
    "INR": ("PKR", "LKR"),
}

_LETTER = "R"  # a sign only before an amount with cents: "R 148.50"
_words = "|".join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True) if s[0].isalpha() and s != _LETTER)
_signs = "|".join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True) if not s[0].isalpha())
_before_cents = rf"{_LETTER}(?=[ \u00a0]?\d[\d ,\u00a0]*\.\d\d(?!\d))"
_codes = "|".join(sorted(CODES))
CURRENCY_PATTERN = rf"(?:(?:US|A|AU|C|CA|NZ|HK|S|R)?(?:{_signs})|(?:{_words})(?![a-z])|{_before_cents}|(?:{_codes})\b)"
_CODE_PLACE = re.compile(
    r"\d[ \u00a0]?[A-Z]{3}\b|\b[A-Z]{3}[ \u00a0:]{0,2}[-(]?\d|[(\[][A-Z]{3}[)\]]"
    r"|(?i:curr|währ|devi|valu|mone|walut|in )"
)
# not in a code: "HELADEF1GEL", "RM-23-0915"
_MENTION = re.compile(rf"(?<![A-Za-z])(?<![A-Za-z]\d){CURRENCY_PATTERN}(?!-\d+[-/])")


def currency_of(mark: str | None) -> str | None:
    """The ISO 4217 code of a printed symbol or code, else None."""
    if not mark:
        return None
    mark = mark.strip()
    return mark if mark in CODES else SYMBOLS.get(mark)


def mentions(text: str) -> Counter[str]:
    """How often each currency is named in `text`, codes counting double: a symbol may be shared.

    Three capitals beside a number, in brackets or after "currency" are a code; alone in a text they may be anything.
    """
    counts: Counter[str] = Counter()
    for match in _MENTION.finditer(text):
        code = currency_of(match[0])
        if code and (match[0] not in CODES or _CODE_PLACE.search(text[max(0, match.start() - 14) : match.end() + 4])):
            counts[code] += 2 if match[0] in CODES else 1
    if counts["JPY"] and is_chinese(text):
        counts["CNY"] += 1  # what says whose the shared sign is
    return +counts


def shared_by(code: str) -> frozenset[str]:
    """The currencies that write the sign of `code` too, and itself; nothing for a sign of one currency only."""
    return frozenset((code, *_SHARED[code])) if code in _SHARED else frozenset()


def settle_shared(counts: Counter[str]) -> Counter[str]:
    """`$`, `kr` and `¥` read as the country that a code on the same document names ("CAD" makes "$" Canadian)."""
    settled = Counter(counts)
    for common, others in _SHARED.items():
        named = [code for code in others if counts.get(code)]
        if len(named) == 1 and counts.get(common):
            settled[named[0]] += settled.pop(common)
    return settled
