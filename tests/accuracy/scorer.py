"""What was read against what is true: verdicts on fields and lines, and their counts.

A field that the truth does not name is not judged. A true value that was read otherwise counts twice, as a wrong value
and as a missing one; a value where the document has none counts as wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.accuracy.matching import KEY, is_line_match, is_match, likeness

EMPTY = (None, "")


@dataclass(frozen=True)
class Tally:
    """Right values, wrong values, and true values that were not read."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float | None:
        said = self.right + self.wrong
        return self.right / said if said else None

    @property
    def recall(self) -> float | None:
        true = self.right + self.missed
        return self.right / true if true else None

    @property
    def f1(self) -> float | None:
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else None


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


@dataclass(frozen=True)
class Verdict:
    """One field of one document, judged; `confidence` (0..1) is that of the value read, where there is one."""

    field: str
    true: Any
    said: Any
    matched: bool
    confidence: float | None = None

    @property
    def tally(self) -> Tally:
        said = self.said not in EMPTY
        if self.true in EMPTY:
            return Tally(wrong=int(said))
        if self.matched:
            return Tally(right=1)
        return Tally(wrong=int(said), missed=1)

    @property
    def is_clean(self) -> bool:
        """Neither wrong nor missed."""
        return not (self.tally.wrong or self.tally.missed)


@dataclass(frozen=True)
class Score:
    """A document judged."""

    verdicts: tuple[Verdict, ...]
    lines: Tally

    @property
    def key(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.field in KEY)

    @property
    def is_perfect(self) -> bool:
        """Whether all key fields are right."""
        return all(verdict.is_clean for verdict in self.key)


def judge(
    truth: Mapping[str, Any], invoice: Mapping[str, Any], confidences: Mapping[str, float] | None = None
) -> Score:
    """The v1 invoice object `invoice` (empty for a document that was not read) against `truth`."""
    currency = invoice.get("currency") or truth.get("currency")
    verdicts = []
    for field, true in truth.items():
        if field != "lineItems":
            said = invoice.get(field)
            matched = true not in EMPTY and said not in EMPTY and is_match(field, true, said, currency)
            verdicts.append(Verdict(field, true, said, matched, (confidences or {}).get(field)))
    true_lines = truth.get("lineItems")
    lines = judge_lines(true_lines, invoice.get("lineItems") or [], currency) if true_lines else Tally()
    return Score(tuple(verdicts), lines)


def judge_lines(true: list[dict[str, Any]], said: list[dict[str, Any]], currency: str | None) -> Tally:
    """Lines paired one to one: the likest description first, then the nearest place."""
    pairs = sorted(
        (-likeness(one.get("description") or "", other.get("description") or ""), abs(i - j), i, j)
        for i, one in enumerate(true)
        for j, other in enumerate(said)
        if is_line_match(one, other, currency)
    )
    left: set[int] = set()
    right: set[int] = set()
    for _, _, i, j in pairs:
        if i not in left and j not in right:
            left.add(i)
            right.add(j)
    return Tally(len(left), len(said) - len(left), len(true) - len(left))
