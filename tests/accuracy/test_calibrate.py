import json
from random import Random

import pytest

from extraction.engine.confidence import Model
from extraction.engine.result import FIELDS
from tests.accuracy.calibrate import count_by_set, cross_validate, engine_name, learn, mapped, write
from tests.accuracy.documents import drawn
from tests.accuracy.matching import GROUP_OF
from tests.accuracy.observing import Observed, Seen, observe

RIGHT_FROM = 0.3  # of the numbers stated at this or less none is right, of the others four in five


def observed(seed: int, set_name: str = "dev") -> Observed:
    """A document whose stated confidence says too little: see RIGHT_FROM."""
    random = Random(seed)
    stated = random.choice((0.2, 0.5))
    right = stated > RIGHT_FROM and random.random() < 0.8
    return Observed(set_name, f"layout {seed // 3}", (Seen("invoiceNumber", stated, right, {}),))


def test_models_bring_confidence_to_the_share_that_is_right():
    documents = [observed(seed) for seed in range(200)]
    models = learn(documents)
    assert list(models) == ["invoiceNumber"]
    low, high = sorted({confidence for one in documents for confidence, _ in mapped(one, models)})
    assert low < 0.05 and high == pytest.approx(0.8, abs=0.1)
    assert mapped(documents[0], {}) in ([(0.2, False)], [(0.5, True)], [(0.5, False)])


def test_a_feature_that_tells_right_from_wrong_parts_what_was_stated_alike():
    values = [Seen("invoiceNumber", 0.9, right, {"runner_up": runner_up}) for right, runner_up in SAME]
    models = learn([Observed("dev", str(place), (value,)) for place, value in enumerate(values)])
    clear, close = (models["invoiceNumber"].probability(0.9, {"runner_up": r}) for r in (0.1, 0.8))
    assert clear > 0.9 and close < 0.7


SAME = [(True, 0.1)] * 90 + [(True, 0.8)] * 30 + [(False, 0.8)] * 30


def test_cross_validation_tells_before_from_after():
    figures = cross_validate([observed(seed) for seed in range(200)])
    assert figures["dev as stated"]["ece"] > 0.2 > 0.06 > figures["dev cross-validated"]["ece"]
    assert figures["dev as stated"]["values"] == figures["dev cross-validated"]["values"] == 200
    assert cross_validate([observed(seed, "generated") for seed in range(5)]) == {}


def test_models_are_written_by_the_names_of_the_engine(tmp_path):
    model = Model(((0.5, 0.6), (0.75, 0.9)), -0.1, 0.9, {"runner_up": -0.5})
    write({"vendorTaxId": model}, {"documents": {"dev": 3}}, tmp_path / "confidence.json")
    text = (tmp_path / "confidence.json").read_text()
    written = {"bias": -0.1, "curve": [[0.5, 0.6], [0.75, 0.9]], "slope": 0.9, "weights": {"runner_up": -0.5}}
    assert json.loads(text) == {"models": {"vendor_tax_id": written}, "training": {"documents": {"dev": 3}}}
    assert "[0.5, 0.6]" in text
    assert {engine_name(field) for field in GROUP_OF} <= set(FIELDS)


def test_documents_are_read_without_the_learned_models(tmp_path):
    documents = drawn(range(600_001, 600_002), tmp_path)
    (found,) = observe("generated", documents, 1, 0.25)
    assert (found.weight, found.layout, count_by_set([found])) == (0.25, documents[0].layout, {"generated": 1})
    assert len(found.values) >= 5 and all({"others", "runner_up"} <= set(v.features) for v in found.values)
    assert any(v.features["runner_up"] > 0 for v in found.values)
