import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from extraction.engine.errors import NoTextFound
from tests.factories import PDF, make_extraction, make_rejected
from tests.factories import make_field as field

EINVOICE = Path(__file__).resolve().parents[1] / "engine/einvoice/data/ubl_invoice.xml"

# no database mark: pytest-django fails a test here that so much as opens a connection


def extract(*arguments, run=lambda data, options: make_extraction()):
    out = io.StringIO()
    call_command("extract", *map(str, arguments), run=run, stdout=out)
    return out.getvalue()


def written(path, data=PDF):
    path.write_bytes(data)
    return path


def test_a_document_becomes_the_invoice_object_on_one_line(tmp_path):
    path = written(tmp_path / "bill.pdf")
    (line,) = extract(path, "--jsonl").splitlines()
    answer = json.loads(line)
    assert list(answer) == ["file", "invoice", "extraction", "seconds"]
    assert answer["file"] == str(path)
    assert (answer["invoice"]["status"], answer["invoice"]["totalAmount"]) == ("succeeded", 11900)
    assert (answer["invoice"]["fileName"], answer["invoice"]["lineItems"][0]["unitPrice"]) == ("bill.pdf", 5)
    assert answer["extraction"]["fields"]["totalAmount"]["value"] == 11900


def test_without_jsonl_it_is_printed_for_people(tmp_path):
    text = extract(written(tmp_path / "bill.pdf"))
    assert text.startswith('{\n  "file": ')
    assert json.loads(text)["invoice"]["vendorName"] == "Muster GmbH"


def test_a_bad_document_stops_nothing_and_the_order_is_that_of_the_input(tmp_path):
    def run(data, options):
        if b"bad" in data:
            raise NoTextFound
        if b"bug" in data:
            raise KeyError("bug")
        return make_extraction()

    good, bad = written(tmp_path / "good.pdf"), written(tmp_path / "bad.pdf", b"%PDF-1.7 bad")
    bug, absent = written(tmp_path / "bug.pdf", b"%PDF-1.7 bug"), tmp_path / "absent.pdf"
    lines = extract(bad, absent, good, bug, tmp_path, good, "--jsonl", "--jobs", "3", run=run).splitlines()
    answers = [json.loads(line) for line in lines]
    assert [answer["file"] for answer in answers] == [str(p) for p in (bad, absent, good, bug, tmp_path, good)]
    assert [answer.get("error", {}).get("code") for answer in answers] == [
        "no_text_found", "file_not_found", None, "extraction_crashed", "file_not_found", None,
    ]  # fmt: skip
    assert list(answers[0]) == ["file", "error", "seconds"]
    assert answers[0]["error"]["message"] == NoTextFound.message


def test_a_file_over_the_limit_is_not_even_read(tmp_path, settings):
    settings.MAX_UPLOAD_BYTES = 3
    answer = json.loads(extract(written(tmp_path / "bill.pdf"), run=lambda data, options: pytest.fail("read")))
    assert answer["error"]["code"] == "file_too_large"


def test_explain_shows_the_losers(tmp_path):
    fields = {"vendor_name": field("A", label="From", rejected=(make_rejected("B"),))}

    def run(data, options):
        assert options.explain
        return make_extraction(fields=fields)

    answer = json.loads(extract(written(tmp_path / "bill.pdf"), "--explain", run=run))
    assert answer["extraction"]["fields"]["vendorName"]["rejected"][0]["value"] == "B"


def test_an_einvoice_through_the_real_engine_in_a_process_of_its_own():
    answer = json.loads(extract(EINVOICE, "--jsonl", run=None))
    invoice = answer["invoice"]
    assert (invoice["source"], invoice["documentType"], invoice["pageCount"]) == ("einvoice", "invoice", 0)
    assert (invoice["fileName"], invoice["status"], invoice["error"]) == ("ubl_invoice.xml", "succeeded", None)
    assert answer["extraction"]["fields"]["totalAmount"]["value"] == invoice["totalAmount"] > 0
    assert answer["extraction"]["fields"]["totalAmount"]["method"] == "xml"
    assert len(invoice["lineItems"]) == len(answer["extraction"]["lineItems"]) > 0


@pytest.mark.parametrize("arguments", [[], ["x.pdf", "--jobs", "0"], ["x.pdf", "--colour"]])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(CommandError):
        extract(*arguments)
