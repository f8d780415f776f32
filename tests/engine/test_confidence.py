import math
from itertools import pairwise

import pytest

from extraction.engine import confidence
from extraction.engine.confidence import Model, calibrated, interpolate
from extraction.engine.result import FIELDS, Extraction, Field, Provenance


def test_a_curve_is_linear_between_points_and_flat_beyond():
    curve = ((0.2, 0.4), (0.6, 0.8))
    assert [interpolate(curve, s) for s in (0.0, 0.2, 0.4, 0.6, 1.0)] == pytest.approx([0.4, 0.4, 0.6, 0.8, 0.8])
    assert interpolate(((0.5, 0.7),), 0.1) == 0.7


def test_only_fields_with_a_learned_model_change(monkeypatch):
    monkeypatch.setattr(confidence, "LEARNED", {"vendor_name": Model(((0.0, 0.5), (1.0, 1.0)))})
    number, name = (Field(text, 0.4, Provenance("text", text)) for text in ("7", "Acme"))
    found = calibrated(Extraction("text", "invoice", 1, {"invoice_number": number, "vendor_name": name}))
    assert found["invoice_number"] is number
    assert found["vendor_name"].value == "Acme"
    assert found["vendor_name"].confidence == pytest.approx(0.7)


def test_features_move_the_odds_of_a_model_and_never_to_certainty():
    model = Model(((0.0, 0.0), (1.0, 1.0)), bias=0.1, slope=0.5, weights={"runner_up": -2.0})
    assert model.probability(0.5, {}) == pytest.approx(1 / (1 + math.exp(-0.1)))
    assert model.probability(0.5, {"runner_up": 0.8}) == pytest.approx(1 / (1 + math.exp(1.5)))
    assert model.probability(0.5, {"unheard_of": 9.0}) == model.probability(0.5, {})
    sure = Model(((0.0, 0.0), (1.0, 1.0)), bias=50.0)
    assert sure.probability(1.0, {}) == 1 - confidence.MARGIN


def test_the_learned_models_are_of_fields_and_their_curves_rise():
    assert set(confidence.LEARNED) <= set(FIELDS)
    assert set(confidence.LEARNED) >= set(confidence.POSTED_FIELDS)
    for curve in (*(model.curve for model in confidence.LEARNED.values()), *confidence.CURVES.values()):
        assert all(x0 < x1 and y0 <= y1 for (x0, y0), (x1, y1) in pairwise(curve))
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in curve)
    assert all(model.slope >= 0 for model in confidence.LEARNED.values())
