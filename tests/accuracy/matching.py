"""When a value that was read is the true one: exact for figures, codes and dates, by likeness for names and prose.

True amounts are decimal strings in major units; amounts that were read are integers in the smallest unit of the
currency, as the API gives them. A list of true values means that any of them is right.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from typing import Any

Match = Callable[[Any, Any, str | None], bool]

GROUPS = {
    "amounts": ("subtotalAmount", "taxAmount", "totalAmount", "discountAmount"),
    "rates": ("taxRate", "discountPercent"),
    "dates": ("invoiceDate", "dueDate"),
    "codes": ("invoiceNumber", "vendorTaxId", "customerTaxId", "iban", "purchaseOrder"),
    "names": ("vendorName", "customerName"),
    "prose": ("vendorAddress", "customerAddress", "paymentTerms", "paymentMethod"),
    "exact": ("currency", "vendorEmail", "customerEmail"),
    "phones": ("vendorPhone", "customerPhone"),
}
GROUP_OF = {field: group for group, fields in GROUPS.items() for field in fields}
# What people post to their books
KEY = (
    "invoiceNumber",
    "invoiceDate",
    "dueDate",
    "vendorName",
    "totalAmount",
    "subtotalAmount",
    "taxAmount",
    "currency",
)
ALIKE_NAME, ALIKE_PROSE, ALIKE_LINE = 0.9, 0.75, 0.6
RATE_SLACK, PRICE_SLACK = Decimal("0.01"), Decimal("0.005")
LEAST_PHONE = 6  # digits of a number without its prefix
# Decimal places of the currencies that do not have two (ISO 4217)
PLACES = dict.fromkeys(re.findall("...", "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF"), 0)
PLACES |= dict.fromkeys(re.findall("...", "BHDIQDJODKWDLYDOMRTND"), 3)


def is_match(field: str, true: Any, said: Any, currency: str | None) -> bool:
    """Whether `said` is the value of `field`, or one of the values where `true` is a list."""
    if isinstance(true, list):
        return any(is_match(field, one, said, currency) for one in true)
    return _MATCHES[GROUP_OF.get(field, "prose")](true, said, currency)


def is_line_match(true: Mapping[str, Any], said: Mapping[str, Any], currency: str | None) -> bool:
    """Whether a line that was read is this true line: its figures exact, its description alike."""
    if not _is_close(true.get("totalPrice"), major(said.get("totalPrice"), currency), PRICE_SLACK):
        return False
    exact = decimal(said.get("unitPriceDecimal"))
    price, slack = (major(said.get("unitPrice"), currency), PRICE_SLACK) if exact is None else (exact, Decimal(0))
    if not _is_close(true.get("unitPrice"), price, slack):
        return False
    if not _is_close(true.get("quantity"), decimal(said.get("quantity")), Decimal(0)):
        return False
    description = true.get("description")
    return not description or likeness(description, said.get("description") or "") >= ALIKE_LINE


def likeness(one: Any, other: Any) -> float:
    """0 to 1: the larger of the likeness letter by letter and the share of common words, their order aside."""
    one, other = fold(one), fold(other)
    if not one or not other:
        return float(one == other)
    words, others = Counter(one.split()), Counter(other.split())
    common = 2 * (words & others).total() / (words.total() + others.total())
    return max(common, SequenceMatcher(None, one, other, autojunk=False).ratio())


def fold(text: Any) -> str:
    """Lower-case words without accents or signs, one blank between them."""
    decomposed = unicodedata.normalize("NFKD", str(text)).casefold()
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", plain.replace("ß", "ss")))


def decimal(value: Any) -> Decimal | None:
    """The finite number that `value` is or spells, else None."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def major(value: Any, currency: str | None) -> Decimal | None:
    """An amount in the smallest unit of `currency`, in its major unit."""
    number = decimal(value)
    return None if number is None else number.scaleb(-PLACES.get((currency or "").upper(), 2))


def _is_close(true: Any, said: Decimal | None, slack: Decimal) -> bool:
    """Whether a cell agrees; a cell that was not judged always does."""
    if true is None:
        return True
    number = decimal(true)
    return said is not None and number is not None and abs(said - number) <= slack


def _amount(true: Any, said: Any, currency: str | None) -> bool:
    number = decimal(true)
    return number is not None and number == major(said, currency)


def _rate(true: Any, said: Any, _: str | None) -> bool:
    one, other = decimal(true), decimal(said)
    return one is not None and other is not None and abs(one - other) <= RATE_SLACK


def _text(true: Any, said: Any, _: str | None) -> bool:
    return str(true).strip().casefold() == str(said).strip().casefold()


def _code(true: Any, said: Any, _: str | None) -> bool:
    one, other = (re.sub("[ _]", "", fold(value)) for value in (true, said))
    return one == other


def _phone(true: Any, said: Any, _: str | None) -> bool:
    """The same digits, or one number the end of the other: national and international forms."""
    digits = [re.sub(r"\D", "", str(value)).lstrip("0") for value in (true, said)]
    short, long = sorted(digits, key=len)
    return short == long or (len(short) >= LEAST_PHONE and long.endswith(short))


def _name(true: Any, said: Any, _: str | None) -> bool:
    return likeness(true, said) >= ALIKE_NAME


def _prose(true: Any, said: Any, _: str | None) -> bool:
    return likeness(true, said) >= ALIKE_PROSE


_MATCHES: dict[str, Match] = {
    "amounts": _amount, "rates": _rate, "dates": _text, "codes": _code, "names": _name, "prose": _prose,
    "exact": _text, "phones": _phone,
}  # fmt: skip
