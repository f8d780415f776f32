from decimal import Decimal

import pytest
from django.utils import timezone

from extraction import jobs
from extraction.engine.result import CustomField, LineItem
from extraction.provenance import present_extraction, present_result
from tests.factories import job_of, make_extraction, make_field, make_invoice, make_rejected, make_tenant

PLACE = {"page": 1, "box": [0.1, 0.2, 0.3, 0.25], "text": "119,00", "method": "text"}


def extraction():
    total = make_field(Decimal("119.00"), "119,00", label="Gesamt", rejected=(make_rejected("100.00"),))
    price = make_field(Decimal("0.055"), "119,00")
    return make_extraction(fields={"total_amount": total}, line_items=(LineItem({"unit_price": price}),))


def test_every_value_has_confidence_and_place_and_money_is_in_minor_units():
    shown = present_result(extraction())
    assert shown == {
        "fields": {"totalAmount": {"value": 11900, "confidence": 0.9, **PLACE, "edited": False}},
        "lineItems": [{"unitPrice": {"value": 6, "confidence": 0.9, **PLACE, "edited": False}}],
        "customFields": {},
        "lineItemCustomFields": [],
        "checks": [
            {
                "name": "total",
                "passed": True,
                "expected": "119.00",
                "actual": "119.00",
                "terms": [{"name": "subtotal", "value": "100.00"}, {"name": "tax", "value": "19.00"}],
            }
        ],
    }


def test_explain_adds_the_label_and_the_losers():
    field = present_result(extraction(), explain=True)["fields"]["totalAmount"]
    assert field["label"] == "Gesamt"
    assert field["rejected"] == [
        {
            "value": 10000,
            "score": 0.4,
            "page": 1,
            "box": [0.5, 0.5, 0.6, 0.52],
            "text": "100.00",
            "method": "text",
            "label": "Netto",
        }
    ]


def test_dates_and_rates_have_their_wire_form():
    shown = present_result(make_extraction())["fields"]
    assert (shown["invoiceDate"]["value"], shown["taxRate"]["value"]) == ("2026-04-08", 19)


@pytest.mark.django_db
def test_the_machines_reading_stays_when_people_edit():
    invoice = make_invoice(make_tenant())
    jobs.finish(jobs.claim(worker="w", now=timezone.now()), extraction())
    invoice.edited_fields = ["total_amount", "line_items"]
    shown = present_extraction(invoice, job_of(invoice))
    assert list(shown) == [
        "object", "invoice", "fields", "lineItems", "customFields", "lineItemCustomFields", "checks", "engine",
        "edits",
    ]  # fmt: skip
    assert (shown["object"], shown["invoice"], set(shown["engine"])) == (
        "extraction", invoice.id, {"version", "model"},
    )  # fmt: skip
    assert (shown["fields"]["totalAmount"]["value"], shown["fields"]["totalAmount"]["edited"]) == (11900, True)
    assert shown["lineItems"][0]["unitPrice"]["edited"] is True


@pytest.mark.django_db
def test_before_the_first_result_it_is_empty():
    invoice = make_invoice(make_tenant())
    assert present_extraction(invoice, job_of(invoice)) == {
        "object": "extraction", "invoice": invoice.id, "fields": {}, "lineItems": [], "customFields": {},
        "lineItemCustomFields": [], "checks": [], "engine": None, "edits": [],
    }  # fmt: skip


def test_custom_fields_have_their_place_and_those_not_found_are_left_out():
    deposit = CustomField(
        "money", False, (make_field(Decimal("2.5"), label="Deposit", rejected=(make_rejected("9"),)),)
    )
    tags = CustomField("string", True, (make_field("a"), make_field("b")))
    read = make_extraction(
        custom={"deposit": deposit, "vessel": CustomField("string")}, custom_lines=({"tags": tags},), line_items=()
    )
    shown = present_result(read, explain=True)
    field = shown["customFields"].pop("deposit")
    assert (field["value"], field["confidence"], field["page"], field["label"]) == (250, 0.9, 1, "Deposit")
    assert ([loser["value"] for loser in field["rejected"]], shown["customFields"]) == ([900], {})
    assert shown["lineItemCustomFields"][0]["tags"]["value"] == ["a", "b"]
