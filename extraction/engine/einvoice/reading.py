"""What the readers of both syntaxes hand over, and the meanings that CII and UBL share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, Inexact, localcontext

from lxml.etree import _Element as Element

from extraction.engine.checks import Sums
from extraction.engine.einvoice import codes
from extraction.engine.einvoice.nodes import as_field, decimal, written
from extraction.engine.result import Field, LineItem, Provenance, TaxLine

_CENT = Decimal("0.01")
_PLACES = Decimal("1e-10")  # of a unit price that no finite decimal equals
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_IBAN_SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A document-level or line-level allowance or charge (EN 16931 BG-20, BG-21, BG-27, BG-28)."""

    is_charge: bool
    amount: Field
    percent: Field | None = None
    freight: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One e-invoice as its syntax writes it: UNTDID 1001 type, the fields it names, lines, tax rows, totals."""

    type_code: str
    is_credit_note: bool
    fields: dict[str, Field | None]
    lines: tuple[LineItem, ...]
    tax_rows: tuple[TaxLine, ...]
    allowances: tuple[Allowance, ...]
    sums: Sums


def derived(value: Decimal | str, *sources: Field | None) -> Field:
    """A field worked out from others."""
    used = [source.provenance for source in sources if source]
    shown = " ".join(provenance.text for provenance in used)
    return Field(value, 1.0, Provenance("derived", shown, label=used[0].label if used else None))


def added(fields: Iterable[Field | None]) -> Field | None:
    """The sum of the numbers among `fields`; one number is itself, none is None."""
    numbers = [field for field in fields if decimal(field) is not None]
    if len(numbers) < 2:
        return numbers[0] if numbers else None
    return derived(sum((decimal(field) or Decimal(0) for field in numbers), Decimal(0)), *numbers)


def is_freight(code: str, reason: str) -> bool:
    """Whether a charge is for delivery, by its UNTDID 7161 code or its reason's words."""
    lowered = reason.casefold()
    return code in codes.FREIGHT_CODES or any(re.search(rf"\b{begin}", lowered) for begin in codes.FREIGHT_WORDS)


def discount_cells(allowances: Sequence[Allowance]) -> tuple[Field | None, Field | None]:
    """Amount and percent of the allowances among `allowances`; a percent only where there is exactly one."""
    given = [one for one in allowances if not one.is_charge]
    percent = given[0].percent if len(given) == 1 else None
    return added(one.amount for one in given), percent if decimal(percent) else None


def per_unit(price: Field | None, base: Field | None, quantity: Field | None, net: Decimal | None) -> Field | None:
    """The price of one unit: `price` over its base quantity (BT-149), exact, or to ten places where that cannot be.

    `net` is what quantity times unit price should come to. Senders are known to repeat the billed quantity or the price
    as the base quantity; where the line does not add up with such a base, it is left out.
    """
    whole, divisor, billed = decimal(price), decimal(base), decimal(quantity)
    if price is None or whole is None or divisor is None or divisor <= 0 or divisor == 1:
        return price
    single = _quotient(whole, divisor)
    if billed is not None and net is not None and not _fits(billed * single, net):
        mistaken = _fits(billed * whole, net) or divisor == whole
        return price if mistaken else replace(price, value=single)
    return replace(price, value=single)


def _quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    with localcontext() as context:
        context.clear_flags()
        quotient = dividend / divisor
        return quotient.quantize(_PLACES) if context.flags[Inexact] else quotient


def _fits(product: Decimal, net: Decimal) -> bool:
    return abs(product - net) <= _CENT


def before_discounts(total: Field | None, allowances: Sequence[Allowance]) -> Decimal | None:
    """The line's net amount (BT-131) before its allowances and charges: quantity times unit price."""
    net = decimal(total)
    if net is None:
        return None
    return net + sum((decimal(one.amount) or Decimal(0)) * (-1 if one.is_charge else 1) for one in allowances)


def address(element: Element | None, lines: Iterable[str], postcode: str, city: str) -> Field | None:
    """One line: "Hofstraße 12, Benrath, 20097 Hamburg"."""
    parts = [*lines, f"{postcode} {city}".strip()]
    joined = ", ".join(dict.fromkeys(part for part in parts if part))
    return None if element is None else as_field(joined, element, joined)


def payment_method(code: Element | None, named: str) -> Field | None:
    """What the document calls its way of paying (BT-82), else the name of its code (BT-81)."""
    if code is None:
        return None
    return as_field(named or codes.PAYMENT_MEANS.get(written(code)), code, named or written(code))


def iban(element: Element | None, *, declared: bool) -> Field | None:
    """An account number as an IBAN: as it stands where the element is for IBANs only, else where it has the shape."""
    compact = re.sub(r"[\s.-]", "", written(element)).upper()
    if element is None or not (declared or _IBAN_SHAPE.fullmatch(compact)):
        return None
    return as_field(compact, element)


def currency(element: Element | None, code: str) -> Field | None:
    """An ISO 4217 code; None for anything else."""
    return as_field(code.upper(), element, code) if element is not None and _CURRENCY.fullmatch(code) else None


def first(sources: Iterable[Element], pick: Callable[[Element], Field | None]) -> Field | None:
    """The first field that `pick` finds in one of `sources`."""
    return next((found for found in map(pick, sources) if found), None)


def line_item(cells: dict[str, Field | None]) -> LineItem | None:
    """The line with its present cells; None for a line of mere text, which has neither quantity nor amount."""
    present = {name: cell for name, cell in cells.items() if cell}
    return LineItem(present) if present.keys() & {"quantity", "unit_price", "total_price"} else None


def in_currency(elements: Sequence[Element], currency: str) -> list[Element]:
    """The amounts in the invoice's currency: those that say so, else those that name none, else a lone one."""
    stated = [one for one in elements if one.get("currencyID") == currency]
    silent = [one for one in elements if not one.get("currencyID")]
    return stated or silent or (list(elements) if len(elements) == 1 else [])
