"""What arithmetic says for a choice of subtotal, tax and total, taken together.

An equation that holds is evidence, not proof: its weight is moderate, so that it settles a close race and does not
overturn a clear label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from extraction.engine.candidates import Candidate
from extraction.engine.proposals import MIN_CLEAR, amount_of, cash_totals, rounded_totals, roundings
from extraction.engine.result import TaxLine
from extraction.engine.scoring import Ranking
from extraction.engine.taxes import CENT, matches_rate

SUM_HOLDS = 0.4  # subtotal + tax = total
SUM_HOLDS_WITHOUT_TAX = 0.2
SUM_HOLDS_WITH_SIDE = 0.3  # a discount or shipping in between
SUM_INSIDE = 0.3  # the subtotal is the total, with the tax inside, and the tax rows part it into base and tax
SUM_FAILS = -0.12
SUM_IS_OTHER = -0.3  # subtotal + tax is another labelled total
AFTER_CHANGES = 0.25  # subtotal + tax = total, and the subtotal is an earlier one less a discount or with a charge
RATE_HOLDS = 0.2  # rate x subtotal = tax
LINES_HOLD = 0.3  # the lines, less discounts and with charges, add up to the subtotal
LINES_ARE_TOTAL = 0.15  # or to the total, with the tax inside
BREAKDOWN_HOLDS = 0.25  # the tax rows add up to the tax
TAX_IS_NOT_MORE = -0.5  # no tax is as large as what it is of, or as the total that holds it
CALLED = 0.4  # score of an amount that is called so, if by a common word
CASH_HOLDS = 0.45  # cash less change is the total
PAID_HOLDS = 0.3  # total less payment, or rounded, is the amount due
TOP = 6
TOLERANCE = Decimal("0.02")  # two rounded terms


@dataclass(frozen=True)
class Evidence:
    """All that the equations need, once per document."""

    rates: tuple[Decimal, ...]
    tax_sum: Decimal | None
    base_sum: Decimal | None
    line_sum: Decimal | None
    subtotals: frozenset[Decimal]
    totals: frozenset[Decimal]
    changes: frozenset[Decimal]
    cash: frozenset[Decimal]  # totals that cash or a rounding proves
    rounded: Mapping[Decimal, Decimal]  # totals, and what they were rounded from
    before_payment: frozenset[Decimal]

    def score(self, subtotal: Decimal | None, tax: Decimal | None, total: Decimal | None) -> float:
        """The weight for (subtotal, tax, total); a None has no say."""
        score = self.sum_holds(subtotal, tax, total) + self._lines(subtotal, tax, total)
        if subtotal and tax and any(rate and matches_rate(subtotal, rate, tax) for rate in self.rates):
            score += RATE_HOLDS
        if tax is not None and tax == self.tax_sum:
            score += BREAKDOWN_HOLDS
        bases = [amount for amount in (subtotal, total) if amount is not None]
        if tax and any(abs(tax) >= abs(amount) for amount in bases):
            score += TAX_IS_NOT_MORE
        if total is not None:
            score += CASH_HOLDS * (total in self.cash) + PAID_HOLDS * (total in self.before_payment)
        return score

    def sum_holds(self, subtotal: Decimal | None, tax: Decimal | None, total: Decimal | None) -> float:
        """The weight of subtotal + tax = total, above 0 where it holds. With a discount or charge in between it counts
        only while no amount on the page makes the plain form hold: the subtotal is after both (EN 16931 BT-109)."""
        if subtotal is None or total is None:
            return 0.0
        total = self.rounded.get(total, total)
        rest = total - (tax or 0) - subtotal
        if abs(rest) <= TOLERANCE:
            return (SUM_HOLDS if tax else SUM_HOLDS_WITHOUT_TAX) + AFTER_CHANGES * self._is_after_changes(subtotal)
        if tax and subtotal == total and self.base_sum is not None and abs(total - tax - self.base_sum) <= TOLERANCE:
            return SUM_INSIDE
        if not any(abs(rest - change) <= TOLERANCE for change in self.changes):
            other = any(abs(rest - total + each) <= TOLERANCE for each in self.totals)
            return SUM_IS_OTHER if tax and other else SUM_FAILS
        plain = any(abs(rest + subtotal - other) <= TOLERANCE for other in self.subtotals)
        return 0.0 if plain else SUM_HOLDS_WITH_SIDE

    def _is_after_changes(self, subtotal: Decimal) -> bool:
        """Whether discounts and charges make `subtotal`, labelled one, of another subtotal."""
        parts = (subtotal - other for other in self.subtotals) if subtotal in self.subtotals else ()
        return any(abs(part - change) <= TOLERANCE for part in parts for change in self.changes)

    def _lines(self, subtotal: Decimal | None, tax: Decimal | None, total: Decimal | None) -> float:
        if not self.line_sum:
            return 0.0
        score = 0.0
        if subtotal is not None:
            gap = subtotal - self.line_sum
            score += LINES_HOLD * (abs(gap) <= CENT or any(abs(gap - change) <= CENT for change in self.changes))
        if total is not None:
            total = self.rounded.get(total, total)
            score += LINES_ARE_TOTAL * (abs(total - self.line_sum) <= CENT)
            score += LINES_HOLD * bool(tax and subtotal is None and abs(self.line_sum + tax - total) <= TOLERANCE)
        return score


def gather(
    ranking: Ranking, amounts: Sequence[Candidate], tax_lines: Sequence[TaxLine], line_sum: Decimal | None
) -> Evidence:
    """The evidence of a document from its proposals, its printed rates and tax rows, and the sum of its lines."""
    taxes = [line.amount for line in tax_lines if line.amount is not None]
    bases = [line.base for line in tax_lines if line.base is not None]
    money = [c for c in amounts if c.may_be_money]
    rounded = rounded_totals(ranking, money)
    return Evidence(
        rates=tuple(sorted({c.value for c in amounts if c.kind == "rate" and isinstance(c.value, Decimal)})),
        tax_sum=sum(taxes, Decimal(0)) if taxes else None,
        base_sum=sum(bases, Decimal(0)) if bases else None,
        line_sum=line_sum,
        subtotals=frozenset(amount_of(s) for s in ranking["subtotal_amount"] if s.score >= CALLED),
        totals=frozenset(amount_of(s) for s in ranking["total_amount"] if s.label and s.score >= CALLED),
        changes=frozenset(_side_changes(ranking)),
        cash=frozenset(cash_totals(ranking, money) | rounded.keys()),
        rounded=rounded,
        before_payment=frozenset(_before_payment(ranking)),
    )


def _side_changes(ranking: Ranking) -> set[Decimal]:
    """What discounts, charges and roundings on the page may add to a sum; never 0."""
    cuts = {Decimal(0), *(abs(amount_of(s)) for s in ranking["discount_amount"][:TOP])}
    extras = {Decimal(0), *(amount_of(s) for s in ranking["shipping_amount"][:TOP])}
    return {sum(terms, Decimal(0)) - cut for *terms, cut in product(extras, roundings(ranking), cuts)} - {Decimal(0)}


def _before_payment(ranking: Ranking) -> set[Decimal]:
    """What the amounts due were before a payment or a rounding."""
    dues, payments = (
        [amount_of(s) for s in ranking[role] if s.score >= MIN_CLEAR] for role in ("amount_due", "amount_paid")
    )
    paid = {due + abs(payment) for due, payment in product(dues, payments) if payment}
    return paid | {due - rest for due, rest in product(dues, roundings(ranking)) if rest}
