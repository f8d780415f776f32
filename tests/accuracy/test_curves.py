from itertools import pairwise
from random import Random

from extraction.engine.confidence import interpolate
from tests.accuracy.curves import FLOOR, IDENTITY, MAX_POINTS, PRIOR_WEIGHT, Observation, fit


def test_what_was_observed_is_found_again():
    random = Random(1)
    scores = [random.random() for _ in range(4000)]
    curve = fit([Observation(s, random.random() < s**2) for s in scores])
    assert 2 <= len(curve) <= MAX_POINTS
    assert max(abs(interpolate(curve, s) - s**2) for s in (0.1, 0.3, 0.5, 0.7, 0.9)) < 0.1


def test_curves_rise_whatever_was_observed():
    for seed in range(30):
        random = Random(seed)
        observations = [
            Observation(round(random.random(), 1), random.random() < 0.5, random.random() + 0.1) for _ in range(50)
        ]
        curve = fit(observations)
        assert len(curve) <= MAX_POINTS
        assert all(x0 < x1 and y0 <= y1 for (x0, y0), (x1, y1) in pairwise(curve))
        assert all(0 <= y <= 1 for _, y in curve)


def test_little_evidence_stays_near_the_prior():
    assert fit([]) == IDENTITY
    drawn = 0.8 * PRIOR_WEIGHT / (PRIOR_WEIGHT + 1)
    assert fit([Observation(0.8, False)]) == ((0.0, round(drawn * FLOOR, 4)), (0.8, round(drawn, 4)))
    assert fit([Observation(0.8, True, 1e6)]) == ((0.0, FLOOR), (0.8, 1.0))
