"""Discount, shipping and payments: what stands between lines, subtotal, total and amount due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product

from extraction.engine.evidence import TOLERANCE
from extraction.engine.proposals import amount_of
from extraction.engine.scoring import Ranking, Scored

TOP = 6
MIN_SCORE = 0.5  # of a side amount that no difference calls for
EXPLAINS = 1.0  # for the pair that is exactly the difference between two sums
UNCALLED = 0.3  # lost by a discount or charge where the sums leave no room for one


def choose_sides(ranking: Ranking, main: Mapping[str, Scored], line_sum: Decimal | None) -> dict[str, Scored]:
    """discount_amount, shipping_amount and amount_paid, given the chosen subtotal, tax and total in `main`."""
    gaps = _gaps(ranking, main, line_sum)
    sign = -1 if _is_negative(main) else 1
    best: dict[str, Scored] = {}
    best_score = 0.0
    discounts, shippings = (_options(ranking[n], main) for n in ("discount_amount", "shipping_amount"))
    for discount, shipping in product(discounts, shippings):
        if discount and shipping and discount.candidate.span.words == shipping.candidate.span.words:
            continue
        score = sum(s.score - MIN_SCORE for s in (discount, shipping) if s)
        cut = abs(amount_of(discount)) if discount else Decimal(0)
        change = (amount_of(shipping) if shipping else Decimal(0)) - sign * cut
        if change and any(abs(change - gap) <= TOLERANCE < abs(gap) for gap in gaps):
            score += EXPLAINS
        elif change and gaps:
            score -= UNCALLED
        if score > best_score:
            pairs = (("discount_amount", discount), ("shipping_amount", shipping))
            best, best_score = {name: s for name, s in pairs if s}, score
    return best | _paid(ranking, main)


def _is_negative(main: Mapping[str, Scored]) -> bool:
    """Whether it is a credit note with negative sums: there a discount is added."""
    return any(amount_of(main[role]) < 0 for role in ("total_amount", "subtotal_amount") if role in main)


def _gaps(ranking: Ranking, main: Mapping[str, Scored], line_sum: Decimal | None) -> list[Decimal]:
    """The differences that discounts and charges have to make up: from the lines, or a sub-total printed before them,
    to the subtotal, and on to the total."""
    gaps: list[Decimal] = []
    subtotal, tax, total = (main.get(n) for n in ("subtotal_amount", "tax_amount", "total_amount"))
    if subtotal:
        printed = [amount_of(s) for s in ranking["subtotal_amount"] if s.score >= MIN_SCORE]
        gaps.extend(amount_of(subtotal) - before for before in [*printed, line_sum] if before is not None)
    if subtotal and total:
        gaps.append(amount_of(total) - amount_of(subtotal) - (amount_of(tax) if tax else 0))
    if total and line_sum and not subtotal:
        gaps.append(amount_of(total) - line_sum - (amount_of(tax) if tax else 0))
    return gaps


def _paid(ranking: Ranking, main: Mapping[str, Scored]) -> dict[str, Scored]:
    """The payment that leaves a stated balance, else a clearly labelled one."""
    total = main.get("total_amount")
    if total:
        rests = {amount_of(total) - amount_of(due) for due in ranking["amount_due"]}
        for paid in ranking["amount_paid"]:
            if paid.candidate.value in rests:
                return {"amount_paid": paid}
    best = ranking["amount_paid"][:1]
    return {"amount_paid": best[0]} if best and best[0].score >= MIN_SCORE else {}


def _options(ranked: Sequence[Scored], main: Mapping[str, Scored]) -> list[Scored | None]:
    """The best candidates that are none of the main amounts and smaller than they."""
    taken = {s.candidate.span.words for s in main.values()}
    bound = max((abs(amount_of(s)) for s in main.values()), default=None)
    free = [s for s in ranked if s.score > 0 and amount_of(s) and s.candidate.span.words not in taken]
    return [*[s for s in free if bound is None or abs(amount_of(s)) < bound][:TOP], None]
