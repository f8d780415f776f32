from itertools import permutations

import pytest

from extraction.engine.parties.roles import PRIOR, WEIGHTS, log_odds

CUES = ("window", "has_address", "legal_form", "repeated", "own_ids")


def test_log_odds_are_the_same_to_the_last_digit_in_whatever_order_the_cues_come() -> None:
    orders = list(permutations(CUES))
    naive = {PRIOR[0] + sum(WEIGHTS[cue][0] for cue in order) for order in orders}
    assert len(naive) > 1  # plain sums differ: the test can fail
    for side in (0, 1):
        assert len({log_odds(order, side) for order in orders}) == 1


def test_log_odds_begin_with_what_a_party_must_overcome_and_pass_over_cues_without_a_weight() -> None:
    assert log_odds((), 0) == PRIOR[0]
    assert log_odds(("label_customer", "of no weight"), 1) == pytest.approx(PRIOR[1] + WEIGHTS["label_customer"][1])
