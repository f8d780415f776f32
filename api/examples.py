"""One invoice as the OpenAPI document shows it: just accepted, and read."""

from __future__ import annotations

from typing import Any

_NOT_FOUND = (
    "invoiceNumber", "vendorName", "vendorEmail", "vendorPhone", "vendorTaxId", "vendorAddress", "customerName",
    "customerEmail", "customerPhone", "customerTaxId", "customerAddress", "invoiceDate", "dueDate",
    "subtotalAmount", "taxAmount", "totalAmount", "taxRate", "discountAmount", "discountPercent", "currency",
    "paymentTerms", "paymentMethod", "paymentStatus", "notes", "extractionConfidence", "extractionSchemaId",
    "extractionSchemaName",
)  # fmt: skip
ACCEPTED: dict[str, Any] = {
    "id": "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD",
    "status": "processing",
    **dict.fromkeys(_NOT_FOUND),
    "customFields": {},
    "lineItems": [],
    "error": None,
    "createdAt": "2026-04-08T09:30:00Z",
    "updatedAt": "2026-04-08T09:30:00Z",
    "object": "invoice",
    "created": 1775640600,
    "updated": 1775640600,
    "livemode": True,
    "pageCount": 1,
    "fileName": "invoice.pdf",
    "source": None,
    "documentType": None,
    "needsReview": False,
    "purchaseOrder": None,
    "iban": None,
    "bic": None,
    "shippingAmount": None,
    "amountPaid": None,
    "amountDue": None,
    "taxBreakdown": [],
    "metadata": {"order": "4711"},
    "duplicateOf": None,
}
SUCCEEDED: dict[str, Any] = ACCEPTED | {
    "status": "succeeded",
    "invoiceNumber": "R-1001",
    "vendorName": "Muster GmbH",
    "vendorEmail": "billing@muster.example",
    "vendorTaxId": "DE136695976",
    "customerName": "Acme B.V.",
    "invoiceDate": "2026-04-08",
    "dueDate": "2026-05-08",
    "subtotalAmount": 10000,
    "taxAmount": 1900,
    "totalAmount": 11900,
    "taxRate": 19,
    "currency": "EUR",
    "paymentStatus": "unpaid",
    "extractionConfidence": 0.97,
    "lineItems": [
        {
            "description": "Screws M4",
            "quantity": 2000,
            "unitPrice": 5,
            "totalPrice": 10000,
            "taxRate": 19,
            "taxAmount": 1900,
            "discountPercent": None,
            "discountAmount": None,
            "unitPriceDecimal": "0.0500",
            "sku": "S-M4",
            "unit": None,
            "customFields": {},
        }
    ],
    "updatedAt": "2026-04-08T09:30:02Z",
    "updated": 1775640602,
    "source": "text",
    "documentType": "invoice",
    "iban": "DE02120300000000202051",
    "amountDue": 11900,
    "taxBreakdown": [{"rate": 19, "base": 10000, "amount": 1900}],
}
REPROCESSING: dict[str, Any] = SUCCEEDED | {"status": "processing"}
PATCH: dict[str, Any] = {"vendorName": "Muster GmbH", "dueDate": "2026-05-08", "notes": None}
PATCH_WRAPPED: dict[str, Any] = {
    "vendorName": {"present": True, "value": "Muster GmbH"},
    "notes": {"present": True, "value": None},
}
LIST: dict[str, Any] = {
    "object": "list",
    "data": [SUCCEEDED],
    "has_more": True,
    "next_cursor": "eyJpZCI6Imludl8wMUhGQUI2WlEzSzdYOU4yVDRNNVk4UjBQRCJ9.Tq3",
    "nextCursor": "eyJpZCI6Imludl8wMUhGQUI2WlEzSzdYOU4yVDRNNVk4UjBQRCJ9.Tq3",
}
EXTRACTION: dict[str, Any] = {
    "object": "extraction",
    "invoice": ACCEPTED["id"],
    "fields": {
        "totalAmount": {
            "value": 11900,
            "confidence": 0.98,
            "page": 1,
            "box": [0.78, 0.71, 0.86, 0.725],
            "text": "119,00",
            "method": "text",
            "edited": False,
        }
    },
    "lineItems": [],
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
    "engine": {"version": "1", "model": "1"},
    "edits": [
        {
            "field": "vendorName",
            "from": "Muster GmbH Rechnung",
            "to": "Muster GmbH",
            "by": "key_01HFAB5T8N3Q6W9Z2V4C7X1M0K",
            "created": 1775644200,
            "createdAt": "2026-04-08T10:30:00Z",
        }
    ],
}
SCHEMA: dict[str, Any] = {
    "id": "sch_01HFAB5W2D8Q6T0V3N9K7M1R4X",
    "name": "Shipping",
    "description": "What the haulage desk needs",
    "isDefault": True,
    "definition": {
        "type": "object",
        "properties": {
            "vessel": {"type": "string", "x-labels": ["Vessel", "Schiff"]},
            "freight": {"type": "integer", "x-money": True},
            "lot": {"type": "string", "pattern": "^LOT-[0-9]{4}$", "x-line-item": True},
        },
        "required": ["vessel"],
    },
    "createdAt": "2026-04-01T08:00:00Z",
    "updatedAt": "2026-04-01T08:00:00Z",
    "object": "schema",
    "created": 1775030400,
    "updated": 1775030400,
    "livemode": True,
}
SCHEMA_LIST: dict[str, Any] = {
    "object": "list",
    "data": [SCHEMA],
    "has_more": False,
    "next_cursor": None,
    "nextCursor": None,
}
