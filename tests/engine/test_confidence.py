from itertools import pairwise

import pytest

from extraction.engine import confidence
from extraction.engine.confidence import calibrated, interpolate
from extraction.engine.result import FIELDS, Field, Provenance


def test_a_curve_is_linear_between_points_and_flat_beyond():
    curve = ((0.2, 0.4), (0.6, 0.8))
    assert [interpolate(curve, s) for s in (0.0, 0.2, 0.4, 0.6, 1.0)] == pytest.approx([0.4, 0.4, 0.6, 0.8, 0.8])
    assert interpolate(((0.5, 0.7),), 0.1) == 0.7


def test_only_fields_with_a_learned_curve_change(monkeypatch):
    monkeypatch.setattr(confidence, "LEARNED", {"vendor_name": ((0.0, 0.5), (1.0, 1.0))})
    number, name = (Field(text, 0.4, Provenance("text", text)) for text in ("7", "Acme"))
    found = calibrated({"invoice_number": number, "vendor_name": name})
    assert found["invoice_number"] is number
    assert (found["vendor_name"].value, found["vendor_name"].confidence) == ("Acme", 0.7)


def test_the_learned_curves_are_of_fields_and_rise():
    assert set(confidence.LEARNED) <= set(FIELDS)
    for curve in (*confidence.LEARNED.values(), *confidence.CURVES.values()):
        assert all(x0 < x1 and y0 <= y1 for (x0, y0), (x1, y1) in pairwise(curve))
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in curve)
