import hashlib
import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction

from extraction import changes
from extraction.engine.errors import DamagedFile, FileTooLarge, TooManyPages
from extraction.models import ExtractionJob, Invoice, Schema
from extraction.services import create_invoice, wait_for_result
from tests.factories import PDF, job_of, looks_fine, make_invoice, make_tenant

pytestmark = pytest.mark.django_db


def stored_files(settings) -> list[Path]:
    return [p for p in Path(settings.STORAGES["default"]["OPTIONS"]["location"]).rglob("*") if p.is_file()]


def test_an_upload_becomes_an_invoice_a_file_and_a_job(settings):
    tenant = make_tenant()
    invoice = make_invoice(tenant, metadata={"order": "7"})
    stored = Invoice.objects.get()
    assert (stored.id, stored.status, stored.workspace, stored.livemode) == (
        invoice.id, "processing", tenant.workspace, True,
    )  # fmt: skip
    assert (stored.file_name, stored.content_type, stored.file_size) == ("bill.pdf", "application/pdf", len(PDF))
    assert stored.file_sha256 == hashlib.sha256(PDF).hexdigest()
    assert (stored.metadata, stored.page_count) == ({"order": "7"}, 1)
    assert stored.file_key == f"invoices/{tenant.workspace.id}/{invoice.id}"
    assert [file.read_bytes() for file in stored_files(settings)] == [PDF]
    job = job_of(invoice)
    assert (job.status, job.attempts, job.generation, job.priority) == ("queued", 0, 0, 1)


def test_the_content_decides_the_type_not_the_name():
    invoice = make_invoice(make_tenant(), file_name="bill.pdf", inspect=looks_fine("png"))
    assert (invoice.content_type, invoice.file_name) == ("image/png", "bill.pdf")


def refuse(data, limits):
    raise DamagedFile


def test_a_document_that_is_refused_leaves_nothing(settings):
    with pytest.raises(DamagedFile):
        make_invoice(make_tenant(), inspect=refuse)
    assert not Invoice.objects.exists()
    assert not stored_files(settings)


def test_a_file_over_the_limit_is_not_inspected(settings):
    settings.MAX_UPLOAD_BYTES = 10
    seen = []
    with pytest.raises(FileTooLarge):
        make_invoice(make_tenant(), data=b"x" * 11, inspect=lambda data, limits: seen.append(data))
    assert not seen
    assert not Invoice.objects.exists()
    assert not stored_files(settings)


def test_a_file_of_exactly_the_limit_passes(settings):
    settings.MAX_UPLOAD_BYTES = len(PDF)
    assert make_invoice(make_tenant()).file_size == len(PDF)


def test_more_pages_than_the_plan_allows_leave_nothing(settings):
    with pytest.raises(TooManyPages, match=r"^The Free plan takes single-page files; this one has 2\.$"):
        make_invoice(make_tenant(plan="free"), inspect=looks_fine(page_count=2))
    assert not Invoice.objects.exists()
    assert not stored_files(settings)


@pytest.mark.parametrize(("plan", "pages"), [("free", 1), ("starter", 50)])
def test_pages_within_the_plan_pass(plan, pages):
    assert make_invoice(make_tenant(plan=plan), inspect=looks_fine(page_count=pages)).page_count == pages


def test_a_failing_insert_takes_the_file_back(settings, monkeypatch):
    def fail(**kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(changes, "ExtractionJob", fail)
    with pytest.raises(DatabaseError):
        make_invoice(make_tenant())
    assert not Invoice.objects.exists()
    assert not stored_files(settings)


def test_a_worker_is_woken_after_the_commit_and_only_then(monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(changes, "wake_job", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        invoice = make_invoice(make_tenant())
        assert woken == []
    assert woken == [job_of(invoice)]


def test_the_default_schema_is_used_and_frozen():
    tenant = make_tenant()
    schema = Schema.objects.create(
        workspace=tenant.workspace, livemode=True, name="Fleet", is_default=True, definition={"type": "object"}
    )
    Schema.objects.create(workspace=tenant.workspace, livemode=False, name="Test", is_default=True)
    invoice = make_invoice(tenant)
    Schema.objects.all().update(name="Renamed", definition={})
    invoice.refresh_from_db()
    assert (invoice.schema, invoice.schema_name) == (schema, "Fleet")
    assert job_of(invoice).definition == {"type": "object"}


def test_a_chosen_schema_goes_before_the_default():
    tenant = make_tenant()
    Schema.objects.create(workspace=tenant.workspace, livemode=True, name="Default", is_default=True)
    chosen = Schema.objects.create(workspace=tenant.workspace, livemode=True, name="Chosen")
    assert make_invoice(tenant, schema=chosen).schema_name == "Chosen"


def test_plans_without_priority_queue_behind():
    assert job_of(make_invoice(make_tenant(plan="starter"))).priority == 0


def test_nul_characters_in_metadata_are_dropped():
    assert make_invoice(make_tenant(), metadata={"a\x00": "b\x00c"}).metadata == {"a": "bc"}


def test_waiting_ends_when_the_result_is_there():
    invoice = make_invoice(make_tenant())
    Invoice.objects.filter(pk=invoice.pk).update(status="succeeded")
    assert wait_for_result(invoice=invoice, seconds=30).status == "succeeded"


def test_waiting_gives_up_after_its_time():
    assert wait_for_result(invoice=make_invoice(make_tenant()), seconds=0.01).status == "processing"


@pytest.mark.django_db(transaction=True)
def test_waiting_sees_what_another_connection_commits():
    from django.db import connection

    invoice = make_invoice(make_tenant())

    def settle():
        Invoice.objects.filter(pk=invoice.pk).update(status="failed", error_code="no_text_found")
        connection.close()

    other = threading.Timer(0.2, settle)
    other.start()
    assert wait_for_result(invoice=invoice, seconds=20).error_code == "no_text_found"
    other.join()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_caller_leaves_no_row():
    tenant = make_tenant()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        create_invoice(tenant=tenant, file=ContentFile(PDF), file_name="a.pdf", inspect=looks_fine())
        raise ZeroDivisionError
    assert Invoice.objects.count() == ExtractionJob.objects.count() == 0
