"""duplicateOf: the earliest invoice with the same file, or with the same vendor, number and total."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from billing.tenant import Tenant
from extraction.changes import delete_invoice
from extraction.duplicates import original_of, with_originals
from extraction.models import Invoice
from tests.factories import make_extraction, make_field, make_invoice, make_tenant, read

pytestmark = pytest.mark.django_db


def originals() -> dict[str, str | None]:
    """By invoice, as a list shows them; looked up one by one they are the same."""
    shown = {invoice.id: original_of(invoice) for invoice in with_originals(Invoice.objects.all())}
    assert shown == {invoice.id: original_of(invoice) for invoice in Invoice.objects.all()}
    return shown


def test_the_same_file_of_one_workspace_and_mode():
    acme, other = make_tenant("Acme"), make_tenant("Other")
    first, second, third = (make_invoice(acme) for _ in range(3))
    different = make_invoice(acme, data=b"%PDF- something else")
    test_mode, foreign = make_invoice(Tenant(acme.workspace, livemode=False)), make_invoice(other)
    assert originals() == {
        first.id: None, second.id: first.id, third.id: first.id, different.id: None, test_mode.id: None,
        foreign.id: None,
    }  # fmt: skip


def test_the_same_vendor_number_and_total():
    tenant, other = make_tenant("Acme"), make_tenant("Other")
    first, second = make_invoice(tenant, data=b"%PDF-1"), make_invoice(tenant, data=b"%PDF-2")
    foreign, different = make_invoice(other, data=b"%PDF-3"), make_invoice(tenant, data=b"%PDF-4")
    for invoice in (first, second, foreign):
        read(invoice)
    read(different, fields=make_extraction().fields | {"invoice_number": make_field("R-1002")})
    assert originals() == {first.id: None, second.id: first.id, foreign.id: None, different.id: None}


@pytest.mark.parametrize("missing", ["invoice_number", "vendor_name", "total_amount"])
def test_what_was_not_read_makes_no_duplicates(missing):
    tenant = make_tenant()
    for data in (b"%PDF-1", b"%PDF-2"):
        read(make_invoice(tenant, data=data))
    Invoice.objects.update(**{missing: None})
    assert set(originals().values()) == {None}


def test_the_earliest_of_both_kinds():
    tenant = make_tenant()
    first, second, third = (make_invoice(tenant, data=data) for data in (b"%PDF-1", b"%PDF-2", b"%PDF-2"))
    for invoice in (first, second, third):
        read(invoice)
    assert originals() == {first.id: None, second.id: first.id, third.id: first.id}


def test_the_deletion_of_the_earliest_passes_its_part_on():
    tenant = make_tenant()
    first, second, third = (make_invoice(tenant) for _ in range(3))
    delete_invoice(invoice=first)
    assert originals() == {second.id: None, third.id: second.id}


def test_an_invoice_that_is_not_stored_repeats_nothing():
    assert original_of(Invoice()) is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_simultaneous_uploads_do_not_miss_each_other():
    tenant, uploads = make_tenant(livemode=False), 8  # live ones wait for each other: they share an account
    all_there = threading.Barrier(uploads)

    def upload(_: int) -> str:
        with transaction.atomic():
            invoice = make_invoice(tenant)
            all_there.wait(20)  # none has committed: none can see another
        connection.close()
        return invoice.id

    with ThreadPoolExecutor(uploads) as pool:
        first, *others = sorted(pool.map(upload, range(uploads)))
    assert originals() == {first: None} | dict.fromkeys(others, first)
