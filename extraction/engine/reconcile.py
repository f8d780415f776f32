"""Amounts chosen jointly: labels propose, arithmetic decides between proposals that are near each other.

    sum of lines = subtotal;  subtotal [- discount] [+ shipping] + tax = total;  base x rate = tax;
    total - paid = due

An equation that holds is evidence, not proof: its weight is moderate, so that it settles a close race and does not
overturn a clear label. Nothing is computed into existence: every amount returned stands on the page, but for the sum
of several tax rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import permutations, product

from extraction.engine.candidates import Candidate
from extraction.engine.document import Document
from extraction.engine.labels import words
from extraction.engine.result import TaxLine
from extraction.engine.scoring import Ranking, Scored, rank
from extraction.engine.sides import choose_sides
from extraction.engine.taxes import CENT, find_tax_lines, has_rate, matches_rate
from extraction.engine.textfold import tokens

ROLES = (
    "subtotal_amount", "tax_amount", "total_amount", "amount_due", "amount_paid", "discount_amount", "shipping_amount",
)  # fmt: skip
TOP = 7  # candidates a role that enter the joint choice
MIN_SCORE = 0.3
MIN_SIDE = 0.5  # for discount, shipping and payments, which no equation has to hold up
SUM_HOLDS = 0.4  # subtotal + tax = total
SUM_HOLDS_WITH_SIDE = 0.25  # with discount or shipping beside: BT-109 is after them, so the plain form is likelier
SUM_FAILS = -0.12
RATE_HOLDS = 0.2
CASH_HOLDS = 0.3  # cash less change is the total
LINES_HOLD = 0.3  # the lines add up to the subtotal (or to a total with the tax inside)
BREAKDOWN_HOLDS = 0.25  # the tax rows add up to the tax
DUE_AS_TOTAL = 0.8  # factor: "amount due" names the total where nothing else does
LARGEST = 0.22  # the largest amount of the page, as the total, without any label
IMPLIED = 0.2  # an unlabelled amount that would make the sum hold
COLUMN_SUM = 0.1  # for a value that is the sum of those above it in its column
NOT_MONEY = 0.3  # lost by a bare whole number
NOT_MONEY_AMONG_MONEY = 0.6  # on a page that prints FEW or more amounts with cents or currency
FEW = 3
PROVEN_ROWS = 0.5  # the sum of rows in which rate x base = tax, with or without a label
MAX_BARE = 10_000_000  # a whole number without separators or currency from here on is a code
TOLERANCE = Decimal("0.02")  # two rounded terms


@dataclass(frozen=True)
class Amounts:
    """The chosen candidate of each role, whether the sum holds, the rate, and the tax rows."""

    chosen: dict[str, Scored]
    ranking: Ranking
    sum_holds: bool
    tax_lines: tuple[TaxLine, ...]


def reconcile(document: Document, line_sum: Decimal | None, inside: Sequence[Candidate] = ()) -> Amounts:
    """Choose the amounts of `document`. `line_sum` is the sum of the line totals, where lines were found; candidates
    `inside` line tables are left out: a line's total is no document total."""
    skip = {id(c) for c in inside}
    amounts = [c for c in document.amounts if id(c) not in skip]
    tax_lines = find_tax_lines(amounts)
    ranking = _rank(
        document, [c for c in amounts if _may_be_amount(c)], tax_lines, [c for c in amounts if c.kind == "rate"]
    )
    rates = _rates(amounts)
    cash = _cash_totals(ranking["change"])
    side = {r: _first(ranking[r], MIN_SIDE) for r in ("discount_amount", "shipping_amount", "amount_paid")}
    best, best_score, best_holds = {}, float("-inf"), False
    options = [_options(ranking[role]) for role in ("subtotal_amount", "tax_amount", "total_amount")]
    for subtotal, tax, total in product(*options):
        if _reused(subtotal, tax, total):
            continue
        holds = _sum_holds(subtotal, tax, total, side)
        score = sum(s.score for s in (subtotal, tax, total) if s)
        score += _evidence(subtotal, tax, total, holds, rates, tax_lines, line_sum)
        score += CASH_HOLDS if total and _value(total) in cash else 0.0
        if score > best_score:
            roles = {"subtotal_amount": subtotal, "tax_amount": tax, "total_amount": total}
            best, best_score, best_holds = {r: s for r, s in roles.items() if s}, score, holds > 0
    chosen = best | choose_sides(ranking, best, line_sum) | _due(ranking, best.get("total_amount"))
    return Amounts(_without_repeats(chosen), ranking, best_holds, tax_lines)


def _rank(
    document: Document, amounts: Sequence[Candidate], tax_lines: Sequence[TaxLine], rates: Sequence[Candidate]
) -> Ranking:
    ranking = rank(document.layout, amounts, document.hits, (*ROLES, "change"), last_wins=True)
    money = [c for c in amounts if _is_money(c)]
    doubt = NOT_MONEY_AMONG_MONEY if len(money) >= FEW else NOT_MONEY
    ranking["tax_amount"] = [s for s in ranking["tax_amount"] if not _is_base(s.candidate)]
    for role, ranked in ranking.items():
        scored = [replace(s, score=s.score - doubt * (not _is_money(s.candidate))) for s in ranked]
        ranking[role] = _distinct([*scored, *_column_sums(scored)])
    known = {s.candidate.value: s.score for s in ranking["total_amount"]}
    for due in ranking["amount_due"]:
        if known.get(due.candidate.value, 0.0) < due.score * DUE_AS_TOTAL:
            ranking["total_amount"].append(replace(due, score=due.score * DUE_AS_TOTAL))
    if money:
        largest = max(money, key=lambda c: (_value(c), c.span.page, c.span.y0))
        ranking["total_amount"].append(Scored(largest, LARGEST, None))
    ranking["total_amount"] = _distinct(ranking["total_amount"])
    bases = [line.base for line in tax_lines if line.base is not None]
    taxes = [line.amount for line in tax_lines if line.amount is not None]
    ranking["tax_amount"] = _distinct([*ranking["tax_amount"], *_tax_sum(ranking["tax_amount"], tax_lines, rates)])
    for role, values in (("subtotal_amount", bases), ("tax_amount", taxes)):
        ranking[role] = _distinct([*ranking[role], *_printed_sum(values, money)])
    ranking["subtotal_amount"].extend(_implied_subtotals(ranking, money))
    return ranking


def _column_sums(scored: Sequence[Scored]) -> Iterable[Scored]:
    """Under one heading, a last value that is the sum of those above it: it takes the best score of its column."""
    columns: defaultdict[int, list[Scored]] = defaultdict(list)
    for s in scored:
        if s.label:
            columns[id(s.label)].append(s)
    for column in columns.values():
        column.sort(key=lambda s: s.candidate.span.cy)
        above = sum((_value(s) for s in column[:-1]), Decimal(0))
        if (
            len(column) > 1
            and column[0].candidate.span.cy != column[-1].candidate.span.cy
            and above == _value(column[-1])
        ):
            yield replace(column[-1], score=max(s.score for s in column) + COLUMN_SUM)


def _implied_subtotals(ranking: Ranking, money: Sequence[Candidate]) -> Iterable[Scored]:
    """Amounts that stand on the page and are a total less its tax: proposals for the subtotal without a label."""
    known = {s.candidate.value for s in ranking["subtotal_amount"]}
    values = {_value(c): c for c in reversed(money)}
    for total in ranking["total_amount"][:4]:
        for tax in ranking["tax_amount"][:4]:
            rest = _value(total) - _value(tax)
            if _value(tax) and rest not in known and rest in values:
                known.add(rest)
                yield Scored(values[rest], IMPLIED, None)


def _printed_sum(parts: Sequence[Decimal], money: Sequence[Candidate]) -> Iterable[Scored]:
    """The amount on the page that is the sum of `parts`, the bases or taxes of proven rows."""
    if parts:
        total = sum(parts, Decimal(0))
        yield from (Scored(c, PROVEN_ROWS, None) for c in money if _value(c) == total)


def _tax_sum(ranked: Sequence[Scored], tax_lines: Sequence[TaxLine], rates: Sequence[Candidate]) -> Iterable[Scored]:
    """Where several tax rows stand on the page, their sum as one more proposal, placed at the last of them."""
    parts = [line.amount for line in tax_lines if line.amount]
    rows = [s for s in ranked if s.candidate.value in parts]
    if not tax_lines:  # no bases beside them: rows of a tax label, a rate and an amount
        rows = [s for s in ranked if s.score >= MIN_SCORE and s.label and has_rate(s.candidate, rates)]
        parts = [_value(s) for s in rows]
    if len(parts) > 1 and rows:
        last = max(rows, key=lambda s: (s.candidate.span.page, s.candidate.span.y0))
        score = max(s.score for s in rows)
        yield Scored(replace(last.candidate, value=sum(parts, Decimal(0))), score, last.label)


def _distinct(scored: Sequence[Scored]) -> list[Scored]:
    """Best first, one for each value."""
    best: dict[object, Scored] = {}
    for s in scored:
        held = best.get(s.candidate.value)
        if held is None or s.score > held.score:
            best[s.candidate.value] = s
    return sorted(best.values(), key=lambda s: -s.score)


def _may_be_amount(candidate: Candidate) -> bool:
    """Left out: rates, and long bare digits, which are account and registration numbers."""
    bare = candidate.amount is not None and candidate.amount.digits.isdigit() and candidate.amount.currency is None
    return candidate.kind == "amount" and not (bare and abs(_value(candidate)) >= MAX_BARE)


def _is_base(candidate: Candidate) -> bool:
    """Whether the words before name it as what a tax is reckoned on: "VAT 19 % of 100.00"."""
    before = tokens(candidate.segment.text[: candidate.start]) if candidate.segment else ()
    return bool(before) and before[-1] in words("base_words")


def _is_money(candidate: Candidate) -> bool:
    return candidate.amount is not None and candidate.amount.looks_like_money


def _value(scored: Scored | Candidate) -> Decimal:
    value = scored.value if isinstance(scored, Candidate) else scored.candidate.value
    if not isinstance(value, Decimal):
        raise TypeError(f"an amount candidate holds {value!r}")
    return value


def _options(ranked: Sequence[Scored]) -> list[Scored | None]:
    return [*[s for s in ranked if s.score >= MIN_SCORE or s.label is None][:TOP], None]


def _first(ranked: Sequence[Scored], minimum: float) -> Scored | None:
    return ranked[0] if ranked and ranked[0].score >= minimum else None


def _reused(*roles: Scored | None) -> bool:
    """Whether one printed number would play two roles."""
    spans = [s.candidate.span.words for s in roles if s]
    return len(spans) != len(set(spans))


def _sum_holds(
    subtotal: Scored | None, tax: Scored | None, total: Scored | None, side: dict[str, Scored | None]
) -> float:
    """Evidence from subtotal + tax = total, with or without discount and shipping; 0 if there is nothing to add up."""
    if not subtotal or not total:
        return 0.0
    discount, shipping = side["discount_amount"], side["shipping_amount"]
    rest = _value(total) - _value(subtotal) - (_value(tax) if tax else 0)
    cut = abs(_value(discount)) if discount else Decimal(0)
    extra = _value(shipping) if shipping else Decimal(0)
    if abs(rest) <= TOLERANCE:
        return SUM_HOLDS if tax else SUM_HOLDS / 2
    return (
        SUM_HOLDS_WITH_SIDE if any(abs(rest - form) <= TOLERANCE for form in (extra, -cut, extra - cut)) else SUM_FAILS
    )


def _evidence(
    subtotal: Scored | None,
    tax: Scored | None,
    total: Scored | None,
    holds: float,
    rates: Sequence[Decimal],
    tax_lines: Sequence[TaxLine],
    line_sum: Decimal | None,
) -> float:
    score = holds
    if subtotal and tax and any(matches_rate(_value(subtotal), rate, _value(tax)) for rate in rates if rate):
        score += RATE_HOLDS
    if tax_lines and tax and sum((line.amount or 0 for line in tax_lines), Decimal(0)) == _value(tax):
        score += BREAKDOWN_HOLDS
    if line_sum:
        if subtotal and abs(_value(subtotal) - line_sum) <= CENT:
            score += LINES_HOLD
        if total and abs(_value(total) - line_sum) <= CENT:
            score += LINES_HOLD / 2
    return score


def _cash_totals(ranked: Sequence[Scored]) -> set[Decimal]:
    """What a till receipt's tender and change prove to be the total: cash given less change returned."""
    sums = [_value(s) for s in ranked if s.score >= MIN_SIDE]
    return {a - b for a, b in permutations(sums, 2) if a > b > 0}


def _rates(amounts: Sequence[Candidate]) -> list[Decimal]:
    return sorted({c.value for c in amounts if c.kind == "rate" and isinstance(c.value, Decimal)})


def _due(ranking: Ranking, total: Scored | None) -> dict[str, Scored]:
    """The amount due where the page states one under a label of its own."""
    due = next((s for s in ranking["amount_due"] if s.score >= MIN_SIDE), None)
    if due is None or (
        total and due.candidate.span.words == total.candidate.span.words and total.label is not due.label
    ):
        return {}
    return {"amount_due": due}


def _without_repeats(chosen: dict[str, Scored]) -> dict[str, Scored]:
    """Side amounts that are the very words of a main amount are dropped."""
    main = {chosen[r].candidate.span.words for r in ("subtotal_amount", "tax_amount", "total_amount") if r in chosen}
    keep = ("subtotal_amount", "tax_amount", "total_amount", "amount_due")
    return {r: s for r, s in chosen.items() if r in keep or s.candidate.span.words not in main}
