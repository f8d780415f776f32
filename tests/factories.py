"""Objects for tests: plain functions with defaults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from billing.models import Plan, Workspace
from billing.services import open_workspace
from billing.tenant import Tenant
from extraction import jobs
from extraction.engine.result import Check, Extraction, Field, LineItem, Provenance, Rejected, TaxLine, Value
from extraction.engine.words import Box
from extraction.models import ExtractionJob, Invoice, Schema
from extraction.schemas import create_schema
from extraction.services import create_invoice
from webhooks.events import record_event
from webhooks.models import Event, WebhookEndpoint

PDF = b"%PDF-1.7 not a real one, for a fake inspection\n"


def make_user(username: str = "alice") -> User:
    return User.objects.create_user(username=username, email=f"{username}@example.org")


def make_workspace(name: str = "Acme", *, plan: str = "business", owner: User | None = None) -> Workspace:
    if not Plan.objects.exists():  # a test with real transactions empties every table after itself, this one too
        import_module("billing.migrations.0002_plans").add_plans(apps, None)
    return open_workspace(name=name, plan=plan, owner=owner)


def make_tenant(name: str = "Acme", *, plan: str = "business", livemode: bool = True) -> Tenant:
    return Tenant(make_workspace(name, plan=plan), livemode)


def looks_fine(kind: str = "pdf", page_count: int = 1) -> Callable[..., Any]:
    """An inspection that finds nothing wrong, in place of the isolated one."""
    return lambda data, limits: SimpleNamespace(kind=kind, page_count=page_count)


def make_invoice(tenant: Tenant, *, data: bytes = PDF, file_name: str = "bill.pdf", **kwargs: Any) -> Invoice:
    kwargs.setdefault("inspect", looks_fine())
    return create_invoice(tenant=tenant, file=ContentFile(data), file_name=file_name, **kwargs)


def make_schema(tenant: Tenant, *, name: str = "Cargo", definition: Any = None, **kwargs: Any) -> Schema:
    """One string, `vessel`, or what `definition` says."""
    fields = {"type": "object", "properties": {"vessel": {"type": "string"}}}
    return create_schema(tenant=tenant, name=name, definition=definition or fields, **kwargs)


def job_of(invoice: Invoice) -> ExtractionJob:
    """Its newest job, as stored now."""
    return ExtractionJob.objects.filter(invoice=invoice).latest("id")


def make_field(value: Value, text: str = "", **provenance: Any) -> Field:
    rejected = provenance.pop("rejected", ())
    place = Provenance("text", text or str(value), page=1, box=Box(0.1, 0.2, 0.3, 0.25), **provenance)
    return Field(value, 0.9, place, rejected)


def make_extraction(**overrides: Any) -> Extraction:
    """A small invoice of 119.00 EUR with one line; `overrides` replace parts of it."""
    fields: dict[str, Value] = {
        "invoice_number": "R-1001",
        "vendor_name": "Muster GmbH",
        "invoice_date": date(2026, 4, 8),
        "currency": "EUR",
        "subtotal_amount": Decimal("100.00"),
        "tax_amount": Decimal("19.00"),
        "total_amount": Decimal("119.00"),
        "tax_rate": Decimal("19"),
    }
    cells: dict[str, Value] = {
        "description": "Screws",
        "quantity": Decimal("2000"),
        "unit_price": Decimal("0.0500"),
        "total_price": Decimal("100.00"),
        "tax_rate": Decimal("7.5"),
        "sku": "S-1",
    }
    parts: dict[str, Any] = {
        "source": "text",
        "document_type": "invoice",
        "page_count": 1,
        "fields": {name: make_field(value) for name, value in fields.items()},
        "line_items": (LineItem({name: make_field(value) for name, value in cells.items()}),),
        "tax_breakdown": (TaxLine(Decimal("19"), Decimal("100.00"), Decimal("19.00")),),
        "checks": (Check("total", True, "119.00", "119.00", (("subtotal", "100.00"), ("tax", "19.00"))),),
        "confidence": 0.9,
    }
    return Extraction(**{**parts, **overrides})


def read(invoice: Invoice, **overrides: Any) -> Invoice:
    """The invoice, read as `make_extraction` says."""
    claimed = jobs.claim(worker="test", now=timezone.now() + timedelta(seconds=1), job_id=job_of(invoice).id)
    assert claimed is not None and jobs.finish(claimed, make_extraction(**overrides))
    invoice.refresh_from_db()
    return invoice


def make_rejected(value: str, score: float = 0.4) -> Rejected:
    return Rejected(value, score, Provenance("text", value, page=1, box=Box(0.5, 0.5, 0.6, 0.52), label="Netto"))


def make_endpoint(tenant: Tenant, *, url: str = "https://hooks.example.com/in", **values: Any) -> WebhookEndpoint:
    """An endpoint that wants all events, or what `values` say."""
    from webhooks.endpoints import create_endpoint

    return create_endpoint(tenant=tenant, url=url, **values)[0]


def make_event(tenant: Tenant, type: str = "invoice.updated", *, subject: str = "") -> Event:
    """Something that happened to `subject`."""
    with transaction.atomic():
        return record_event(
            workspace=tenant.workspace, livemode=tenant.livemode, type=type, subject=subject, data={"id": subject}
        )
