"""From scores to probabilities: what share of such values is right, per field.

Each stage states a confidence of its own: from a score by CURVES, which were drawn by hand, or by what it knows. Last
of all `calibrated` maps what was stated, and the features of the reading as a whole, to the share that turned out
right, by models learned from documents with known values (confidence.json, written by `python -m
tests.accuracy.calibrate`); `make accuracy` shows how they hold.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from extraction.engine.features import features
from extraction.engine.result import Extraction, Field

Curve = tuple[tuple[float, float], ...]  # (score, probability) points of a piecewise linear curve, rising

FILE = Path(__file__).with_name("confidence.json")
CURVES: dict[str, Curve] = {
    "invoice_number": ((0.0, 0.3), (0.4, 0.75), (0.7, 0.92), (1.0, 0.98)),
    "invoice_date": ((0.0, 0.3), (0.3, 0.65), (0.6, 0.9), (1.0, 0.98)),
    "due_date": ((0.0, 0.3), (0.5, 0.8), (0.8, 0.95), (1.0, 0.98)),
    "purchase_order": ((0.0, 0.2), (0.5, 0.6), (0.9, 0.9)),
    "amount": ((0.0, 0.2), (0.3, 0.45), (0.6, 0.75), (1.0, 0.9)),
    "custom": ((0.0, 0.2), (0.5, 0.6), (0.85, 0.78), (1.0, 0.85)),
    "side": ((0.0, 0.2), (0.5, 0.5), (1.0, 0.8)),
}
MARGIN = 0.002
PROVEN = 0.97  # of an amount in an equation that holds
MAIN_FIELDS = ("invoice_number", "invoice_date", "vendor_name", "total_amount", "currency")
POSTED_FIELDS = (*MAIN_FIELDS, "due_date", "subtotal_amount", "tax_amount")


def calibrate(curve: str, score: float) -> float:
    """The probability (0..1) at `score` on the named curve."""
    return interpolate(CURVES[curve], score)


@dataclass(frozen=True)
class Model:
    """Logistic regression on the log-odds of what a curve makes of the stated confidence, and on features by name."""

    curve: Curve
    bias: float = 0.0
    slope: float = 1.0
    weights: Mapping[str, float] = field(default_factory=dict)

    def probability(self, stated: float, features: Mapping[str, float]) -> float:
        """That a value is right; within MARGIN of 0 and 1, since nothing read is certain."""
        evidence = sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())
        odds = self.bias + self.slope * log_odds(interpolate(self.curve, stated)) + evidence
        return bounded(1.0 / (1.0 + math.exp(-odds)))


def log_odds(probability: float) -> float:
    return math.log(bounded(probability) / (1.0 - bounded(probability)))


def bounded(probability: float) -> float:
    return min(1.0 - MARGIN, max(MARGIN, probability))


def calibrated(found: Extraction) -> dict[str, Field]:
    """The fields with confidence as learned; one without a model keeps what was stated."""
    return {
        name: replace(value, confidence=LEARNED[name].probability(value.confidence, features(found, name)))
        if name in LEARNED
        else value
        for name, value in found.fields.items()
    }


def interpolate(curve: Curve, score: float) -> float:
    """The value of `curve` at `score`: linear between its points, flat beyond them."""
    if score <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in pairwise(curve):
        if score <= x1:
            return y0 + (y1 - y0) * (score - x0) / (x1 - x0)
    return curve[-1][1]


def _load(path: Path) -> dict[str, Model]:
    models = json.loads(path.read_text(encoding="utf-8"))["models"]
    return {name: Model(**content | {"curve": _curve(content["curve"])}) for name, content in models.items()}


def _curve(points: Sequence[Sequence[float]]) -> Curve:
    return tuple((float(x), float(y)) for x, y in points)


LEARNED = _load(FILE)  # by field


def overall(fields: Mapping[str, Field]) -> float:
    """The document's figure: the mean over the main fields, a missing one counting as 0.3."""
    return sum(fields[n].confidence if n in fields else 0.3 for n in MAIN_FIELDS) / len(MAIN_FIELDS)


def is_unsure(fields: Mapping[str, Field], review_below: float) -> bool:
    """Whether a person should look: a main field is missing, or one of what people post to their books is less sure
    than `review_below`."""
    missing = any(name not in fields for name in MAIN_FIELDS)
    return missing or any(fields[name].confidence < review_below for name in POSTED_FIELDS if name in fields)
