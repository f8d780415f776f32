from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from extraction import jobs
from extraction.engine.result import CustomField
from extraction.models import Invoice, Schema
from extraction.results import apply_extraction
from extraction.serializers import InvoiceSerializer, SchemaSerializer
from tests.factories import make_extraction, make_field, make_invoice, make_tenant

MOMENT = datetime(2026, 4, 8, 12, 0, 0, 999_999, tzinfo=UTC)
# the object of the published reference, in its order
REFERENCE = (
    "id status invoiceNumber vendorName vendorEmail vendorPhone vendorTaxId vendorAddress customerName customerEmail "
    "customerPhone customerTaxId customerAddress invoiceDate dueDate subtotalAmount taxAmount totalAmount taxRate "
    "discountAmount discountPercent currency paymentTerms paymentMethod paymentStatus notes extractionConfidence "
    "extractionSchemaId extractionSchemaName customFields lineItems error createdAt updatedAt"
)
ADDED = (
    "object created updated livemode pageCount fileName source documentType needsReview purchaseOrder iban bic "
    "shippingAmount amountPaid amountDue taxBreakdown metadata duplicateOf"
)
LINE = "description quantity unitPrice totalPrice taxRate taxAmount discountPercent discountAmount"


def unsaved() -> tuple[Invoice, list]:
    invoice = Invoice(
        id="inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", status="succeeded", livemode=False, file_name="bill.pdf",
        created_at=MOMENT, updated_at=MOMENT, metadata={"order": "7"},
    )  # fmt: skip
    km = CustomField("integer", False, (make_field(Decimal(12)),))
    lines = apply_extraction(invoice, make_extraction(custom={"km": km}, custom_lines=({"km": km},)))
    invoice.due_date, invoice.discount_percent, invoice.amount_paid = date(2026, 5, 8), Decimal("2.5000"), -1
    return invoice, lines


def test_the_whole_object_of_an_invoice_that_is_not_stored():
    invoice, lines = unsaved()
    assert InvoiceSerializer(invoice, context={"line_items": lines}).data == {
        "id": "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD",
        "status": "succeeded",
        "invoiceNumber": "R-1001",
        "vendorName": "Muster GmbH",
        "vendorEmail": None,
        "vendorPhone": None,
        "vendorTaxId": None,
        "vendorAddress": None,
        "customerName": None,
        "customerEmail": None,
        "customerPhone": None,
        "customerTaxId": None,
        "customerAddress": None,
        "invoiceDate": "2026-04-08",
        "dueDate": "2026-05-08",
        "subtotalAmount": 10000,
        "taxAmount": 1900,
        "totalAmount": 11900,
        "taxRate": 19,
        "discountAmount": None,
        "discountPercent": 2.5,
        "currency": "EUR",
        "paymentTerms": None,
        "paymentMethod": None,
        "paymentStatus": None,
        "notes": None,
        "extractionConfidence": 0.9,
        "extractionSchemaId": None,
        "extractionSchemaName": None,
        "customFields": {"km": 12},
        "lineItems": [
            {
                "description": "Screws",
                "quantity": 2000,
                "unitPrice": 5,
                "totalPrice": 10000,
                "taxRate": 7.5,
                "taxAmount": None,
                "discountPercent": None,
                "discountAmount": None,
                "unitPriceDecimal": "0.0500",
                "sku": "S-1",
                "unit": None,
                "customFields": {"km": 12},
            }
        ],
        "error": None,
        "createdAt": "2026-04-08T12:00:00Z",
        "updatedAt": "2026-04-08T12:00:00Z",
        "object": "invoice",
        "created": 1775649600,
        "updated": 1775649600,
        "livemode": False,
        "pageCount": 1,
        "fileName": "bill.pdf",
        "source": "text",
        "documentType": "invoice",
        "needsReview": False,
        "purchaseOrder": None,
        "iban": None,
        "bic": None,
        "shippingAmount": None,
        "amountPaid": -1,
        "amountDue": None,
        "taxBreakdown": [{"rate": 19, "base": 10000, "amount": 1900}],
        "metadata": {"order": "7"},
        "duplicateOf": None,
    }


def test_the_fields_stand_in_the_order_of_the_reference_and_ours_follow():
    invoice, lines = unsaved()
    shown = InvoiceSerializer(invoice, context={"line_items": lines}).data
    assert list(shown) == f"{REFERENCE} {ADDED}".split()
    assert list(shown["lineItems"][0]) == [*LINE.split(), "unitPriceDecimal", "sku", "unit", "customFields"]


@pytest.mark.django_db
def test_a_new_invoice_has_nothing_but_its_file():
    shown = InvoiceSerializer(make_invoice(make_tenant())).data
    assert (shown["status"], shown["lineItems"], shown["customFields"]) == ("processing", [], {})
    assert (shown["totalAmount"], shown["vendorName"], shown["error"]) == (None, None, None)
    assert (shown["source"], shown["documentType"], shown["extractionConfidence"]) == (None, None, None)
    assert (shown["pageCount"], shown["taxBreakdown"], shown["livemode"]) == (1, [], True)


@pytest.mark.django_db
def test_a_stored_result_shows_as_an_unstored_one_does():
    tenant = make_tenant()
    invoice = make_invoice(tenant)
    km = CustomField("integer", False, (make_field(Decimal(12)),))
    extraction = make_extraction(custom={"km": km}, custom_lines=({"km": km},))
    jobs.finish(jobs.claim(worker="w", now=timezone.now()), extraction)
    stored = InvoiceSerializer(Invoice.objects.visible_to(tenant).get()).data
    lines = apply_extraction(invoice, extraction)
    invoice.status = "succeeded"
    assert {**stored, "updatedAt": None, "updated": None} == {
        **InvoiceSerializer(invoice, context={"line_items": lines}).data, "updatedAt": None, "updated": None,
    }  # fmt: skip


@pytest.mark.django_db
def test_a_failure_has_code_and_message_and_a_copy_names_its_original():
    tenant = make_tenant()
    first, second = make_invoice(tenant), make_invoice(tenant)
    second.status, second.error_code, second.error_message = "failed", "not_an_invoice", "No invoice."
    shown = InvoiceSerializer(second).data
    assert (shown["error"], shown["duplicateOf"]) == ({"code": "not_an_invoice", "message": "No invoice."}, first.id)


def test_a_schema_has_both_forms_of_time():
    schema = Schema(
        id="sch_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", name="Fleet", is_default=True, definition={"type": "object"},
        livemode=True, created_at=MOMENT, updated_at=MOMENT,
    )  # fmt: skip
    assert list(SchemaSerializer(schema).data.items()) == [
        ("id", "sch_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"),
        ("name", "Fleet"),
        ("description", ""),
        ("isDefault", True),
        ("definition", {"type": "object"}),
        ("createdAt", "2026-04-08T12:00:00Z"),
        ("updatedAt", "2026-04-08T12:00:00Z"),
        ("object", "schema"),
        ("created", 1775649600),
        ("updated", 1775649600),
        ("livemode", True),
    ]
