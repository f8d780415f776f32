from random import Random

import pytest

from tests.accuracy.regression import fit


def test_the_weights_of_a_known_model_come_back():
    random = Random(7)
    rows = [[random.gauss(0, 1), random.gauss(0, 2), 1.0] for _ in range(20_000)]
    odds = [0.5 + 1.0 * x - 0.4 * y for x, y, _ in rows]
    right = [random.random() < 1 / (1 + 2.718281828**-o) for o in odds]
    found = fit(rows, [0.0] * len(rows), right, [1.0] * len(rows))
    assert found.weights == pytest.approx((1.0, -0.4, 0.0), abs=0.06)
    assert found.weights[2] == 0.0  # what never varies explains nothing
    assert found.bias == pytest.approx(0.5, abs=0.06)


def test_what_is_known_before_needs_no_weight():
    random = Random(8)
    rows = [[random.gauss(0, 1)] for _ in range(5_000)]
    known = [2 * x for (x,) in rows]
    right = [random.random() < 1 / (1 + 2.718281828**-o) for o in known]
    found = fit(rows, known, right, [1.0] * len(rows))
    assert found.weights == pytest.approx((0.0,), abs=0.1) and found.bias == pytest.approx(0.0, abs=0.1)


def test_few_observations_move_little_and_heavy_ones_more():
    rows, right = [[0.0], [1.0]] * 4, [False, True] * 4
    light = fit(rows, [0.0] * 8, right, [0.1] * 8)
    heavy = fit(rows, [0.0] * 8, right, [10.0] * 8)
    assert 0 < light.weights[0] < 0.1 < 1 < heavy.weights[0]


def test_where_all_is_right_the_fit_ends():
    found = fit([[0.0], [1.0]], [3.0, 3.0], [True, True], [1.0, 1.0])
    assert found.bias > 0 and found.weights == pytest.approx((0.0,), abs=0.5)
