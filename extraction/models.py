"""Invoices and what reads them: schemas, invoices, line items, jobs.

Money is in minor units of the invoice's currency; null means that the document does not say.
"""

# ruff: noqa: DJ001 - null and the empty string differ on the wire: not found is null (contract section 1)

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from billing.models import TenantOwned
from billing.tenant import M, TenantQuerySet
from invorec.lib.fields import IdField, Timestamped

NAME_LENGTH = 255


class Schema(TenantOwned):
    """Custom fields to read beside the standard ones: `definition` is a JSON Schema (contract section 9)."""

    id = IdField("sch")
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, default="")
    is_default = models.BooleanField(default=False)
    definition = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "livemode", "name"], name="schema_name_once"),
            models.UniqueConstraint(
                fields=["workspace", "livemode"], condition=Q(is_default=True), name="schema_one_default"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "livemode", "-created_at", "-id"], name="schema_list")]

    def __str__(self) -> str:
        return self.name


class Invoice(TenantOwned):
    """A document and what was read from it."""

    class Status(models.TextChoices):
        PROCESSING = "processing"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    class Source(models.TextChoices):
        EINVOICE = "einvoice"
        TEXT = "text"
        OCR = "ocr"

    class DocumentType(models.TextChoices):
        INVOICE = "invoice"
        CREDIT_NOTE = "credit_note"
        RECEIPT = "receipt"

    class PaymentStatus(models.TextChoices):
        PAID = "paid"
        UNPAID = "unpaid"
        PARTIAL = "partial"
        OVERDUE = "overdue"

    id = IdField("inv")
    status = models.CharField(max_length=12, choices=Status, default=Status.PROCESSING)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.TextField(blank=True, default="")

    file_name = models.CharField(max_length=NAME_LENGTH)  # the client's label, never a path
    file_key = models.CharField(max_length=NAME_LENGTH, blank=True, default="")  # empty once the file is gone
    file_sha256 = models.CharField(max_length=64)
    file_size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=60)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    schema = models.ForeignKey(Schema, on_delete=models.SET_NULL, null=True, blank=True, related_name="invoices")
    schema_name = models.CharField(max_length=120, null=True, blank=True)  # as it was when the document was read

    source = models.CharField(max_length=10, choices=Source, null=True, blank=True)
    document_type = models.CharField(max_length=12, choices=DocumentType, null=True, blank=True)
    needs_review = models.BooleanField(default=False)
    extraction_confidence = models.FloatField(null=True, blank=True)

    invoice_number = models.TextField(null=True, blank=True)
    vendor_name = models.TextField(null=True, blank=True)
    vendor_email = models.TextField(null=True, blank=True)
    vendor_phone = models.TextField(null=True, blank=True)
    vendor_tax_id = models.TextField(null=True, blank=True)
    vendor_address = models.TextField(null=True, blank=True)
    customer_name = models.TextField(null=True, blank=True)
    customer_email = models.TextField(null=True, blank=True)
    customer_phone = models.TextField(null=True, blank=True)
    customer_tax_id = models.TextField(null=True, blank=True)
    customer_address = models.TextField(null=True, blank=True)
    invoice_date = models.DateField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    subtotal_amount = models.BigIntegerField(null=True, blank=True)
    tax_amount = models.BigIntegerField(null=True, blank=True)
    total_amount = models.BigIntegerField(null=True, blank=True)
    tax_rate = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    discount_amount = models.BigIntegerField(null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, null=True, blank=True)
    payment_terms = models.TextField(null=True, blank=True)
    payment_method = models.TextField(null=True, blank=True)
    payment_status = models.CharField(max_length=10, choices=PaymentStatus, null=True, blank=True)
    notes = models.TextField(null=True, blank=True)
    purchase_order = models.TextField(null=True, blank=True)
    iban = models.TextField(null=True, blank=True)
    bic = models.TextField(null=True, blank=True)
    shipping_amount = models.BigIntegerField(null=True, blank=True)
    amount_paid = models.BigIntegerField(null=True, blank=True)
    amount_due = models.BigIntegerField(null=True, blank=True)
    tax_breakdown = models.JSONField(default=list, blank=True)  # [{rate: percent, base: minor, amount: minor}]
    custom_fields = models.JSONField(default=dict, blank=True)
    edited_fields = models.JSONField(default=list, blank=True)  # names of what people changed; a reprocess keeps it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["processing", "succeeded", "failed"]), name="invoice_status_known"
            ),
            models.CheckConstraint(condition=~Q(status="failed") | ~Q(error_code=""), name="invoice_failed_says_why"),
            models.CheckConstraint(
                condition=Q(extraction_confidence__gte=0, extraction_confidence__lte=1), name="invoice_confidence_0_1"
            ),
        ]
        indexes = [
            # GET /invoices, newest first, plain and by the filters that leave few
            models.Index(fields=["workspace", "livemode", "-created_at", "-id"], name="invoice_list"),
            models.Index(fields=["workspace", "livemode", "status", "-created_at", "-id"], name="invoice_list_status"),
            models.Index(fields=["workspace", "livemode", "vendor_name", "-created_at", "-id"], name="invoice_list_by"),
            models.Index(fields=["workspace", "livemode", "currency", "-created_at", "-id"], name="invoice_list_money"),
            models.Index(
                fields=["workspace", "livemode", "-created_at", "-id"],
                condition=Q(needs_review=True),
                name="invoice_list_review",
            ),
            models.Index(fields=["workspace", "livemode", "due_date"], name="invoice_list_due"),
            models.Index(fields=["workspace", "livemode", "file_sha256", "id"], name="invoice_same_file"),  # duplicates
            models.Index(fields=["workspace", "livemode", "invoice_number", "id"], name="invoice_same_number"),
            models.Index(fields=["file_key"], name="invoice_file"),  # sweep_orphan_files
        ]

    def __str__(self) -> str:
        return self.invoice_number or self.file_name

    def is_final(self) -> bool:
        """Whether nothing is being read any more."""
        return self.status != self.Status.PROCESSING


class InvoicePartQuerySet(TenantQuerySet[M]):
    """Rows owned through their invoice."""

    owner = "invoice__"


class LineItem(models.Model):
    """One line of an invoice. `unit_price_decimal` is exact, in major units; `unit_price` the same rounded."""

    id = IdField("lin")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="line_items", db_index=False)
    position = models.PositiveIntegerField()
    description = models.TextField(null=True, blank=True)
    quantity = models.DecimalField(max_digits=15, decimal_places=6, null=True, blank=True)
    unit_price = models.BigIntegerField(null=True, blank=True)
    unit_price_decimal = models.CharField(max_length=60, null=True, blank=True)
    total_price = models.BigIntegerField(null=True, blank=True)
    tax_rate = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    tax_amount = models.BigIntegerField(null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    discount_amount = models.BigIntegerField(null=True, blank=True)
    sku = models.TextField(null=True, blank=True)
    unit = models.TextField(null=True, blank=True)
    custom_fields = models.JSONField(default=dict, blank=True)

    objects = InvoicePartQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="line_item_position_once")]

    def __str__(self) -> str:
        return self.description or f"line {self.position}"


class Edit(models.Model):
    """One field that somebody changed: who, when, from what, to what (JSON, as on the wire)."""

    id = IdField("edt")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="edits")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.CharField(max_length=120)  # the id of a key, or of a user as user:1
    field = models.CharField(max_length=60)  # the column's name
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    objects = InvoicePartQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.field} by {self.actor}"


class ExtractionJob(Timestamped):
    """One reading of an invoice's document; the row is the job, a message only points at it.

    `generation` grows with every claim: a worker that lost its lease holds an old one and can change nothing.
    `result` is what the machine read, untouched by later corrections.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    id = IdField("job")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="jobs")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    priority = models.PositiveSmallIntegerField(default=0)  # greater goes first
    attempts = models.PositiveSmallIntegerField(default=0)
    generation = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # not before
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True, default="")
    engine_seconds = models.FloatField(null=True, blank=True)
    engine_version = models.CharField(max_length=60, blank=True, default="")
    engine_model = models.CharField(max_length=60, blank=True, default="")
    schema = models.ForeignKey(Schema, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    schema_name = models.CharField(max_length=120, null=True, blank=True)
    definition = models.JSONField(null=True, blank=True)  # the schema's, as it was when the job was made
    discards_edits_for = models.CharField(max_length=120, blank=True, default="")  # who wants that; empty: edits stay
    result = models.JSONField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    objects = InvoicePartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "succeeded", "failed", "canceled"]),
                name="job_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="running", lease_expires_at__isnull=False)
                | (~Q(status="running") & Q(lease_expires_at__isnull=True)),
                name="job_lease_while_running",
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(result__isnull=False), name="job_succeeded_has_result"
            ),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status__in=["queued", "running"]), name="job_one_open_per_invoice"
            ),
        ]
        indexes = [
            # jobs.claim: the most urgent first
            models.Index(fields=["-priority", "due_at", "id"], condition=Q(status="queued"), name="job_queue"),
            models.Index(fields=["lease_expires_at"], condition=Q(status="running"), name="job_leases"),  # jobs.sweep
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"
