import json

from tests.accuracy import first_sight
from tests.accuracy.calibrate import learn, mapped
from tests.accuracy.observing import Observed, Seen

READ = Seen("totalAmount", 0.97123, True, {"others": 0.81234, "contested": 0.0})
WRONG = Seen("vendorName", 0.8, False, {"one_word": 1.0})


def test_what_was_read_is_kept_and_comes_back_as_it_was_observed(tmp_path, monkeypatch):
    seen = first_sight.record([Observed("new", "slip", (READ, WRONG))])
    right, wrong = ["totalAmount", 0.9712, True, {"others": 0.8123}], ["vendorName", 0.8, False, {"one_word": 1.0}]
    assert seen == {"slip": [right, wrong]}
    kept = tmp_path / "first_sight.json"
    kept.write_text(first_sight.dump({"new": seen, "other": seen}), encoding="utf-8")
    assert json.loads(kept.read_text(encoding="utf-8")) == {"new": seen, "other": seen}
    monkeypatch.setattr(first_sight, "FILE", kept)
    back, _ = first_sight.load(0.5)
    assert (back.layout, back.weight) == ("slip", 0.5)
    assert back.values[1] == WRONG
    assert mapped(back, {}) == [(0.9712, True), (0.8, False)]


def test_every_kept_page_can_be_learned_from():
    observed = first_sight.load(1.0)
    assert len({one.layout for one in observed}) == len(observed) > 80
    assert set(learn(observed)) >= {"invoiceNumber", "invoiceDate", "vendorName", "totalAmount"}
