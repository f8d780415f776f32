"""PATCH /v1/invoices/{id}: both forms, every kind of value, and nothing half-written."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.utils import timezone

from api.models import ApiKey
from extraction import jobs
from extraction.models import Edit, Invoice, LineItem, Schema
from tests.api.oracle import assert_refused
from tests.factories import make_invoice, read

# the body in the published reference, as it stands there
REFERENCE_FIELDS = [
    "invoiceNumber",
    "invoiceDate",
    "dueDate",
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
    "customFields",
]
WHOLE = "Give a whole number in the smallest unit of the currency (1250 for 12.50 EUR), or null."
PERCENT = "Give a number in percent (19 means 19 %), or null."
DAY = "Give a date as YYYY-MM-DD, for example 2026-04-08, or null."
CODE = "Give an ISO 4217 code in capital letters, for example EUR, or null."
UNKNOWN = "There is no such field, or it cannot be changed."


@pytest.fixture
def invoice(tenant) -> Invoice:
    return read(make_invoice(tenant))


def patch(api, invoice: Invoice, body: Any, **extra: Any):
    text = body if isinstance(body, str) else json.dumps(body)
    return api.patch(f"/v1/invoices/{invoice.id}", text, content_type="application/json", **extra)


def stored(invoice: Invoice) -> dict[str, Any]:
    return Invoice.objects.filter(pk=invoice.pk).values().get() | {"lines": list(LineItem.objects.values())}


def edits() -> list[tuple[str, Any, Any]]:
    return list(Edit.objects.values_list("field", "before", "after"))


def test_both_forms_in_one_request(api, invoice):
    response = patch(
        api,
        invoice,
        {
            "vendorName": "Muster AG",
            "totalAmount": {"present": True, "value": 12_000},
            "dueDate": {"present": True, "value": "2026-05-08"},
            "notes": {"present": False, "value": "left alone"},
            "taxRate": None,
            "taxAmount": {"present": True, "value": None},
            "invoiceNumber": {"present": True},
        },
    )
    body = response.json()
    assert response.status_code == 200
    assert {name: body[name] for name in ("vendorName", "totalAmount", "dueDate", "notes", "taxRate", "taxAmount")} == {
        "vendorName": "Muster AG", "totalAmount": 12_000, "dueDate": "2026-05-08", "notes": None, "taxRate": None,
        "taxAmount": None,
    }  # fmt: skip
    assert (body["invoiceNumber"], body["subtotalAmount"]) == (None, 10_000)
    assert body == api.get(f"/v1/invoices/{invoice.id}").json()


def test_the_body_of_the_reference_clears_everything(api, invoice):
    body = {name: {"present": True, "value": None} for name in REFERENCE_FIELDS}
    response = patch(api, invoice, body)
    assert response.status_code == 200
    cleared = {name: response.json()[name] for name in REFERENCE_FIELDS}
    assert cleared == dict.fromkeys(REFERENCE_FIELDS) | {"customFields": {}}


def test_every_field_of_the_reference_and_ours(api, invoice):
    values = {
        "invoiceNumber": "R-2", "invoiceDate": "2026-01-02", "dueDate": "2026-02-03", "vendorName": "V",
        "vendorEmail": "v@example.org", "vendorPhone": "+49 1", "vendorTaxId": "DE1", "vendorAddress": "Weg 1\nOrt",
        "customerName": "C", "customerEmail": "c@example.org", "customerPhone": "+31 2", "customerTaxId": "NL2",
        "customerAddress": "Straat 2", "subtotalAmount": -5, "taxAmount": 0, "totalAmount": 2**63 - 1, "taxRate": 7.5,
        "discountAmount": 1, "discountPercent": 2, "currency": "USD", "paymentTerms": "30 days",
        "paymentMethod": "card", "paymentStatus": "paid", "notes": "n" * 10_000,
        "customFields": {"a": "x", "b": 1.5, "c": True, "d": ["x", 2]}, "purchaseOrder": "PO", "iban": "DE00",
        "bic": "B", "shippingAmount": 3, "amountPaid": 4, "amountDue": 5, "metadata": {"order": "8"},
    }  # fmt: skip
    response = patch(api, invoice, values)
    assert response.status_code == 200
    assert {name: response.json()[name] for name in values} == values
    assert {field for field, _, _ in edits()} == set(Invoice.objects.get().edited_fields) | {"metadata"}


def test_history_says_who_when_what(api, tenant, invoice):
    before = timezone.now()
    patch(api, invoice, {"vendorName": "Muster AG", "taxRate": 7})
    patch(api, invoice, {"vendorName": "Muster KG", "taxRate": 7.0})
    assert edits() == [
        ("vendor_name", "Muster GmbH", "Muster AG"), ("tax_rate", 19, 7), ("vendor_name", "Muster AG", "Muster KG"),
    ]  # fmt: skip
    key = ApiKey.objects.get(workspace=tenant.workspace)
    assert {(edit.invoice_id, edit.actor) for edit in Edit.objects.all()} == {(invoice.id, key.id)}
    assert all(before <= edit.created_at <= timezone.now() for edit in Edit.objects.all())
    shown = api.get(f"/v1/invoices/{invoice.id}/extraction").json()["edits"]
    assert [(one["field"], one["from"], one["to"], one["by"]) for one in shown][1] == ("taxRate", 19, 7, key.id)
    assert all(re.fullmatch(r"\d{4}-.*Z", one["createdAt"]) and one["created"] for one in shown)


def test_edited_fields_are_marked_and_the_reading_stays(api, invoice):
    patch(api, invoice, {"vendorName": "Muster AG", "notes": "Mine", "metadata": {"a": "b"}})
    fields = api.get(f"/v1/invoices/{invoice.id}/extraction").json()["fields"]
    assert (fields["vendorName"]["value"], fields["vendorName"]["edited"]) == ("Muster GmbH", True)
    assert fields["notes"] == {
        "value": None, "confidence": None, "page": None, "box": None, "text": None, "method": None, "edited": True,
    }  # fmt: skip
    assert [name for name, field in fields.items() if field["edited"]] == ["notes", "vendorName"]


@pytest.mark.parametrize(
    "body",
    ["{}", "", '{"vendorName": "Muster GmbH", "taxRate": 19.0}', '{"notes": {"present": false}}', '{"notes": "  "}'],
)
def test_what_changes_nothing_leaves_no_trace(api, invoice, body):
    before = stored(invoice)
    assert patch(api, invoice, body).status_code == 200
    assert (stored(invoice), edits()) == (before, [])


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ({"id": "x"}, "id", UNKNOWN),
        ({"status": "failed"}, "status", UNKNOWN),
        ({"extractionConfidence": 1}, "extractionConfidence", UNKNOWN),
        ({"vendor_name": "X"}, "vendor_name", UNKNOWN),
        ({"nonsense": {"present": False}}, "nonsense", UNKNOWN),
        ({"vendorName": 5}, "vendorName", "Give text, or null."),
        ({"vendorName": {"value": "X"}}, "vendorName", "Give text, or null."),
        ({"vendorName": {"present": "yes", "value": "X"}}, "vendorName", "Give text, or null."),
        ({"vendorName": {"present": True, "value": ["X"]}}, "vendorName", "Give text, or null."),
        ({"vendorName": "x" * 501}, "vendorName", "Give at most 500 characters."),
        ({"notes": "x" * 10_001}, "notes", "Give at most 10000 characters."),
        (
            {"iban": "a\x00"},
            "iban",
            "The text holds characters that cannot be stored (NUL, or half of a surrogate pair).",
        ),
        ({"totalAmount": 12.5}, "totalAmount", WHOLE),
        ({"totalAmount": "1250"}, "totalAmount", WHOLE),
        ({"totalAmount": True}, "totalAmount", WHOLE),
        ({"totalAmount": 2**63}, "totalAmount", "The amount is too large."),
        ('{"totalAmount": 1e400}', "totalAmount", WHOLE),
        ({"taxRate": "19"}, "taxRate", PERCENT),
        ({"taxRate": 100_000}, "taxRate", "The number is too large."),
        ({"taxRate": 99_999.99999}, "taxRate", "The number is too large."),
        ({"invoiceDate": "08.04.2026"}, "invoiceDate", DAY),
        ({"invoiceDate": "2026-02-30"}, "invoiceDate", DAY),
        ({"invoiceDate": "20260408"}, "invoiceDate", DAY),
        ({"invoiceDate": 1775606400}, "invoiceDate", DAY),
        ({"currency": "eur"}, "currency", CODE),
        ({"currency": "XYZ"}, "currency", CODE),
        ({"paymentStatus": "settled"}, "paymentStatus", "Give one of paid, unpaid, partial, overdue, or null."),
        (
            {"metadata": {"a": 1}},
            "metadata",
            "The value of 'a' in the metadata must be text of at most 500 characters.",
        ),
        ({"metadata": []}, "metadata", "The metadata must be a JSON object of at most 20 pairs."),
        ({"customFields": [1]}, "customFields", "Give an object of at most 100 fields, or null."),
        (
            {"customFields": {"a": {"b": 1}}},
            "customFields.a",
            "Give text of at most 10000 characters, a number, true, false, a list of those, or null.",
        ),
        ({"lineItems": {}}, "lineItems", 'Expected a list of items but got type "dict".'),
        ({"lineItems": [{}, 5]}, "lineItems.1", "Give an object of fields and their values."),
        ({"lineItems": [{}, {"quantity": "2"}]}, "lineItems.1.quantity", "Give a number, or null."),
        ({"lineItems": [{"quantity": 1e9}]}, "lineItems.0.quantity", "The number is too large."),
        ({"lineItems": [{"price": 1}]}, "lineItems.0.price", "There is no such field."),
        ({"lineItems": [{}] * 1001}, "lineItems", "Ensure this field has no more than 1000 elements."),
        (
            {"lineItems": [{"unitPrice": 5, "unitPriceDecimal": "0.06"}]},
            "lineItems.0.unitPriceDecimal",
            "It says 0.06, which is 6 and not the unitPrice 5. Give one.",
        ),
        ("[]", None, "Give an object of fields and their values."),
        ('"x"', None, "Give an object of fields and their values."),
    ],
)
def test_wrong_values_change_nothing(api, invoice, body, param, message):
    before = stored(invoice)
    good = body | {"customerName": "Changed"} if isinstance(body, dict) else body
    assert_refused(patch(api, invoice, good), 400, "invalid_request_error", message, param)
    assert (stored(invoice), edits()) == (before, [])


def test_all_faults_are_told_in_the_order_of_the_body(api, invoice):
    response = patch(api, invoice, {"notes": 1, "status": "x", "lineItems": [{"sku": 1, "foo": 2}], "dueDate": ""})
    error = response.json()["error"]
    assert (response.status_code, error["param"], error["message"]) == (400, "notes", "Give text, or null.")
    assert [fault["param"] for fault in error["errors"]] == [
        "notes", "status", "lineItems.0.sku", "lineItems.0.foo", "dueDate",
    ]  # fmt: skip
    assert edits() == []


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
def test_only_json(api, invoice, content_type):
    response = api.patch(f"/v1/invoices/{invoice.id}", "vendorName=X", content_type=content_type)
    message = f"A body of type {content_type!r} is not understood here."
    assert_refused(response, 415, "invalid_request_error", message)


def test_while_it_is_read(api, tenant):
    invoice = make_invoice(tenant)
    message = "The invoice is being read. Try again when its status is no longer processing."
    assert_refused(patch(api, invoice, {"notes": "X"}), 409, "invoice_processing", message)
    invoice.refresh_from_db()
    assert (invoice.notes, edits()) == (None, [])


def test_an_invoice_that_could_not_be_read_can_be_filled_in(api, tenant):
    invoice = make_invoice(tenant)
    jobs.fail(jobs.claim(worker="w", now=timezone.now()), code="no_text_found", message="No text.")
    body = patch(api, invoice, {"totalAmount": 100, "currency": "JPY"}).json()
    assert (body["status"], body["totalAmount"], body["error"]["code"]) == ("failed", 100, "no_text_found")


def test_line_items_are_replaced(api, invoice):
    lines = [
        {"description": "Nails", "quantity": 2.5, "unitPrice": 1250, "totalPrice": 3125},
        {"description": None, "unitPriceDecimal": "0.0125", "taxRate": 19, "customFields": {"colour": "red"}},
    ]
    body = patch(api, invoice, {"lineItems": {"present": True, "value": lines}}).json()
    blank = dict.fromkeys(body["lineItems"][0]) | {"customFields": {}}
    assert body["lineItems"] == [
        blank | lines[0] | {"unitPriceDecimal": "12.50"},
        blank | lines[1] | {"unitPrice": 1},
    ]
    assert Invoice.objects.get().edited_fields == ["line_items"]
    ((field, before, after),) = edits()
    assert (field, before[0]["description"], after) == ("line_items", "Screws", body["lineItems"])


@pytest.mark.parametrize("nothing", [None, []])
def test_no_line_items(api, invoice, nothing):
    assert patch(api, invoice, {"lineItems": nothing}).json()["lineItems"] == []
    assert not LineItem.objects.exists()


def test_what_get_shows_can_be_sent_back(api, invoice):
    shown = api.get(f"/v1/invoices/{invoice.id}").json()
    body = {name: shown[name] for name in [*REFERENCE_FIELDS, "lineItems", "metadata", "iban", "amountDue"]}
    assert patch(api, invoice, body).json() == shown
    assert edits() == []


def test_another_currency_restates_what_was_read_and_not_what_was_given(api, invoice):
    patch(api, invoice, {"subtotalAmount": 99})
    body = patch(api, invoice, {"currency": "JPY", "amountDue": 7}).json()
    amounts = {name: body[name] for name in ("subtotalAmount", "taxAmount", "totalAmount", "amountDue")}
    assert amounts == {"subtotalAmount": 99, "taxAmount": 19, "totalAmount": 119, "amountDue": 7}
    assert (body["lineItems"][0]["totalPrice"], body["taxBreakdown"][0]["amount"]) == (100, 19)
    back = patch(api, invoice, {"currency": "EUR"}).json()
    assert (back["totalAmount"], back["lineItems"][0]["unitPriceDecimal"]) == (11_900, "0.0500")


@pytest.mark.parametrize("code", ["UYW", "XDR", "XCG"])
def test_currencies_that_few_invoices_are_in(api, invoice, code):
    assert patch(api, invoice, {"currency": code}).json()["currency"] == code


def test_another_currency_keeps_given_prices_and_their_exact_form_together(api, invoice):
    patch(api, invoice, {"lineItems": [{"unitPrice": 1250}]})
    line = patch(api, invoice, {"currency": "JPY"}).json()["lineItems"][0]
    assert (line["unitPrice"], line["unitPriceDecimal"]) == (1250, "1250")


DEFINITION = {
    "type": "object",
    "properties": {
        "km": {"type": "integer"},
        "deposit": {"type": "integer", "x-money": True},
        "when": {"type": "string", "format": "date"},
        "paid": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        "code": {"type": "string", "pattern": "^C[0-9]+$"},
        "colour": {"type": "string", "x-line-item": True},
    },
}
NOTHING = {"km": None, "deposit": None, "when": None, "paid": None, "tags": None, "code": None}


@pytest.fixture
def fleet(tenant) -> Invoice:
    """An invoice that was read with a schema."""
    schema = Schema.objects.create(workspace=tenant.workspace, livemode=True, name="Fleet", definition=DEFINITION)
    return read(make_invoice(tenant, schema=schema))


def test_custom_fields_of_a_schema(api, fleet):
    given = {"km": 12, "deposit": 250, "when": "2026-05-01", "paid": False, "tags": ["b"], "code": "C7"}
    assert patch(api, fleet, {"customFields": given}).json()["customFields"] == given
    assert patch(api, fleet, {"customFields": {"km": 5}}).json()["customFields"] == NOTHING | {"km": 5}
    assert patch(api, fleet, {"customFields": None}).json()["customFields"] == NOTHING
    lines = [{"customFields": {"colour": "red"}}, {}]
    shown = patch(api, fleet, {"lineItems": lines}).json()["lineItems"]
    assert [line["customFields"] for line in shown] == [{"colour": "red"}, {"colour": None}]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("km", 1.5, "Give a whole number, or null."),
        ("km", "1", "Give a whole number, or null."),
        ("deposit", True, "Give a whole number in the smallest unit of the currency, or null."),
        ("when", "1.5.2026", "Give a date as YYYY-MM-DD, or null."),
        ("when", 20260501, "Give a date as YYYY-MM-DD, or null."),
        ("paid", "yes", "Give true or false, or null."),
        ("tags", "a", "Give a list of at most 100 values, each text of 1 to 10000 characters, or null."),
        ("tags", ["c"], "Give one of: a, b."),
        ("code", "D7", "The value does not match the schema's pattern ^C[0-9]+$"),
        ("colour", "red", "The schema has no such field. It has: code, deposit, km, paid, tags, when."),
    ],
)
def test_custom_fields_of_the_wrong_kind(api, fleet, name, value, message):
    response = patch(api, fleet, {"customFields": {name: value}})
    assert_refused(response, 400, "invalid_request_error", message, f"customFields.{name}")
    assert edits() == []


def test_query_count(api, invoice, django_assert_num_queries):
    # the key, the invoice, the row locked, its last reading, one edit written, the invoice written, the savepoint's
    # two, its duplicates, its lines; and for the event: both read again, the event before, this one, who wants it
    with django_assert_num_queries(15):
        patch(api, invoice, {"vendorName": "Muster AG"})


def test_an_unknown_query_parameter(api, invoice):
    response = patch(api, invoice, {"notes": "X"}, query_params={"x": "1"})
    assert_refused(response, 400, "invalid_request_error", "Unknown parameter. Known: none.", "x")
