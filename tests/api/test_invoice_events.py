"""Every change of an invoice has its event, in the same transaction, with the invoice as it may be read."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from extraction import jobs
from extraction.changes import delete_invoice, reprocess_invoice
from extraction.edits import edit_invoice
from extraction.engine.errors import Crashed
from extraction.models import Invoice
from extraction.worker import work_once
from tests.factories import make_extraction, make_field, make_invoice
from webhooks.models import Event

pytestmark = pytest.mark.django_db


def read(extraction=None) -> None:
    assert work_once(worker="w", run=lambda data, options: extraction or make_extraction())


def happened(invoice) -> list[str]:
    return list(Event.objects.filter(subject=invoice.pk).order_by("id").values_list("type", flat=True))


def data_of(invoice, kind: str) -> dict:
    return json.loads(Event.objects.filter(subject=invoice.pk, type=f"invoice.{kind}").latest("id").body)["data"]


def test_a_life_told_by_its_events(tenant):
    invoice = make_invoice(tenant)
    read()
    edit_invoice(invoice=invoice, given={"vendorName": "Other", "lineItems": [{"description": "x"}]}, actor="a")
    reprocess_invoice(invoice=invoice, actor="a")
    read()
    delete_invoice(invoice=invoice)
    life = ["created", "succeeded", "updated", "updated", "succeeded", "deleted"]
    assert happened(invoice) == [f"invoice.{what}" for what in life]


def test_a_reading_that_fails_says_so_even_where_the_earlier_result_stands(tenant):
    invoice = make_invoice(tenant)
    read()
    reprocess_invoice(invoice=invoice, actor="a")
    claimed = jobs.claim(worker="w", now=timezone.now())
    assert jobs.fail(claimed, code=Crashed.code, message="No.")
    assert happened(invoice)[-1] == "invoice.failed"
    data = data_of(invoice, "failed")
    assert data["status"] == "succeeded" and data["error"]["code"] == Crashed.code


@pytest.mark.parametrize("what", ["created", "succeeded", "updated", "deleted"])
def test_the_data_is_what_the_api_answers_at_that_moment(api, tenant, what):
    extraction = make_extraction(fields={"notes": make_field("a\0b"), "tax_rate": make_field(Decimal("19.123456"))})
    make_invoice(tenant)
    invoice = make_invoice(tenant)

    def answer() -> dict:
        return api.get(f"/v1/invoices/{invoice.pk}").json()

    if what != "created":
        read()
        read(extraction)
    if what == "updated":
        edit_invoice(invoice=invoice, given={"totalAmount": 5, "lineItems": [{"quantity": 1.5}]}, actor="a")
    shown = answer()
    if what == "deleted":
        delete_invoice(invoice=invoice)
    assert data_of(invoice, what) == shown


def test_an_edit_that_changes_nothing_is_no_event(tenant):
    invoice = make_invoice(tenant)
    read()
    edit_invoice(invoice=invoice, given={"vendorName": "Muster GmbH"}, actor="a")
    assert happened(invoice) == ["invoice.created", "invoice.succeeded"]


def test_a_change_that_is_undone_leaves_no_event(tenant):
    invoice = make_invoice(tenant)
    with pytest.raises(RuntimeError), transaction.atomic():
        delete_invoice(invoice=invoice)
        raise RuntimeError
    assert happened(invoice) == ["invoice.created"]
    assert Invoice.objects.filter(pk=invoice.pk).exists()
