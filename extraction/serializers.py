"""The invoice on the wire: the reference's fields in its order, then ours (contract section 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from extraction.duplicates import original_of
from extraction.models import Invoice, LineItem, Schema
from invorec.lib.wire import IsoTime, Number, ObjectType, Shown, UnixTime

LINES = "lines_to_show"


def with_lines(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """The same rows, each with its lines, in one further query. As a list: a queryset each, as prefetch_related makes
    by itself, costs as much as showing them."""
    return rows.prefetch_related(Prefetch("line_items", to_attr=LINES))


class Text(serializers.CharField):
    """A text of the document, null where it was not found."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)


class Money(serializers.IntegerField):
    """An amount in the smallest unit of the invoice's currency, null where it was not found."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)


class Day(serializers.DateField):
    """A business date, YYYY-MM-DD, null where it was not found."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)


class LineItemSerializer(Shown[LineItem]):
    """One line of an invoice."""

    description = Text()
    quantity = Number(allow_null=True)
    unitPrice = Money(source="unit_price")
    totalPrice = Money(source="total_price")
    taxRate = Number(source="tax_rate", allow_null=True)
    taxAmount = Money(source="tax_amount")
    discountPercent = Number(source="discount_percent", allow_null=True)
    discountAmount = Money(source="discount_amount")
    unitPriceDecimal = Text(source="unit_price_decimal", help_text="Exact, in major units.")
    sku = Text()
    unit = Text()
    customFields = serializers.DictField(source="custom_fields", read_only=True)


class InvoiceErrorSerializer(serializers.Serializer[Any]):
    """Why a document could not be read."""

    code = serializers.CharField(read_only=True)
    message = serializers.CharField(read_only=True)


class TaxLineSerializer(serializers.Serializer[Any]):
    """One row of the tax breakdown."""

    rate = Number(allow_null=True, help_text="Percent.")
    base = Money()
    amount = Money()


class InvoiceSerializer(Shown[Invoice]):
    """A document and what was read from it."""

    # Line items come from the database, by `with_lines` where there are many invoices, or from context["line_items"]
    # for an invoice that is not stored.

    id = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(read_only=True, choices=Invoice.Status.choices)
    invoiceNumber = Text(source="invoice_number")
    vendorName = Text(source="vendor_name")
    vendorEmail = Text(source="vendor_email")
    vendorPhone = Text(source="vendor_phone")
    vendorTaxId = Text(source="vendor_tax_id")
    vendorAddress = Text(source="vendor_address")
    customerName = Text(source="customer_name")
    customerEmail = Text(source="customer_email")
    customerPhone = Text(source="customer_phone")
    customerTaxId = Text(source="customer_tax_id")
    customerAddress = Text(source="customer_address")
    invoiceDate = Day(source="invoice_date")
    dueDate = Day(source="due_date")
    subtotalAmount = Money(source="subtotal_amount")
    taxAmount = Money(source="tax_amount")
    totalAmount = Money(source="total_amount")
    taxRate = Number(source="tax_rate", allow_null=True, help_text="Percent.")
    discountAmount = Money(source="discount_amount")
    discountPercent = Number(source="discount_percent", allow_null=True)
    currency = Text(help_text="ISO 4217.")
    paymentTerms = Text(source="payment_terms")
    paymentMethod = Text(source="payment_method")
    paymentStatus = serializers.ChoiceField(
        source="payment_status", read_only=True, allow_null=True, choices=Invoice.PaymentStatus.choices
    )
    notes = Text()
    extractionConfidence = serializers.FloatField(source="extraction_confidence", read_only=True, allow_null=True)
    extractionSchemaId = Text(source="schema_id")
    extractionSchemaName = Text(source="schema_name")
    customFields = serializers.DictField(source="custom_fields", read_only=True)
    lineItems = serializers.SerializerMethodField(method_name="get_line_items")
    error = serializers.SerializerMethodField()
    createdAt = IsoTime(source="created_at")
    updatedAt = IsoTime(source="updated_at")

    object = ObjectType("invoice")
    created = UnixTime(source="created_at")
    updated = UnixTime(source="updated_at")
    livemode = serializers.BooleanField(read_only=True)
    pageCount = serializers.IntegerField(source="page_count", read_only=True, allow_null=True)
    fileName = serializers.CharField(source="file_name", read_only=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        read_only=True, allow_null=True, choices=Invoice.Source.choices
    )
    documentType = serializers.ChoiceField(
        source="document_type", read_only=True, allow_null=True, choices=Invoice.DocumentType.choices
    )
    needsReview = serializers.BooleanField(source="needs_review", read_only=True)
    purchaseOrder = Text(source="purchase_order")
    iban = Text()
    bic = Text()
    shippingAmount = Money(source="shipping_amount")
    amountPaid = Money(source="amount_paid")
    amountDue = Money(source="amount_due")
    taxBreakdown = serializers.SerializerMethodField(method_name="get_tax_breakdown")
    metadata = serializers.DictField(read_only=True, child=serializers.CharField())
    duplicateOf = serializers.SerializerMethodField(method_name="get_duplicate_of")

    @extend_schema_field(LineItemSerializer(many=True))
    def get_line_items(self, invoice: Invoice) -> Any:
        lines: Sequence[LineItem] | None = self.context.get("line_items", getattr(invoice, LINES, None))
        shown: Any = invoice.line_items.all() if lines is None else lines
        one = LineItemSerializer()
        return [one.to_representation(line) for line in shown]

    @extend_schema_field(InvoiceErrorSerializer(allow_null=True))
    def get_error(self, invoice: Invoice) -> dict[str, str] | None:
        return {"code": invoice.error_code, "message": invoice.error_message} if invoice.error_code else None

    def get_duplicate_of(self, invoice: Invoice) -> str | None:
        return original_of(invoice)

    @extend_schema_field(TaxLineSerializer(many=True))
    def get_tax_breakdown(self, invoice: Invoice) -> Any:
        return invoice.tax_breakdown


class SchemaSerializer(Shown[Schema]):
    """Custom fields that a workspace wants read."""

    id = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    isDefault = serializers.BooleanField(source="is_default", read_only=True)
    definition = serializers.DictField(read_only=True)
    createdAt = IsoTime(source="created_at")
    updatedAt = IsoTime(source="updated_at")
    object = ObjectType("schema")
    created = UnixTime(source="created_at")
    updated = UnixTime(source="updated_at")
    livemode = serializers.BooleanField(read_only=True)
