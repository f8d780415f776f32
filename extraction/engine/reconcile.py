"""Amounts chosen jointly: labels propose, arithmetic decides between proposals that are near each other.

sum of lines - discount + shipping = subtotal;  subtotal + tax = total;  base x rate = tax;  total - paid = due
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from extraction.engine.document import Document
from extraction.engine.evidence import gather
from extraction.engine.inside import NOTHING_INSIDE, Inside
from extraction.engine.proposals import MIN_SCORE, amount_of, propose
from extraction.engine.result import TaxLine
from extraction.engine.scoring import Ranking, Scored
from extraction.engine.sides import choose_sides
from extraction.engine.taxes import find_tax_lines

MAIN = ("subtotal_amount", "tax_amount", "total_amount")
TOP = 7  # proposals a role that enter the joint choice
MIN_DUE = 0.5  # of an amount due, which no equation has to hold up


@dataclass(frozen=True)
class Amounts:
    """The chosen proposal of each role, all proposals, whether subtotal + tax = total, and the tax rows."""

    chosen: dict[str, Scored]
    ranking: Ranking
    sum_holds: bool
    tax_lines: tuple[TaxLine, ...]


def reconcile(document: Document, line_sum: Decimal | None, inside: Inside = NOTHING_INSIDE) -> Amounts:
    """Choose the amounts of `document`. `line_sum` is the sum of the line totals, where lines were found; what stands
    `inside` the rows of line items is left out: a line's total is no document total."""
    cells, beside = ({id(c) for c in part} for part in (inside.cells, inside.beside))
    amounts = [c for c in document.amounts if id(c) not in cells]
    tax_lines = find_tax_lines([c for c in amounts if id(c) not in beside])
    ranking = propose(document, amounts, tax_lines, beside)
    amounts = [c for c in amounts if id(c) not in beside]
    evidence = gather(ranking, amounts, tax_lines, line_sum)
    best: dict[str, Scored] = {}
    best_score, holds = float("-inf"), False
    for triple in product(*(_options(ranking[role]) for role in MAIN)):
        if _reused(triple):
            continue
        values = [amount_of(s) if s else None for s in triple]
        score = sum(s.score for s in triple if s) + evidence.score(*values)
        if score > best_score:
            best = {role: s for role, s in zip(MAIN, triple, strict=True) if s}
            best_score, holds = score, evidence.sum_holds(*values) > 0
    chosen = choose_sides(ranking, best, line_sum) | best | _due(ranking, best.get("total_amount"))
    return Amounts(chosen, ranking, holds, tax_lines)


def _options(ranked: Sequence[Scored]) -> list[Scored | None]:
    return [*[s for s in ranked if s.score >= MIN_SCORE or s.label is None][:TOP], None]


def _reused(triple: Sequence[Scored | None]) -> bool:
    """Whether one printed number would play two roles."""
    spans = [s.candidate.span.words for s in triple if s]
    return len(spans) != len(set(spans))


def _due(ranking: Ranking, total: Scored | None) -> dict[str, Scored]:
    """The amount due where the page states one under a label of its own."""
    due = next((s for s in ranking["amount_due"] if s.score >= MIN_DUE), None)
    if due is None or (total and due.candidate.span.words == total.candidate.span.words and total.label != due.label):
        return {}
    return {"amount_due": due}
