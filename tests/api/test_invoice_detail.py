"""GET /v1/invoices/{id} and …/extraction."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from api.services import issue_key
from billing.tenant import Tenant
from extraction import jobs
from tests.api.oracle import ApiClient, assert_refused
from tests.factories import make_field, make_invoice, make_rejected, make_tenant, read

REFERENCE_ORDER = [
    "id",
    "status",
    "invoiceNumber",
    "vendorName",
    "vendorEmail",
    "vendorPhone",
    "vendorTaxId",
    "vendorAddress",
    "customerName",
    "customerEmail",
    "customerPhone",
    "customerTaxId",
    "customerAddress",
    "invoiceDate",
    "dueDate",
    "subtotalAmount",
    "taxAmount",
    "totalAmount",
    "taxRate",
    "discountAmount",
    "discountPercent",
    "currency",
    "paymentTerms",
    "paymentMethod",
    "paymentStatus",
    "notes",
    "extractionConfidence",
    "extractionSchemaId",
    "extractionSchemaName",
    "customFields",
    "lineItems",
    "error",
    "createdAt",
    "updatedAt",
]
UNKNOWN = "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"
PARTS = ["", "/extraction", "/file"]


def test_invoice_that_was_read(api, tenant):
    invoice = read(make_invoice(tenant))
    body = api.get(f"/v1/invoices/{invoice.id}").json()
    assert list(body)[: len(REFERENCE_ORDER)] == REFERENCE_ORDER
    assert (body["status"], body["invoiceNumber"], body["invoiceDate"]) == ("succeeded", "R-1001", "2026-04-08")
    assert (body["subtotalAmount"], body["taxAmount"], body["totalAmount"]) == (10_000, 1_900, 11_900)
    assert (body["currency"], body["taxRate"], body["dueDate"]) == ("EUR", 19, None)
    assert body["lineItems"] == [
        {
            "description": "Screws", "quantity": 2000, "unitPrice": 5, "totalPrice": 10_000, "taxRate": 7.5,
            "taxAmount": None, "discountPercent": None, "discountAmount": None, "unitPriceDecimal": "0.0500",
            "sku": "S-1", "unit": None, "customFields": {},
        }
    ]  # fmt: skip
    assert body["error"] is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["createdAt"])


def test_invoice_that_could_not_be_read(api, tenant):
    invoice = make_invoice(tenant)
    claimed = jobs.claim(worker="test", now=timezone.now())
    jobs.fail(claimed, code="no_text_found", message="No text was found on the document.")
    body = api.get(f"/v1/invoices/{invoice.id}").json()
    assert body["status"] == "failed"
    assert body["error"] == {"code": "no_text_found", "message": "No text was found on the document."}


@pytest.mark.parametrize("part", ["", "/file"])
def test_an_unknown_parameter(api, tenant, part):
    response = api.get(f"/v1/invoices/{make_invoice(tenant).id}{part}?x=1")
    assert_refused(response, 400, "invalid_request_error", "Unknown parameter. Known: none.", "x")


def test_query_count(api, tenant, django_assert_num_queries):
    invoice = read(make_invoice(tenant))
    with django_assert_num_queries(3):  # the key, the invoice, its lines
        api.get(f"/v1/invoices/{invoice.id}")


def test_slash_at_the_end_changes_nothing(api, tenant):
    invoice = make_invoice(tenant)
    assert api.get(f"/v1/invoices/{invoice.id}/").json() == api.get(f"/v1/invoices/{invoice.id}").json()


@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_theirs_is_like_what_is_not(api, tenant, part):
    foreign = make_invoice(make_tenant("Other")).id
    test_mode = make_invoice(Tenant(tenant.workspace, livemode=False)).id
    for invoice_id in (UNKNOWN, foreign, test_mode, UNKNOWN.lower(), "sch" + UNKNOWN[3:], UNKNOWN[:-1], "1", "é"):
        response = api.get(f"/v1/invoices/{invoice_id}{part}")
        assert_refused(response, 404, "resource_not_found", f"There is no invoice {invoice_id}.")


@pytest.mark.parametrize("part", PARTS)
def test_live_id_with_a_test_key(tenant, part):
    live = make_invoice(tenant).id
    _, token = issue_key(workspace=tenant.workspace, livemode=False, name="Test")
    response = ApiClient(token).get(f"/v1/invoices/{live}{part}")
    assert_refused(response, 404, "resource_not_found", f"There is no invoice {live}.")


def test_extraction(api, tenant):
    fields = {"invoice_number": make_field("R-1001", label="Rechnungsnummer", rejected=(make_rejected("R-77"),))}
    invoice = read(make_invoice(tenant), fields=fields, line_items=())
    body = api.get(f"/v1/invoices/{invoice.id}/extraction").json()
    assert (body["object"], body["invoice"], body["lineItems"]) == ("extraction", invoice.id, [])
    assert body["fields"] == {
        "invoiceNumber": {
            "value": "R-1001", "confidence": 0.9, "page": 1, "box": [0.1, 0.2, 0.3, 0.25], "text": "R-1001",
            "method": "text", "edited": False,
        }
    }  # fmt: skip
    assert body["checks"] == [
        {
            "name": "total", "passed": True, "expected": "119.00", "actual": "119.00",
            "terms": [{"name": "subtotal", "value": "100.00"}, {"name": "tax", "value": "19.00"}],
        }
    ]  # fmt: skip


@pytest.mark.parametrize(("query", "explained"), [("?explain=true", True), ("?explain=false", False), ("", False)])
def test_explanation_on_demand(api, tenant, query, explained):
    fields = {"invoice_number": make_field("R-1001", label="Rechnungsnummer", rejected=(make_rejected("R-77"),))}
    invoice = read(make_invoice(tenant), fields=fields)
    field = api.get(f"/v1/invoices/{invoice.id}/extraction{query}").json()["fields"]["invoiceNumber"]
    assert ("rejected" in field, "label" in field) == (explained, explained)
    if explained:
        assert field["label"] == "Rechnungsnummer"
        assert [loser["value"] for loser in field["rejected"]] == ["R-77"]


def test_nothing_read_yet(api, tenant):
    invoice = make_invoice(tenant)
    assert api.get(f"/v1/invoices/{invoice.id}/extraction").json() == {
        "object": "extraction", "invoice": invoice.id, "fields": {}, "lineItems": [], "customFields": {},
        "lineItemCustomFields": [], "checks": [], "engine": None, "edits": [],
    }  # fmt: skip


def test_explain_is_true_or_false(api, tenant):
    response = api.get(f"/v1/invoices/{make_invoice(tenant).id}/extraction?explain=perhaps")
    assert_refused(response, 400, "invalid_request_error", "Say true or false.", "explain")


def test_query_count_of_the_extraction(api, tenant, django_assert_num_queries):
    invoice = read(make_invoice(tenant))
    with django_assert_num_queries(4):  # the key, the invoice, its last successful job, its edits
        api.get(f"/v1/invoices/{invoice.id}/extraction")
