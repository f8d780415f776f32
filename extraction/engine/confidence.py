"""From scores to probabilities: what share of the values with such a score is right, per field.

The curves were read off the development documents, coarse on purpose; `make accuracy` shows how they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from extraction.engine.result import Field

# field -> (score, probability) points of a piecewise linear curve, rising
CURVES: dict[str, tuple[tuple[float, float], ...]] = {
    "invoice_number": ((0.0, 0.3), (0.4, 0.75), (0.7, 0.92), (1.0, 0.98)),
    "invoice_date": ((0.0, 0.3), (0.3, 0.65), (0.6, 0.9), (1.0, 0.98)),
    "due_date": ((0.0, 0.3), (0.5, 0.8), (0.8, 0.95), (1.0, 0.98)),
    "purchase_order": ((0.0, 0.2), (0.5, 0.6), (0.9, 0.9)),
    "amount": ((0.0, 0.2), (0.3, 0.45), (0.6, 0.75), (1.0, 0.9)),
    "side": ((0.0, 0.2), (0.5, 0.5), (1.0, 0.8)),
}
PROVEN = 0.97  # of an amount in an equation that holds
REVIEW_BELOW = 0.5  # a document with a main field under this wants a person's look
MAIN_FIELDS = ("invoice_number", "invoice_date", "vendor_name", "total_amount", "currency")


def calibrate(curve: str, score: float) -> float:
    """The probability (0..1) at `score` on the named curve."""
    points = CURVES[curve]
    if score <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if score <= x1:
            return y0 + (y1 - y0) * (score - x0) / (x1 - x0)
    return points[-1][1]


def overall(fields: Mapping[str, Field]) -> float:
    """The document's figure: the mean over the main fields, a missing one counting as 0.3."""
    return sum(fields[n].confidence if n in fields else 0.3 for n in MAIN_FIELDS) / len(MAIN_FIELDS)


def is_unsure(fields: Mapping[str, Field]) -> bool:
    """Whether a person should look: a main field is missing or under REVIEW_BELOW."""
    return any(name not in fields or fields[name].confidence < REVIEW_BELOW for name in MAIN_FIELDS)
