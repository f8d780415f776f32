"""Whether confidence means what it says: of the values at 0.9, nine in ten should be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.accuracy.scorer import Verdict

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
SURE = 0.95


@dataclass(frozen=True)
class Bin:
    """The values with a confidence from `low` to below `high` (the last: to 1)."""

    low: float
    high: float
    count: int
    mean: float
    right: float


@dataclass(frozen=True)
class Reliability:
    """`ece` is the expected calibration error: |mean confidence - share right| of the bins, weighted by their size."""

    count: int
    bins: tuple[Bin, ...]
    ece: float | None
    sure_share: float | None
    sure_right: float | None


def said(verdicts: Iterable[Verdict]) -> list[tuple[float, bool]]:
    """(confidence, whether right) of every value that was read and judged."""
    return [
        (verdict.confidence, verdict.matched)
        for verdict in verdicts
        if verdict.confidence is not None and verdict.said not in (None, "")
    ]


def reliability(pairs: Sequence[tuple[float, bool]]) -> Reliability:
    """The curve over EDGES, and what can be said of the values at SURE or more; None where there are none."""
    bins = []
    for low, high in pairwise(EDGES):
        inside = [(c, ok) for c, ok in pairs if low <= c < high or c == high == EDGES[-1]]
        if inside:
            mean, right = (sum(column) / len(inside) for column in zip(*inside, strict=True))
            bins.append(Bin(low, high, len(inside), mean, right))
    sure = [ok for confidence, ok in pairs if confidence >= SURE]
    return Reliability(
        len(pairs),
        tuple(bins),
        sum(b.count * abs(b.mean - b.right) for b in bins) / len(pairs) if pairs else None,
        len(sure) / len(pairs) if pairs else None,
        sum(sure) / len(sure) if sure else None,
    )
