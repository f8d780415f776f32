"""The body of PATCH /invoices/{id}: each field as a plain value or as {"present": true, "value": …}."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from extraction.custom_edits import MAX_VALUES, checked_custom
from extraction.engine.custom.definition import MAX_FIELDS, MAX_NAME, CustomDefinition
from extraction.models import Invoice
from extraction.patch_fields import (
    Given,
    GivenCurrency,
    GivenDay,
    GivenExactPrice,
    GivenLongText,
    GivenMoney,
    GivenPairs,
    GivenPercent,
    GivenQuantity,
    GivenText,
)
from extraction.results import LONG_TEXT
from invorec.lib.bodies import KnownFields, PatchFields

MAX_LINES = 1000


PLAIN = {"type": ["string", "number", "boolean"], "maxLength": LONG_TEXT}


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MAX_FIELDS,
        "propertyNames": {"minLength": 1, "maxLength": MAX_NAME},
        "additionalProperties": {
            "anyOf": [PLAIN, {"type": "array", "maxItems": MAX_VALUES, "items": PLAIN}, {"type": "null"}]
        },
    }
)
class GivenCustom(Given):
    """Custom fields: replaces all; those of the schema that are left out become null.

    `context[kind]` holds their definitions, a list that is empty without a schema.
    """

    kind: ClassVar[str] = "header"

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        definitions: Sequence[CustomDefinition] = self.context.get("definitions", ())
        return checked_custom(data, [one for one in definitions if one.line_item == (self.kind == "line")])


class GivenLineCustom(GivenCustom):
    """Custom fields of one line."""

    kind = "line"


class GivenStatus(serializers.ChoiceField):
    """A payment status."""

    def __init__(self, **kwargs: Any) -> None:
        known = ", ".join(Invoice.PaymentStatus.values)
        super().__init__(
            choices=Invoice.PaymentStatus.values,
            required=False,
            allow_null=True,
            error_messages={"invalid_choice": f"Give one of {known}, or null."},
            **kwargs,
        )


class LineItemPatchSerializer(KnownFields):
    """One line, whole: what is left out is null. Of the two unit prices one is enough; the other follows."""

    description = GivenLongText()
    quantity = GivenQuantity()
    unitPrice = GivenMoney(source="unit_price")
    totalPrice = GivenMoney(source="total_price")
    taxRate = GivenPercent(source="tax_rate")
    taxAmount = GivenMoney(source="tax_amount")
    discountPercent = GivenPercent(source="discount_percent")
    discountAmount = GivenMoney(source="discount_amount")
    unitPriceDecimal = GivenExactPrice(source="unit_price_decimal")
    sku = GivenText()
    unit = GivenText()
    customFields = GivenLineCustom(source="custom_fields")


class InvoicePatchSerializer(PatchFields):
    """What may be changed by hand. A field that is absent stays; null clears it."""

    maps = frozenset({"customFields", "metadata"})

    invoiceNumber = GivenText(source="invoice_number")
    invoiceDate = GivenDay(source="invoice_date")
    dueDate = GivenDay(source="due_date")
    vendorName = GivenText(source="vendor_name")
    vendorEmail = GivenText(source="vendor_email")
    vendorPhone = GivenText(source="vendor_phone")
    vendorTaxId = GivenText(source="vendor_tax_id")
    vendorAddress = GivenText(source="vendor_address")
    customerName = GivenText(source="customer_name")
    customerEmail = GivenText(source="customer_email")
    customerPhone = GivenText(source="customer_phone")
    customerTaxId = GivenText(source="customer_tax_id")
    customerAddress = GivenText(source="customer_address")
    subtotalAmount = GivenMoney(source="subtotal_amount")
    taxAmount = GivenMoney(source="tax_amount")
    totalAmount = GivenMoney(source="total_amount")
    taxRate = GivenPercent(source="tax_rate")
    discountAmount = GivenMoney(source="discount_amount")
    discountPercent = GivenPercent(source="discount_percent")
    currency = GivenCurrency()
    paymentTerms = GivenLongText(source="payment_terms")
    paymentMethod = GivenText(source="payment_method")
    paymentStatus = GivenStatus(source="payment_status")
    notes = GivenLongText()
    customFields = GivenCustom(source="custom_fields")
    purchaseOrder = GivenText(source="purchase_order")
    iban = GivenText()
    bic = GivenText()
    shippingAmount = GivenMoney(source="shipping_amount")
    amountPaid = GivenMoney(source="amount_paid")
    amountDue = GivenMoney(source="amount_due")
    lineItems = LineItemPatchSerializer(  # type: ignore[call-arg]
        source="line_items", many=True, required=False, allow_null=True, max_length=MAX_LINES
    )
    metadata = GivenPairs()
