import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest

from extraction.engine.custom.definition import DefinitionFault, parse_definition
from extraction.engine.custom.patterns import check_pattern, find_matches
from extraction.engine.custom.read import read_custom
from extraction.engine.document import read_document
from extraction.engine.options import Options
from extraction.engine.pipeline import extract, read_visible
from extraction.engine.result import Extraction
from tests.engine.test_pipeline import typed_pdf
from tests.engine.typed import typed_page

PAGE = """
ACME Ltd                                   INVOICE
Invoice number: 2024-0815    Invoice date: 12 March 2024
Cost center: CC-4411         Delivery terms:  DAP
Project
Harbour Bridge East          Mileage: 12,345 km
Insured: yes                 Deposit   GBP 250.00
Warranty until   1 May 2026
Ticket 77120; ticket 77121

Description        Lot        Qty   Unit price     Amount
Blue widget        B-17         2        50.00     100.00
Red widget         R-4          1        20.00      20.00
Serial: SN-991
                                Subtotal           120.00
                                Total              120.00
"""


def definitions(**properties):
    return parse_definition({"type": "object", "properties": properties})


def values(text=PAGE, method="text", **properties):
    read = read_custom(read_document((typed_page(text, method=method),)), definitions(**properties))
    return {name: [one.value for one in field.found] for name, field in read.items()}


def lines(**properties):
    hinted = {name: {"x-line-item": True, **schema} for name, schema in properties.items()}
    read = read_visible((typed_page(PAGE),), Options(custom=definitions(**hinted)))
    return [{name: [one.value for one in f.found] for name, f in line.items()} for line in read.custom_lines]


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("project", {"type": "string"}, "Harbour Bridge East"),
        ("costCenter", {"type": "string"}, "CC-4411"),
        ("cc", {"type": "string", "pattern": r"^CC-\d{4}$"}, "CC-4411"),
        ("terms", {"title": "Delivery terms", "enum": ["EXW", "Dap"]}, "Dap"),
        ("mileage", {"type": "integer"}, Decimal(12345)),
        ("insured", {"type": "boolean"}, "true"),
        ("deposit", {"type": "integer", "x-money": True}, Decimal("250.00")),
        ("warranty", {"type": "string", "format": "date", "x-labels": ["Warranty until"]}, date(2026, 5, 1)),
        ("letterhead", {"x-region": {"page": 1, "box": [0, 0, 0.3, 0.04]}}, "ACME Ltd"),
    ],
)
def test_each_hint_finds_its_value(name, schema, value):
    assert values(**{name: schema}) == {name: [value]}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "pattern": "^XX-[0-9]{9}$"},
        {"type": "string", "x-labels": ["Project"], "x-region": {"page": 2, "box": [0, 0, 1, 1]}},
        {"type": "integer", "x-labels": ["Deposit"]},
    ],
)
def test_no_evidence_no_value(schema):
    assert values(unheardOf=schema) == {"unheardOf": []}


def test_an_array_takes_every_value():
    assert values(tickets={"type": "array", "items": {"type": "string", "pattern": r"77\d{3}"}}) == {
        "tickets": ["77120", "77121"]
    }


def test_an_enum_reads_through_misread_letters_of_a_scan():
    schema = {"x-labels": ["Incoterm"], "enum": ["Delivered", "Collected"]}
    assert values("Incoterm: Dellvered", "ocr", term=schema) == {"term": ["Delivered"]}
    assert values("Incoterm: Dellvered", "text", term=schema) == {"term": []}


def test_a_value_says_where_it_stands_and_why():
    read = read_custom(read_document((typed_page(PAGE),)), definitions(costCenter={"type": "string"}))
    (found,) = read["costCenter"].found
    assert (found.provenance.page, found.provenance.text, found.provenance.label) == (1, "CC-4411", "Cost center")
    assert 0.8 < found.confidence <= 0.85


def test_a_label_is_surer_than_a_pattern_alone():
    document = read_document((typed_page(PAGE),))
    fields = definitions(costCenter={"pattern": r"CC-\d+"}, other={"pattern": r"CC-\d+"})
    labelled, bare = (field.found[0].confidence for field in read_custom(document, fields).values())
    assert bare < 0.7 < labelled


def test_columns_labels_and_patterns_fill_line_items():
    assert lines(lot={"type": "string"}, serial={"type": "string"}, colour={"enum": ["Blue", "Red"]}) == [
        {"lot": ["B-17"], "serial": [], "colour": ["Blue"]},
        {"lot": ["R-4"], "serial": ["SN-991"], "colour": ["Red"]},
    ]


def test_a_missing_required_field_wants_a_look():
    schema = {"type": "object", "properties": {"project": {}, "vessel": {}}}
    pages = (typed_page(PAGE),)
    asked = [
        read_visible(pages, Options(review_below=0, custom=parse_definition({**schema, "required": required})))
        for required in (["project"], ["vessel"])
    ]
    assert asked[1].needs_review and asked[0].needs_review == read_visible(pages, Options(review_below=0)).needs_review


def test_definitions_and_results_travel_as_json():
    region = {"page": -1, "box": [0, 0.5, 1, 1]}
    fields = definitions(a={"enum": ["x"], "x-region": region}, lot={"x-line-item": True, "pattern": r"[BR]-\d+"})
    options = Options(custom=fields, explain=True)
    assert Options.from_json(json.loads(json.dumps(options.to_json()))) == options
    read = read_visible((typed_page(PAGE),), options)
    assert Extraction.from_json(json.loads(json.dumps(read.to_json()))).to_json() == read.to_json()


def test_without_definitions_a_result_has_no_custom_parts():
    assert not {"custom", "custom_lines"} & read_visible((typed_page(PAGE),), Options()).to_json().keys()


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "null"}, "/properties/a/type"),
        ({"type": "array", "items": {"type": "object"}}, "/properties/a/items/type"),
        ({"pattern": "("}, "/properties/a/pattern"),
        ({"pattern": "(a+)+"}, "/properties/a/pattern"),
        ({"type": "string", "x-money": True}, "/properties/a/x-money"),
        ({"enum": "EXW"}, "/properties/a/enum"),
        ({"x-labels": [["a"]]}, "/properties/a/x-labels"),
        ({"x-region": {"page": 1, "box": [0, 0, 2, 1]}}, "/properties/a/x-region/box"),
        ({"x-region": {"page": 0, "box": [0, 0, 1, 1]}}, "/properties/a/x-region/page"),
        ({"type": "integer", "x-money": "yes"}, "/properties/a/x-money"),
        ({"x-line-item": 1}, "/properties/a/x-line-item"),
        ({"$ref": "#/$defs/km"}, "/properties/a/$ref"),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}]}}, "/properties/a/items/anyOf"),
        ([], "/properties/a"),
    ],
)
def test_a_fault_has_its_place(schema, place):
    with pytest.raises(DefinitionFault) as caught:
        definitions(a=schema)
    assert caught.value.place == place


def test_a_place_is_a_pointer_whatever_the_name():
    with pytest.raises(DefinitionFault) as caught:
        definitions(**{"a/b~c.d": {"pattern": "("}})
    assert caught.value.place == "/properties/a~1b~0c.d/pattern"


@pytest.mark.parametrize("pattern", [r"(a|a)*b", r"(\d+-)*", "a?" * 30, r"\d*\d*\d*\d*x", "a" * 201])
def test_patterns_that_could_run_away_are_refused(pattern):
    with pytest.raises(ValueError, match=r"too long|longer"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"^CC-\d{4}$", r"[A-Z]+-\d+-\d+", r"(?:\d{3}-)+\d", r"(\w)\1(?=x)", r"a\$"])
def test_ordinary_patterns_are_taken(pattern):
    check_pattern(pattern)


def test_anchors_mean_the_value_and_not_the_text():
    assert list(find_matches(r"^CC-\d{4}$", "ref CC-1234, CC-12345")) == [(4, 11)]


def _e_invoice():
    return (Path(__file__).parent / "einvoice" / "data" / "cii_two_rates.xml").read_bytes()


def _hybrid(text):
    page = typed_pdf(text)
    with pikepdf.open(io.BytesIO(page)) as document:
        document.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(document, _e_invoice(), filename="factur-x.xml")
        buffer = io.BytesIO()
        document.save(buffer)
    return buffer.getvalue()


def test_a_hybrid_reads_header_fields_off_its_page_and_bare_xml_none():
    fields = definitions(costCenter={"type": "string"}, lot={"x-line-item": True})
    hybrid, bare = (extract(data, Options(custom=fields)) for data in (_hybrid(PAGE), _e_invoice()))
    assert [hybrid.source, bare.source] == ["einvoice", "einvoice"]
    assert [one.value for one in hybrid.custom["costCenter"].found] == ["CC-4411"]
    assert [bare.custom["costCenter"].found, {line["lot"].found for line in hybrid.custom_lines}] == [(), {()}]
    assert len(bare.custom_lines) == len(bare.line_items) > 0


def test_a_line_of_a_scan_that_ends_within_a_label_is_none():
    assert values("Delivery terns", "ocr", terms={"x-labels": ["Delivery terms a"]}) == {"terms": []}
    assert values("Deliveryterms", "ocr", terms={"x-labels": ["Delivery terms"]}) == {"terms": []}
