"""The tax rows of a page: rate, base and tax that stand on one line and multiply out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations

from extraction.engine.candidates import Candidate
from extraction.engine.result import TaxLine
from extraction.engine.textfold import tokens

CENT = Decimal("0.01")
ALMOST_ONE = Decimal("0.99")
MAX_RATE = Decimal(40)  # no value-added or sales tax is higher; other percentages are discounts or shares
# Standard and reduced rates of value-added and sales taxes in Europe and elsewhere, in per cent
_RATES = (
    "2.1 2.5 2.6 3 3.8 4 4.8 5 5.5 6 7 7.7 8 8.1 8.5 9 9.975 10 11 12 13 13.5 14 15 16 17 18 19 19.6 20 21 22 23 24 25"
    " 25.5 27 28"
)
HALVES = frozenset({"cgst", "sgst", "utgst"})
KNOWN_RATES = frozenset(map(Decimal, _RATES.split()))
LEAST_TAX = Decimal("0.50")  # beside a rate without its sign: smaller products hold by chance


def find_tax_lines(amounts: Sequence[Candidate]) -> tuple[TaxLine, ...]:
    """One row for each rate whose line shows base and tax with base x rate = tax (or two, if the line shows the same
    rate and tax twice), in the page's order.

    `amounts` are the candidates of kind "amount" and "rate". A sum row under several rates has no rate of its own and
    so is none of them.
    """
    rows: defaultdict[tuple[int, int], list[Candidate]] = defaultdict(list)
    for candidate in amounts:
        rows[(candidate.span.page, round(candidate.span.cy / 4))].append(candidate)
    found: defaultdict[tuple[Decimal, str], dict[Decimal | None, list[TaxLine]]] = defaultdict(dict)
    for key in sorted(rows):
        near = rows[key] + rows.get((key[0], key[1] + 1), [])
        for rate in (c for c in rows[key] if _may_be_rate(c)):
            row = [c for c in near if c is not rate and _on_line(c, rate)]
            line = _multiplies(rate, row)
            if line and line.rate is not None:
                found[line.rate, _half(rate)].setdefault(line.base, [line] * _times(line, row))
    return tuple(line for rows in found.values() for line in _merged(list(rows.values())))


def _merged(rows: Sequence[Sequence[TaxLine]]) -> Sequence[TaxLine]:
    """Of the rows of one rate, as of several customs codes, one with their sums: the row that holds them, if any."""
    bases = [row[0].base or Decimal(0) for row in rows]
    whole = next((row for row, base in zip(rows, bases, strict=True) if abs(2 * base - sum(bases)) <= CENT), None)
    if len(rows) == 1 or (whole and len(rows) > 2):
        return whole or rows[0]
    times = {len(row) for row in rows}
    if len(times) > 1:
        return rows[0]
    amount = sum((row[0].amount or Decimal(0) for row in rows), Decimal(0))
    return [TaxLine(rows[0][0].rate, sum(bases, Decimal(0)), amount)] * times.pop()


def _half(rate: Candidate) -> str:
    """Which half of a tax a row is that two authorities share, as the centre and the states of India do."""
    said = tokens(rate.segment.text) if rate.segment else ()
    return next((word for word in said if word in HALVES), "")


def _times(line: TaxLine, row: Sequence[Candidate]) -> int:
    """How often the tax stands on its line with its rate: central and state tax are two taxes of one rate."""
    rates = 1 + sum(c.kind == "rate" and c.value == line.rate for c in row)
    return max(1, min(rates, sum(c.may_be_money and c.value == line.amount for c in row)))


def has_rate(amount: Candidate, rates: Sequence[Candidate]) -> bool:
    """Whether a tax rate stands to the left of `amount` on its line."""
    return any(
        r.kind == "rate"
        and _may_be_rate(r)
        and r.span.page == amount.span.page
        and _on_line(r, amount)
        and r.span.x0 < amount.span.x0
        for r in rates
    )


def _may_be_rate(candidate: Candidate) -> bool:
    """A percentage; or a bare number that is a rate somewhere, as tables print them under "Rate"."""
    value = candidate.value
    if candidate.kind == "amount":
        bare = abs(value) if isinstance(value, Decimal) else None  # in brackets it looks negative: "VAT (23.00)"
        return bare in KNOWN_RATES and candidate.amount is not None and candidate.amount.currency is None
    return candidate.kind == "rate" and isinstance(value, Decimal) and 0 <= value <= MAX_RATE


def _on_line(a: Candidate, b: Candidate) -> bool:
    return a.span.v_overlap(b.span) > 0.4 * min(a.span.height, b.span.height)


def _multiplies(rate: Candidate, row: Sequence[Candidate]) -> TaxLine | None:
    money = [c for c in row if c.may_be_money and isinstance(c.value, Decimal)]
    percent = abs(rate.value) if isinstance(rate.value, Decimal) else None
    for base, tax in permutations(money, 2):
        if not (isinstance(base.value, Decimal) and isinstance(tax.value, Decimal) and isinstance(percent, Decimal)):
            continue
        least = LEAST_TAX if tax.value.as_tuple().exponent else 100 * LEAST_TAX
        if rate.kind == "amount" and (base is rate or tax is rate or abs(tax.value) < least):
            continue
        if base.value and matches_rate(base.value, percent, tax.value) and (percent or tax.span.x0 > base.span.x0):
            return TaxLine(percent, base.value, tax.value)
    return None


def matches_rate(base: Decimal, rate: Decimal, tax: Decimal) -> bool:
    """Whether base x rate is tax to the smallest unit that is printed, rounding either way."""
    whole = base.as_tuple().exponent == tax.as_tuple().exponent == 0
    return abs(base * rate / 100 - tax) <= (ALMOST_ONE if whole else CENT)
