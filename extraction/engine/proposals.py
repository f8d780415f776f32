"""What each role of the totals may be: the printed amounts, ranked by their labels, and a few that sums suggest.

Nothing is computed into existence: every proposal stands on the page, but for the sum of several tax rows.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import permutations, product

from extraction.engine.candidates import Candidate
from extraction.engine.document import Document
from extraction.engine.labels import words
from extraction.engine.layout import Span
from extraction.engine.result import TaxLine
from extraction.engine.scoring import Ranking, Scored, rank
from extraction.engine.taxes import HALVES, MAX_RATE, has_rate, matches_rate
from extraction.engine.textfold import tokens

ROLES = (
    "subtotal_amount", "tax_amount", "total_amount", "amount_due", "amount_paid", "discount_amount", "shipping_amount",
)  # fmt: skip
SIDES = ("discount_amount", "shipping_amount")
CHANGE = "change"  # cash given and returned at a till: no role, but evidence
ROUNDING = "rounding"  # what makes a total payable in the coins there are: likewise
MIN_SCORE = 0.3
DUE_AS_TOTAL = 0.8  # factor: "amount due" names the total where nothing else does
LARGEST_ROUNDING = Decimal("0.09")  # of a total, where small coins are gone
MIN_CLEAR = 0.5  # score of a labelled amount that counts as evidence
CASH = 0.25  # what cash less change leaves, as the total, without any label
LARGEST = 0.22  # the largest amount of the page, as the total, without any label
IMPLIED = 0.2  # an unlabelled amount that would make the sum hold
TAXED = 0.5  # and of which a rate of the page makes the tax
GROSS = 0.4  # factor for a sub-total that is called gross
COLUMN_SUM = 0.1  # for a value that is the sum of those above it in its column
SHARED = 0.2  # for the sum of the halves of a tax that two authorities share
UNRATED = 0.2  # lost by the sum of tax rows that print no rate
SEVERAL = 0.02  # for the sum of several tax rows over any one of them
UNNAMED_ROWS = 0.35  # the sum of rows in which rate x base = tax and none is called a tax
PROVEN_ROWS = 0.5  # the sum of rows in which rate x base = tax, with or without a label
ROW_SUMS = 6  # amounts before the gross that are looked at
ADDED_ROW = 0.6  # net and tax beside the gross that they make
NOT_MONEY = 0.3  # lost by a bare whole number
NOT_MONEY_AMONG_MONEY = 0.6  # on a page that prints FEW or more amounts with cents or currency
FEW = 3
_PER_UNIT = re.compile(r"(?:\s?[€$£])?/[^\W\d_]{1,6}\b")  # "4,50 €/Std."
MAX_BARE = 10_000_000  # a whole number without separators or currency from here on is a code


def propose(
    document: Document, amounts: Sequence[Candidate], tax_lines: Sequence[TaxLine], beside: Container[int] = ()
) -> Ranking:
    """The proposals for each of ROLES, best first and one for each value, and the amounts labelled CHANGE and
    ROUNDING. Amounts whose ids are in `beside` add up with others of their columns and are proposed for nothing."""
    figures = [c for c in amounts if _may_be_amount(c)]
    rates = [c for c in amounts if c.kind == "rate"]
    money = [c for c in figures if c.may_be_money]
    ranking = rank(document.layout, figures, document.hits, (*ROLES, CHANGE, ROUNDING), last_wins=True)
    taxes = [s for s in ranking["tax_amount"] if not _is_base(s.candidate)]
    owed = all(amount_of(s) > 0 for s in ranking["total_amount"])
    ranking["tax_amount"] = [_unbracketed(s) if owed else s for s in taxes]
    ranking["subtotal_amount"] = [s if not _is_gross(s) else _lessened(s) for s in ranking["subtotal_amount"]]
    doubt = NOT_MONEY_AMONG_MONEY if len(money) >= FEW else NOT_MONEY
    tax_rows = list(ranking["tax_amount"])
    for role, ranked in ranking.items():
        scored = [s if s.candidate.may_be_money else replace(s, score=s.score - doubt) for s in ranked]
        sums = [*scored, *_column_sums(scored, money)]
        ranking[role] = _distinct([s for s in sums if id(s.candidate) not in beside])
    money = [c for c in money if id(c) not in beside]
    more = {
        "total_amount": [*_dues_as_totals(ranking), *_paid_in_cash(ranking, money), *_largest(money)],
        "tax_amount": [*_tax_sum(tax_rows, tax_lines, rates, money), *_printed_sum(tax_lines, "amount", money)],
        "subtotal_amount": _printed_sum(tax_lines, "base", money),
    }
    for role, proposals in more.items():
        ranking[role] = _distinct([*ranking[role], *proposals])
    parted = [(pair, ADDED_ROW) for pair in _rows_that_add(money, ranking)]
    parted += [(pair, TAXED) for pair in _parted_by_rate(money, ranking, rates)]
    for (net, tax), score in parted:
        for role, part in (("subtotal_amount", net), ("tax_amount", tax)):
            ranking[role] = _distinct([*ranking[role], Scored(part, score, None)])
    implied = list(_implied_subtotals(ranking, money, [r for r in rates if r.value]))
    ranking["subtotal_amount"] = _distinct([*ranking["subtotal_amount"], *implied])
    return ranking


def _rows_that_add(money: Sequence[Candidate], ranking: Ranking) -> Iterable[tuple[Candidate, Candidate]]:
    """Net and tax of a row that ends a table, where both add up to a labelled total: "Total  100.00  19.00  119.00"."""
    totals = {amount_of(s) for s in ranking["total_amount"] if s.label and s.score >= MIN_CLEAR}
    sides = {amount_of(s) for role in SIDES for s in ranking[role] if s.score >= MIN_CLEAR}
    for gross in (c for c in money if amount_of(c) in totals):
        left = [c for c in money if c.span.page == gross.span.page and c.span.x1 <= gross.span.x0]
        before = [c for c in left if c.span.v_overlap(gross.span) > 0.5 * c.span.height]
        before = sorted(before, key=lambda c: c.span.x0)[-ROW_SUMS:]
        for net, tax in permutations(before, 2):
            adds = amount_of(net) + amount_of(tax) == amount_of(gross) and amount_of(net) * amount_of(tax) > 0
            if adds and abs(amount_of(net)) > abs(amount_of(tax)) and amount_of(tax) not in sides:
                yield net, tax


def _parted_by_rate(
    money: Sequence[Candidate], ranking: Ranking, rates: Sequence[Candidate]
) -> Iterable[tuple[Candidate, Candidate]]:
    """Net and tax, wherever they stand, that a rate of the page makes of a labelled total."""
    values = {amount_of(c): c for c in reversed(money)}
    totals = sorted({amount_of(s) for s in ranking["total_amount"] if s.label and s.score >= MIN_CLEAR})
    percents = sorted({c.value for c in rates if isinstance(c.value, Decimal) and 0 < c.value <= MAX_RATE})
    for total, net in product(totals, values if percents else ()):
        tax = total - net
        if tax in values and any(matches_rate(net, percent, tax) for percent in percents):
            yield values[net], values[tax]


def amount_of(scored: Scored | Candidate) -> Decimal:
    """The value of an amount candidate."""
    value = scored.value if isinstance(scored, Candidate) else scored.candidate.value
    if not isinstance(value, Decimal):
        raise TypeError(f"an amount candidate holds {value!r}")
    return value


def _dues_as_totals(ranking: Ranking) -> Iterable[Scored]:
    return [replace(due, score=due.score * DUE_AS_TOTAL) for due in ranking["amount_due"]]


def cash_totals(ranking: Ranking, money: Sequence[Candidate]) -> set[Decimal]:
    """What a till's tender and change prove to be the total: cash given less change returned, where one of the two is
    labelled and the other at least printed."""
    labelled = [amount_of(s) for s in ranking[CHANGE] if s.score >= MIN_CLEAR]
    printed = {amount_of(c) for c in money if amount_of(c) > 0}
    coins = {abs(value) for value in labelled if abs(value) > LARGEST_ROUNDING}
    notes = {value for value in printed | coins if value > LARGEST_ROUNDING}
    paid = {given - back for given in notes for back in notes if {given, back} & coins}
    return (paid - coins) & printed


def rounded_totals(ranking: Ranking, money: Sequence[Candidate]) -> dict[Decimal, Decimal]:
    """The labelled totals that a rounding makes of another printed amount, with that amount. An amount due is none: it
    may be rounded, the total is not (EN 16931 BT-112, BT-114)."""
    totals = {amount_of(s) for s in ranking["total_amount"] if s.label and "amount_due" not in s.label.names}
    printed = {amount_of(c) for c in money}
    made = product(sorted(totals), roundings(ranking))
    return {total: total - rest for total, rest in made if rest and total - rest in printed}


def _paid_in_cash(ranking: Ranking, money: Sequence[Candidate]) -> Iterable[Scored]:
    proven = cash_totals(ranking, money) | rounded_totals(ranking, money).keys()
    return [Scored(c, CASH, None) for c in money if amount_of(c) in proven]


def _largest(money: Sequence[Candidate]) -> Iterable[Scored]:
    if money:
        yield Scored(max(money, key=lambda c: (amount_of(c), c.span.page, c.span.y0)), LARGEST, None)


def _column_sums(scored: Sequence[Scored], money: Sequence[Candidate]) -> Iterable[Scored]:
    """Under one heading, a value that is the sum of the two or more above it: it outdoes the best of its column."""
    heads: dict[int, Scored] = {}
    for s in scored:
        if s.label and s.candidate.span.cy > s.label.span.y1:
            held = heads.setdefault(id(s.label), s)
            heads[id(s.label)] = max(held, s, key=lambda one: one.score)
    for first in heads.values():
        top = first.candidate.span
        below = [c for c in money if c.span.page == top.page and c.span.cy >= top.cy and c.span.h_overlap(top) > 0]
        running = Decimal(0)
        for place, candidate in enumerate(sorted(below, key=lambda c: c.span.cy)):
            if place > 1 and amount_of(candidate) == running:
                yield replace(first, candidate=candidate, score=first.score + COLUMN_SUM)
                break
            running += amount_of(candidate)


def _implied_subtotals(ranking: Ranking, money: Sequence[Candidate], rates: Sequence[Candidate]) -> Iterable[Scored]:
    """Amounts that stand on the page and are a total less its tax and a rounding, or that are called a total and lack a
    discount or a charge too: proposals for the subtotal without a label, more than that where a rate of the page makes
    the tax of them."""
    known = {s.candidate.value for s in ranking["subtotal_amount"] if s.score >= TAXED}
    labels = {s.candidate.value: s.label for s in ranking["subtotal_amount"]}  # too weak to be told apart by
    values = {amount_of(c): c for c in reversed(money)}
    called = {amount_of(s) for s in ranking["total_amount"] if s.label}
    options = (ranking["total_amount"][:4], ranking["tax_amount"][:4], roundings(ranking), _sides(ranking))
    for total, tax, rounding, side in product(*options):
        rest = amount_of(total) - amount_of(tax) - rounding - side
        if amount_of(tax) and rest not in known and rest in (called if side else values):
            known.add(rest)
            taxed = any(matches_rate(rest, rate, amount_of(tax)) for r in rates if isinstance(rate := r.value, Decimal))
            yield Scored(values[rest], TAXED if taxed else IMPLIED, labels.get(rest))


def _sides(ranking: Ranking) -> list[Decimal]:
    """0, the best charge and the best discount, as they change a sum."""
    charges, cuts = ([amount_of(s) for s in ranking[role][:1] if s.score >= MIN_CLEAR] for role in reversed(SIDES))
    return [Decimal(0), *charges, *(-abs(cut) for cut in cuts)]


def roundings(ranking: Ranking) -> list[Decimal]:
    """0, and what is labelled as a rounding: less than a unit of the currency, where its small coins are gone."""
    labelled = {amount_of(s) for s in ranking[ROUNDING] if s.score >= MIN_CLEAR}
    return [Decimal(0), *sorted(value for value in labelled if 0 < abs(value) < 1)]


def _printed_sum(tax_lines: Sequence[TaxLine], part: str, money: Sequence[Candidate]) -> Iterable[Scored]:
    """The amounts on the page that are the sum of a `part` ("base" or "amount") of the proven tax rows."""
    values = [value for line in tax_lines if (value := getattr(line, part)) is not None]
    if values:
        total = sum(values, Decimal(0))
        yield from (Scored(c, PROVEN_ROWS, None) for c in money if amount_of(c) == total)


def _tax_sum(
    labelled: Sequence[Scored], tax_lines: Sequence[TaxLine], rates: Sequence[Candidate], money: Sequence[Candidate]
) -> Iterable[Scored]:
    """Where several tax rows stand on the page, their sum as one more proposal, placed at the last of them: the rows
    that multiply out, or those of a tax label and the tax alone, each label once (CGST and SGST are two)."""
    proven = [line.amount for line in tax_lines if line.amount]
    rows = [s for s in labelled if s.candidate.value in proven]
    if len(proven) > 1 and rows:
        yield _sum_of(rows, sum(proven, Decimal(0)))
    elif len(proven) > 1:
        placed = [Scored(c, UNNAMED_ROWS, None) for c in money if amount_of(c) == proven[-1]]
        yield from (_sum_of(placed, sum(proven, Decimal(0))) for _ in placed[:1])
    yield from _tax_row(labelled)
    labelled = _last_of_label(labelled)
    named = [s for s in labelled if s.score >= MIN_SCORE and s.label and _alone_on_line(s, money)]
    halves = {tokens(s.label.text)[-1]: s for s in named if s.label and tokens(s.label.text)[-1] in HALVES}
    if len(halves) > 1:
        whole = _sum_of(list(halves.values()), sum((amount_of(s) for s in halves.values()), Decimal(0)))
        yield replace(whole, score=whole.score + SHARED)
    rated = [s for s in named if has_rate(s.candidate, rates)]
    for group, doubt in ((rated, 0.0), (named, UNRATED)):
        once = {(tokens(s.label.text), s.candidate.value): s for s in group if s.label}
        if len(once) > 1:
            whole = _sum_of(list(once.values()), sum((amount_of(s) for s in once.values()), Decimal(0)))
            same = len({words for words, _ in once}) == 1  # one label over and over: a row for each rate
            last = [s for s in once.values() if len(once) > 2 and 2 * amount_of(s) == amount_of(whole)]
            added = [replace(s, score=s.score + SEVERAL) for s in last]
            yield from added or [replace(whole, score=whole.score - (0.0 if same else doubt))]


def _tax_row(labelled: Sequence[Scored]) -> Iterable[Scored]:
    """The sum of the taxes in a row of totals, each under its own label with a rate: "VAT 20 %", "VAT 5 %"."""
    best: dict[int, Scored] = {}
    for s in labelled:
        rated = s.label is not None and any(c.isdigit() for c in s.label.segment.text)
        if s.label and rated and s.score >= MIN_SCORE and s.label.span.y1 <= s.candidate.span.cy:
            best.setdefault(id(s.label), s)
    rows = list(best.values())
    first = rows[0].candidate.span if rows else None
    same = [s for s in rows if first is not None and _shares_line(s.candidate.span, first)]
    if len(same) > 1 and len({amount_of(s) for s in same}) > 1:
        yield _sum_of(same, sum((amount_of(s) for s in same), Decimal(0)))


def _shares_line(one: Span, other: Span) -> bool:
    return one.page == other.page and one.v_overlap(other) > 0.5 * one.height


def _last_of_label(labelled: Sequence[Scored]) -> list[Scored]:
    """The scored less those on the line of their label before another of it: "incl. VAT 23.00   299.49"."""
    beside: dict[int, Scored] = {}
    for s in labelled:
        if s.label and _shares_line(s.candidate.span, s.label.span):
            held = beside.get(id(s.label))
            beside[id(s.label)] = s if held is None or s.candidate.span.x0 > held.candidate.span.x0 else held
    last = {id(s) for s in beside.values()}
    return [s for s in labelled if id(s) in last or not (s.label and _shares_line(s.candidate.span, s.label.span))]


def _alone_on_line(scored: Scored, money: Sequence[Candidate]) -> bool:
    """Whether no other amount stands on its line, but in the words of its label: "CGST 9 % on 100.00"."""
    span, label = scored.candidate.span, scored.label.segment if scored.label else None
    near = (c for c in money if c.span.page == span.page and c.segment is not label)
    same = [c for c in near if c.span.v_overlap(span) > 0.5 * span.height]
    return len(same) <= 1


def _sum_of(rows: Sequence[Scored], total: Decimal) -> Scored:
    last = max(rows, key=lambda s: (s.candidate.span.page, s.candidate.span.y0))
    return Scored(replace(last.candidate, value=total), max(s.score for s in rows) + SEVERAL, last.label)


def _distinct(scored: Sequence[Scored]) -> list[Scored]:
    """Best first, one for each value."""
    best: dict[object, Scored] = {}
    for s in scored:
        held = best.get(s.candidate.value)
        if held is None or s.score > held.score:
            best[s.candidate.value] = s
    return sorted(best.values(), key=lambda s: -s.score)


def _may_be_amount(candidate: Candidate) -> bool:
    """Left out: rates, what one unit costs, and long bare digits, which are account and registration numbers."""
    bare = candidate.amount is not None and candidate.amount.digits.isdigit() and candidate.amount.currency is None
    per_unit = candidate.segment is not None and _PER_UNIT.match(candidate.segment.text, candidate.end)
    return candidate.kind == "amount" and not per_unit and not (bare and abs(amount_of(candidate)) >= MAX_BARE)


def _is_gross(scored: Scored) -> bool:
    """Whether the words of the label, "Subtotal (gross)", say that the tax is inside."""
    said = tokens(scored.label.segment.text) if scored.label else ()
    return not set(words("gross_words")).isdisjoint(said)


def _lessened(scored: Scored) -> Scored:
    return replace(scored, score=scored.score * GROSS)


def _unbracketed(scored: Scored) -> Scored:
    """A tax in brackets is one that the total holds, not a negative one: "VAT included (35.13)"."""
    candidate, value = scored.candidate, amount_of(scored)
    before = candidate.segment.text[: candidate.start + 1] if candidate.segment else ""
    in_brackets = value < 0 and before.rstrip().endswith("(")
    return replace(scored, candidate=replace(candidate, value=-value)) if in_brackets else scored


def _is_base(candidate: Candidate) -> bool:
    """Whether the words before name it as what a tax is reckoned on: "VAT 19 % of 100.00"."""
    before = tokens(candidate.segment.text[: candidate.start]) if candidate.segment else ()
    return bool(before) and before[-1] in words("base_words")
