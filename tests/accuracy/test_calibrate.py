import json
from pathlib import Path
from random import Random

import pytest

from extraction.engine.result import FIELDS
from tests.accuracy.calibrate import count_by_set, cross_validate, engine_name, learn, mapped, write
from tests.accuracy.documents import Document, drawn
from tests.accuracy.matching import GROUP_OF
from tests.accuracy.observing import Observed, observe
from tests.accuracy.scorer import judge

RIGHT_FROM = 0.3  # of the numbers stated at this or less none is right, of the others four in five


def observed(seed: int, set_name: str = "dev") -> Observed:
    """A document whose stated confidence says too little: see RIGHT_FROM."""
    random = Random(seed)
    stated = random.choice((0.2, 0.5))
    number = "7" if stated > RIGHT_FROM and random.random() < 0.8 else "8"
    truth = {"invoiceNumber": "7", "iban": "DE1"}
    document = Document(str(seed), Path(f"{seed}.pdf"), "digital_pdf", "en", f"layout {seed // 3}", 1, truth)
    return Observed(set_name, document, judge(truth, {"invoiceNumber": number}, {"invoiceNumber": stated, "iban": 0.9}))


def test_curves_bring_confidence_to_the_share_that_is_right():
    documents = [observed(seed) for seed in range(200)]
    curves = learn(documents)
    assert list(curves) == ["invoiceNumber"]
    low, high = sorted({confidence for one in documents for confidence, _ in mapped(one, curves)})
    assert low < 0.05 and high == pytest.approx(0.8, abs=0.1)
    assert mapped(documents[0], {}) in ([(0.2, False)], [(0.5, True)], [(0.5, False)])


def test_cross_validation_tells_before_from_after():
    figures = cross_validate([observed(seed) for seed in range(200)])
    assert figures["dev as stated"]["ece"] > 0.2 > 0.06 > figures["dev cross-validated"]["ece"]
    assert figures["dev as stated"]["values"] == figures["dev cross-validated"]["values"] == 200
    assert cross_validate([observed(seed, "generated") for seed in range(5)]) == {}


def test_curves_are_written_by_the_names_of_the_engine(tmp_path):
    write({"vendorTaxId": ((0.5, 0.6), (0.75, 0.9))}, {"documents": {"dev": 3}}, tmp_path / "confidence.json")
    text = (tmp_path / "confidence.json").read_text()
    assert json.loads(text) == {
        "curves": {"vendor_tax_id": [[0.5, 0.6], [0.75, 0.9]]},
        "training": {"documents": {"dev": 3}},
    }
    assert "[0.5, 0.6]" in text
    assert {engine_name(field) for field in GROUP_OF} <= set(FIELDS)


def test_documents_are_read_without_the_learned_curves(tmp_path):
    documents = drawn(range(600_001, 600_002), tmp_path)
    (found,) = observe("generated", documents, 1, 0.25)
    assert (found.weight, found.layout, count_by_set([found])) == (0.25, documents[0].layout, {"generated": 1})
    assert sum(v.confidence is not None for v in found.score.verdicts) >= 5
