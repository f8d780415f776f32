"""Logistic regression with a penalty, for a handful of features and few observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PENALTY = 10.0  # on the square of each weight, per standard deviation of its feature: about ten observations strong
STEPS = 30
CLOSE = 1e-8
LARGEST = 30.0  # log-odds, which are then as good as certain


@dataclass(frozen=True)
class Fitted:
    """log-odds = offset + bias + sum of weight x feature."""

    bias: float
    weights: tuple[float, ...]


def fit(
    rows: Sequence[Sequence[float]], offsets: Sequence[float], right: Sequence[bool], counts: Sequence[float]
) -> Fitted:
    """The weights of the features in `rows` that best explain `right` beyond `offsets` (log-odds known before), by
    Newton's method (iteratively reweighted least squares); `counts`: how much each row counts. The bias is free; a
    weight is drawn towards 0, and is 0 where its feature never varies."""
    x, start, y, n = (np.asarray(values, dtype=float) for values in (rows, offsets, right, counts))
    centre = np.average(x, axis=0, weights=n)
    spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=n))
    scale = np.where(spread > CLOSE, spread, np.inf)
    design = np.hstack([np.ones((len(x), 1)), (x - centre) / scale])
    penalty = np.diag([CLOSE] + [PENALTY] * x.shape[1])
    theta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(start + design @ theta, -LARGEST, LARGEST)))
        gradient = design.T @ (n * (y - p)) - penalty @ theta
        curvature = (design * (n * p * (1 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        theta += step
        if np.abs(step).max() < CLOSE:
            break
    weights = theta[1:] / scale
    return Fitted(float(theta[0] - weights @ centre), tuple(float(w) for w in weights))
