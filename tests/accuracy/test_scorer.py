import contextlib
import importlib.util
import io
import json
from random import Random

import pytest

from tests.accuracy.documents import shared_folder
from tests.accuracy.matching import is_line_match, is_match, likeness, major
from tests.accuracy.scorer import Tally, judge, total


@pytest.mark.parametrize(
    ("field", "true", "said", "right"),
    [
        ("totalAmount", "119.00", 11900, True),
        ("totalAmount", "119.00", 11901, False),
        ("totalAmount", ["119.00", "120"], 12000, True),
        ("taxRate", "19", 19.0, True),
        ("taxRate", "19", 19.02, False),
        ("invoiceDate", "2026-03-01", "2026-03-01", True),
        ("invoiceDate", "2026-03-01", "2026-01-03", False),
        ("invoiceNumber", "RE 2026/001", "re-2026-001", True),
        ("invoiceNumber", "RE 2026/001", "RE 2026/01", False),
        ("vendorName", "Müller & Söhne GmbH", "MULLER & SOHNE GMBH", True),
        ("vendorName", "Müller GmbH", "Schmidt GmbH", False),
        ("vendorAddress", "1 Main Street, Leeds", "Leeds, 1 Main Street", True),
        ("vendorPhone", "+44 113 496 0418", "0113 496 0418", True),
        ("vendorPhone", "+44 113 496 0418", "0113 496 0419", False),
        ("vendorPhone", "0113 496 0418", "113-496-0418", True),
        ("vendorPhone", "496041", "+44 113 496041", True),
        ("vendorEmail", "A@example.com ", "a@example.com", True),
        ("vendorEmail", "a@example.com", "b@example.com", False),
    ],
)
def test_a_value_matches_by_the_rule_of_its_kind(field, true, said, right):
    assert is_match(field, true, said, "EUR") is right


def test_amounts_follow_the_places_of_the_currency():
    assert str(major(1234, "JPY")) == "1234"
    assert str(major(1234, "KWD")) == "1.234"
    assert str(major(1234, None)) == "12.34"
    assert major("twelve", "EUR") is None


def test_likeness_takes_the_better_of_letters_and_words():
    assert likeness("one two", "two one") == 1.0
    assert likeness("", "") == 1.0
    assert likeness("", "one") == 0.0
    assert likeness("abcd", "abxy") == 0.5


def test_a_line_matches_by_its_figures_and_its_description():
    true = {"description": "Blue paint", "quantity": "2", "unitPrice": "1.2345", "totalPrice": "2.47"}
    said = {"description": "Paint, blue", "quantity": 2.0, "unitPriceDecimal": "1.2345", "totalPrice": 247}
    assert is_line_match(true, said, "EUR")
    for wrong in (
        {"quantity": 3},
        {"totalPrice": 248},
        {"unitPriceDecimal": "1.2346"},
        {"unitPriceDecimal": None, "unitPrice": 124},
        {"description": "Brushes"},
        {"description": None},
    ):
        assert not is_line_match(true, said | wrong, "EUR")
    assert is_line_match(true | {"unitPrice": "1.235"}, said | {"unitPriceDecimal": None, "unitPrice": 123}, "EUR")
    assert is_line_match({"description": None}, {}, "EUR")


def test_fields_and_lines_are_counted():
    truth = {
        "invoiceNumber": "7",
        "invoiceDate": "2026-03-01",
        "dueDate": None,
        "vendorName": "Acme",
        "totalAmount": "5.00",
        "lineItems": [{"description": "A", "totalPrice": "2"}, {"description": "B", "totalPrice": "3"}],
    }
    invoice = {
        "invoiceNumber": "8",
        "dueDate": "2026-04-01",
        "vendorName": "Acme",
        "totalAmount": 500,
        "vendorPhone": "not judged",
        "lineItems": [{"description": "B", "totalPrice": 300}, {"description": "C", "totalPrice": 200}, {}],
    }
    score = judge(truth, invoice, {"vendorName": 0.9})
    assert {v.field: v.tally for v in score.verdicts} == {
        "invoiceNumber": Tally(wrong=1, missed=1),
        "invoiceDate": Tally(missed=1),
        "dueDate": Tally(wrong=1),
        "vendorName": Tally(right=1),
        "totalAmount": Tally(right=1),
    }
    assert score.lines == Tally(right=1, wrong=2, missed=1)
    assert not score.is_perfect
    assert [v.confidence for v in score.verdicts if v.field == "vendorName"] == [0.9]
    assert total(v.tally for v in score.verdicts).f1 == 4 / 8
    assert judge(truth, {}).lines == Tally(missed=2)


def test_both_scorers_count_alike(tmp_path):
    theirs, manifest = shared_folder() / "score.py", shared_folder() / "dev" / "manifest.jsonl"
    if not manifest.exists():
        pytest.skip(f"no evaluation documents in {shared_folder()}")
    documents = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    invoices = {d["id"]: spoiled(d["truth"], Random(d["id"])) for d in documents}
    predictions = tmp_path / "predictions.jsonl"
    predictions.write_text("".join(json.dumps({"id": i, "invoice": v}) + "\n" for i, v in invoices.items()))

    scores = [judge(d["truth"], invoices[d["id"]]) for d in documents]
    ours = {name: total(v.tally for s in scores for v in s.verdicts if v.field == name) for name in field_names(scores)}
    ours["line items"] = total(score.lines for score in scores)
    ours["key fields"] = total(v.tally for s in scores for v in s.key)
    ours["all header fields"] = total(v.tally for s in scores for v in s.verdicts)
    assert min(ours["key fields"].right, ours["key fields"].wrong, ours["line items"].right) > 100
    assert their_counts(theirs, manifest, predictions) == ours


def field_names(scores) -> set[str]:
    return {verdict.field for score in scores for verdict in score.verdicts}


def their_counts(theirs, manifest, predictions) -> dict[str, Tally]:
    """What the scorer beside the evaluation documents counts, by the name of its row."""
    spec = importlib.util.spec_from_file_location("their_score", theirs)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = {}
    module.Tally.row = lambda tally, name: rows.update({name: Tally(tally.tp, tally.fp, tally.fn)}) or name
    with contextlib.redirect_stdout(io.StringIO()):
        module.main([str(manifest), str(predictions)])
    return {name: tally for name, tally in rows.items() if not name.startswith("kind=")}


def spoiled(truth, random: Random):
    """An invoice as the API gives it, that says what is true, nearly, wrongly, or not at all."""
    invoice = {name: spoil(name, value, random) for name, value in truth.items() if name != "lineItems"}
    lines = [spoiled(line, random) for line in truth.get("lineItems") or () if random.random() < 0.9]
    random.shuffle(lines)
    return invoice | ({"lineItems": lines} if "lineItems" in truth else {})


def spoil(name, value, random: Random):
    if isinstance(value, list):
        value = random.choice(value)
    choice = random.random()
    if value is None:
        return "7" if choice < 0.2 else None
    if choice < 0.05:
        return None
    if name.endswith(("Amount", "Price")):
        return round(float(value) * 100) + (choice < 0.15)
    if choice < 0.2:
        return value[:-1] if choice < 0.15 else value + "9"
    if choice < 0.4 and name not in ("quantity", "taxRate", "discountPercent"):
        return " ".join(reversed(value.split())).upper()
    return value
