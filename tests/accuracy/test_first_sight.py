import json
from pathlib import Path

from tests.accuracy import first_sight
from tests.accuracy.calibrate import learn, mapped
from tests.accuracy.documents import DIGITAL, Document
from tests.accuracy.observing import Observed
from tests.accuracy.scorer import Score, Tally, Verdict

PAGE = Document("slip", Path("slip.pdf"), DIGITAL, "en", "slip", 1, {})
READ = Verdict("totalAmount", "12.00", 1200, True, 0.97123)
WRONG = Verdict("vendorName", "Acme", "Anne", False, 0.8)
MISSED = Verdict("iban", "DE02", None, False, None)


def test_what_was_read_is_kept_and_comes_back_as_it_was_observed(tmp_path, monkeypatch):
    seen = first_sight.record([Observed("new", PAGE, Score((READ, WRONG, MISSED), Tally()))])
    assert seen == {"slip": [["totalAmount", 0.9712, True], ["vendorName", 0.8, False]]}
    kept = tmp_path / "first_sight.json"
    kept.write_text(first_sight.dump({"new": seen}), encoding="utf-8")
    assert json.loads(kept.read_text(encoding="utf-8")) == {"new": seen}
    monkeypatch.setattr(first_sight, "FILE", kept)
    (back,) = first_sight.load(0.5)
    assert (back.layout, back.weight) == ("slip", 0.5)
    assert mapped(back, {}) == [(0.9712, True), (0.8, False)]


def test_every_kept_page_can_be_learned_from():
    observed = first_sight.load(1.0)
    assert len({one.layout for one in observed}) == len(observed) > 30
    assert set(learn(observed)) >= {"invoiceNumber", "invoiceDate", "vendorName", "totalAmount"}
