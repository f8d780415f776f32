"""Every way in which a ledger can be wrong is found. SQLite and raw SQL write what the services never would."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from billing import credits
from billing.audit import ledger_faults
from billing.models import CreditAccount, CreditEntry
from extraction import jobs
from extraction.changes import delete_invoice, reprocess_invoice
from extraction.charges import charge_faults
from extraction.models import ExtractionJob, Invoice
from tests.factories import job_of, make_invoice, make_tenant, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant(db):
    """With an invoice that was read, one that failed and one that waits."""
    tenant = make_tenant()
    read(make_invoice(tenant))
    failing = make_invoice(tenant)
    claimed = jobs.claim(worker="w", now=timezone.now() + timedelta(seconds=1), job_id=job_of(failing).id)
    jobs.fail(claimed, code="no_text_found", message="No text.")
    make_invoice(tenant)
    assert all_faults() == []
    return tenant


@pytest.fixture
def final(db):
    """Entries can be changed for once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE billing_creditentry DISABLE TRIGGER billing_creditentry_is_final")


def all_faults() -> list[str]:
    return [*ledger_faults(), *charge_faults()]


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def number(kind: str, **values) -> int:
    return CreditEntry.objects.filter(kind=kind, **values).earliest("number").number


@pytest.mark.parametrize("column", ["subscription", "top_up", "reserved"])
def test_a_balance_that_was_changed_by_hand(tenant, column):
    sql(f"UPDATE billing_creditaccount SET {column} = {column} + 1")
    assert all_faults()[0].startswith(f"{tenant.workspace.pk}: {column} is ")


def test_an_entry_whose_balance_after_is_not_what_adds_up(tenant, final):
    sql("UPDATE billing_creditentry SET subscription_after = subscription_after - 1 WHERE number = 2")
    (fault,) = all_faults()
    assert re.fullmatch(rf"{tenant.workspace.pk}: entry 2 \(cre_\w+\) does not follow from those before it", fault)


def test_an_entry_that_is_gone(tenant, final):
    sql("DELETE FROM billing_creditentry WHERE number = %s", CreditEntry.objects.latest("number").number)
    assert f"{tenant.workspace.pk}: 6 entries were written, 5 are there" in all_faults()


def test_a_capture_of_less_than_was_held(tenant, final):
    sql("UPDATE billing_creditentry SET reserved = -2 WHERE kind = 'capture'")
    assert any("settles no hold of its own" in fault for fault in all_faults())


def test_a_release_that_gives_to_the_other_balance(tenant, final):
    sql("UPDATE billing_creditentry SET subscription = 0, top_up = 1 WHERE kind = 'release'")
    assert any("(release of job_" in fault and "settles no hold" in fault for fault in all_faults())


def test_something_read_that_was_not_paid_for(tenant):
    invoice = make_invoice(tenant)
    ExtractionJob.objects.filter(invoice=invoice).update(status="succeeded", result={})
    assert sorted(all_faults()) == sorted(
        [
            f"{invoice.pk}: read 1 times, paid 0 times",
            f"{tenant.workspace.pk}: 1 held for {job_of(invoice).pk} of {invoice.pk}, which has ended",
        ]
    )


def test_something_that_failed_and_was_not_released(tenant):
    invoice = make_invoice(tenant)
    ExtractionJob.objects.filter(invoice=invoice).update(status="failed")
    assert f"{invoice.pk}: failed 1 times, released 0 times" in all_faults()


def test_something_deleted_behind_the_back_of_the_service(tenant):
    invoice, job = make_invoice(tenant), None
    job = job_of(invoice).pk
    Invoice.objects.filter(pk=invoice.pk).delete()
    assert all_faults() == [f"{tenant.workspace.pk}: 1 held for {job} of {invoice.pk}, which has ended"]


def test_a_job_that_waits_for_nothing_held(tenant):
    invoice = Invoice.objects.filter(status="failed").get()
    job = ExtractionJob.objects.create(invoice=invoice)
    assert all_faults() == [f"{invoice.pk}: {job.pk} is queued, and nothing is held for it"]


def test_a_workspace_without_an_account(tenant, final):
    other = make_tenant("Other").workspace
    sql("DELETE FROM billing_creditentry WHERE account_id = %s", other.pk)
    sql("DELETE FROM billing_creditaccount WHERE workspace_id = %s", other.pk)
    assert all_faults() == [f"{other.pk}: has no account"]


def test_the_service_itself_leaves_nothing_to_find(tenant):
    failed, waiting = Invoice.objects.filter(status="failed").get(), Invoice.objects.filter(status="processing").get()
    good = Invoice.objects.filter(status="succeeded").get()
    for invoice in (failed, good):
        reprocess_invoice(invoice=invoice, actor="key_1")
        assert all_faults() == []
    delete_invoice(invoice=waiting)
    read(failed)
    read(good)
    assert all_faults() == []
    account = CreditAccount.objects.get()
    assert (account.subscription, account.reserved) == (5998, 0)
    assert not credits.open_holds().exists()


def test_test_mode_costs_nothing(db):
    tenant = make_tenant(livemode=False)
    read(make_invoice(tenant))
    delete_invoice(invoice=make_invoice(tenant))
    assert CreditEntry.objects.count() == 1
    assert all_faults() == []


@pytest.mark.django_db(transaction=True)
def test_the_command_says_so(capsys):
    tenant = make_tenant()
    read(make_invoice(tenant))
    call_command("ledger_check")
    assert capsys.readouterr().out == "Everything adds up: 1 accounts, 3 entries, 1 live invoices.\n"
    sql("UPDATE billing_creditaccount SET top_up = 7")
    with pytest.raises(CommandError, match=r"^1 faults in 1 accounts, 3 entries, 1 live invoices\.$"):
        call_command("ledger_check")
    assert capsys.readouterr().err == f"{tenant.workspace.pk}: top_up is 7, its entries add up to 0\n"
