import dataclasses
import json
from pathlib import Path

import pytest

from tests.accuracy import figures
from tests.accuracy.__main__ import main
from tests.accuracy.documents import Document, Plan, collect
from tests.accuracy.folds import folds
from tests.accuracy.reading import Reading, assess
from tests.accuracy.reliability import Bin, reliability
from tests.accuracy.report import misses, report
from tests.accuracy.scorer import judge

TRUTH = {"invoiceNumber": "7", "totalAmount": "5.00", "vendorPhone": None}


def document(name: str = "a", layout: str = "one", truth=TRUTH) -> Document:
    return Document(name, Path(f"{name}.pdf"), "digital_pdf", "en", layout, 1, truth)


def reading(number: str | None, *, sure: float = 0.9, review: bool = False, **place) -> Reading:
    """A document with a right total, and `number` where its number is 7."""
    score = judge(TRUTH, {"invoiceNumber": number, "totalAmount": 500}, {"invoiceNumber": sure, "totalAmount": 0.96})
    return Reading(document(**place), score, review, 1.0)


def test_confidence_is_held_against_what_is_right():
    found = reliability([(0.55, True), (0.55, False), (0.96, True), (1.0, True)])
    assert found.bins == (Bin(0.5, 0.6, 2, 0.55, 0.5), Bin(0.95, 0.98, 1, 0.96, 1.0), Bin(0.98, 1.0, 1, 1.0, 1.0))
    assert found.ece == pytest.approx((2 * 0.05 + 0.04) / 4)
    assert (found.sure_share, found.sure_right) == (0.5, 1.0)
    assert reliability([]).ece is None


def test_figures_of_a_set():
    right, wrong, doubted = reading("7", name="a"), reading("8", name="b"), reading("7", name="c", review=True)
    found = figures.measure([right, wrong, doubted])
    assert found["fields"] == {"invoiceNumber": 0.6667, "totalAmount": 1.0, "vendorPhone": None}
    assert (found["key"], found["perfect"], found["lines"]) == (0.8333, 0.6667, None)
    assert (found["through"], found["through_wrong"]) == (0.3333, 0.5)
    assert found["kind"] == {"digital_pdf": figures.summary([right, wrong, doubted])}
    assert (found["sure_share"], found["sure_right"]) == (0.5, 1.0)


def test_what_xml_states_says_nothing_of_confidence_in_reading():
    stated = reading("8", sure=1.0)
    stated = dataclasses.replace(stated, document=dataclasses.replace(stated.document, kind="einvoice_xml"))
    alone, mixed = figures.measure([reading("7")]), figures.measure([reading("7"), stated])
    assert (mixed["ece"], mixed["sure_share"]) == (alone["ece"], alone["sure_share"]) == (0.07, 0.5)
    assert figures.measure([stated])["ece"] is None


def test_an_error_is_an_answer_without_values():
    found = assess(document(), {"error": {"code": "damaged_file", "message": ""}, "seconds": 0.5})
    assert (found.error, found.is_through, found.score.is_perfect) == ("damaged_file", False, False)
    assert found.score == judge(TRUTH, {})


def test_figures_are_kept_by_set(tmp_path):
    path = tmp_path / "figures.json"
    assert figures.load(path) == {}
    figures.save({"dev": {"key": 0.5}, "generated": {"key": 1.0}}, path)
    figures.save({"dev": {"key": 0.75}}, path)
    assert figures.load(path) == {"dev": {"key": 0.75}, "generated": {"key": 1.0}}


def test_the_report_shows_what_changed_and_for_the_worse():
    readings = [reading("7"), reading("8", name="b", layout="two")]
    before = figures.measure([reading("7"), reading("7", name="b", layout="two")])
    text = "\n".join(report("dev", readings, before, verbose=False))
    assert "invoiceNumber *                2      0.500    0.500    0.500 (-0.500 worse)" in text
    assert "all key fields right: 0.500 (-0.500 worse) of the documents" in text
    assert "wrong among those straight through: 0.500 (+0.500 worse)" in text
    assert "\ntwo  " in text and "\none  " not in text
    assert "\none  " in "\n".join(report("dev", readings, before, verbose=True))
    other = "\n".join(report("dev", readings[:1], before, verbose=False))
    assert "the figures kept are of 2 documents" in other and "(+" not in other


def test_misses_name_expected_read_and_confidence():
    text = "\n".join(misses([reading("7", name="good"), reading("8", name="bad"), reading(None, name="none")], 5))
    assert '* invoiceNumber: expected "7", got "8" at 0.90' in text
    assert '* invoiceNumber: expected "7", got null' in text
    assert "good" not in text
    assert list(misses([reading("8")], 0)) == []


def test_no_layout_is_learned_from_and_judged():
    documents = [document(f"{place}{layout}", layout) for place, layout in enumerate("aaaaabccddeeef")]
    parts = folds(documents, 3, seed=1)
    assert sorted(d.id for _, judged in parts for d in judged) == sorted(d.id for d in documents)
    for learned, judged in parts:
        assert not {d.layout for d in learned} & {d.layout for d in judged}
        assert len(learned) + len(judged) == len(documents)
    assert sorted(len(judged) for _, judged in parts) == [4, 5, 5]
    assert folds(documents, 3, seed=1) == parts
    assert len(folds(documents, 50)) == 6
    with pytest.raises(ValueError):
        folds(documents[:5], 2)


def test_scans_are_made_of_digital_pages_with_the_same_truth(tmp_path):
    (digital,) = collect("generated", Plan(count=1, seed=500_001), tmp_path)
    (scanned,) = collect("generated-scans", Plan(count=1, seed=500_001), tmp_path)
    assert digital.path.read_bytes()[:4] == b"%PDF" and scanned.path.exists()
    assert digital.truth == scanned.truth and digital.layout == scanned.layout


def test_the_command_reads_prints_and_keeps(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INVOREC_SHARED", str(tmp_path / "absent"))
    main(["--sets", "dev,generated", "--count", "2", "--save", "--figures", str(tmp_path / "figures.json")])
    printed = capsys.readouterr().out
    assert "== dev: skipped; no evaluation documents in" in printed
    assert "== generated: 2 documents, 2 answered" in printed
    kept = json.loads((tmp_path / "figures.json").read_text())
    assert list(kept) == ["generated"] and kept["generated"]["documents"] == 2
    with pytest.raises(SystemExit, match="unknown sets: nonsense"):
        main(["--sets", "nonsense"])
