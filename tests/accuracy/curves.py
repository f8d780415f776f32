"""Calibration curves from scores and outcomes: rising, piecewise linear, of few points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extraction.engine.confidence import Curve, interpolate

IDENTITY: Curve = ((0.0, 0.0), (1.0, 1.0))
MAX_POINTS = 6
BINS = 12
FLOOR = 0.5
PRIOR_WEIGHT = 2.0  # observations that a bin's prior counts for: a bin of few values says little by itself


@dataclass(frozen=True)
class Observation:
    """A value that was read: its score, whether it was right, and how much it counts."""

    score: float
    right: bool
    weight: float = 1.0


@dataclass(frozen=True)
class _Block:
    score: float
    share: float
    weight: float

    def __add__(self, other: _Block) -> _Block:
        weight = self.weight + other.weight
        mix = [
            (mine * self.weight + its * other.weight) / weight
            for mine, its in ((self.score, other.score), (self.share, other.share))
        ]
        return _Block(mix[0], mix[1], weight)


def fit(observations: Sequence[Observation], prior: Curve = IDENTITY) -> Curve:
    """The share of right values by score, made monotone by pooling adjacent violators (Ayer et al. 1955), drawn towards
    `prior` where there is little to go by; `prior` itself where nothing was observed. Below the lowest point the curve
    falls to FLOOR of it at score 0: what scores less than anything that was observed is trusted less."""
    blocks = [_drawn(block, prior) for block in _binned(observations)]
    if not blocks:
        return prior
    pooled = _pooled(blocks)
    while len(pooled) > MAX_POINTS - 1:
        nearest = min(range(len(pooled) - 1), key=lambda i: pooled[i + 1].share - pooled[i].share)
        pooled[nearest : nearest + 2] = [pooled[nearest] + pooled[nearest + 1]]
    floor = _Block(0.0, FLOOR * pooled[0].share, 0.0)
    return _distinct((round(block.score, 4), round(block.share, 4)) for block in [floor, *pooled])


def _binned(observations: Sequence[Observation]) -> list[_Block]:
    """Blocks of about equal weight in the order of score; equal scores stay together."""
    ordered = sorted(observations, key=lambda o: o.score)
    least = sum(o.weight for o in ordered) / BINS
    blocks: list[_Block] = []
    last_score = None
    for o in ordered:
        single = _Block(o.score, float(o.right), o.weight)
        if blocks and (blocks[-1].weight < least or o.score == last_score):
            blocks[-1] += single
        else:
            blocks.append(single)
        last_score = o.score
    return blocks


def _drawn(block: _Block, prior: Curve) -> _Block:
    share = (block.share * block.weight + interpolate(prior, block.score) * PRIOR_WEIGHT) / (
        block.weight + PRIOR_WEIGHT
    )
    return _Block(block.score, share, block.weight)


def _pooled(blocks: Sequence[_Block]) -> list[_Block]:
    pooled: list[_Block] = []
    for block in blocks:
        pooled.append(block)
        while len(pooled) > 1 and pooled[-2].share > pooled[-1].share:
            pooled[-2:] = [pooled[-2] + pooled[-1]]
    return pooled


def _distinct(points: Iterable[tuple[float, float]]) -> Curve:
    """Without a second point of the same score, which rounding can bring about."""
    return tuple(dict(points).items())
