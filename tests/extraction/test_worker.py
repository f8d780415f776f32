import threading

import pytest
from django.db import connection

from extraction import storage
from extraction.engine.errors import Crashed, NoTextFound, TimedOut
from extraction.models import ExtractionJob, Invoice
from extraction.tasks import run_job, sweep_jobs, sweep_orphan_files
from extraction.worker import work_once
from tests.factories import PDF, job_of, make_extraction, make_invoice, make_tenant

pytestmark = pytest.mark.django_db


def raising(error):
    def run(data, options):
        raise error

    return run


def test_the_engine_gets_the_bytes_and_the_limits(settings):
    invoice, seen = make_invoice(make_tenant()), []

    def run(data, options):
        seen.append((data, options.limits.max_pages, options.explain))
        return make_extraction()

    assert work_once(worker="w", run=run) is True
    invoice.refresh_from_db()
    assert seen == [(PDF, settings.MAX_PAGES, True)]
    assert (invoice.status, invoice.total_amount) == ("succeeded", 11900)
    assert job_of(invoice).engine_seconds >= 0


def test_without_work_nothing_is_run():
    assert work_once(worker="w", run=raising(AssertionError)) is False


@pytest.mark.parametrize("error", [NoTextFound(), TimedOut("Too slow.")])
def test_what_the_document_is_guilty_of_is_final(error):
    invoice = make_invoice(make_tenant())
    work_once(worker="w", run=raising(error))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_code, invoice.error_message) == ("failed", error.code, str(error))
    assert (job_of(invoice).status, job_of(invoice).attempts) == ("failed", 1)


@pytest.mark.parametrize("error", [Crashed(), OSError("store away"), MemoryError(), KeyError("bug")])
def test_an_accident_is_tried_again(error):
    invoice = make_invoice(make_tenant())
    work_once(worker="w", run=raising(error))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_code, job_of(invoice).status) == ("processing", "", "queued")
    ExtractionJob.objects.update(due_at=invoice.created_at)
    work_once(worker="w", run=lambda data, options: make_extraction())
    invoice.refresh_from_db()
    assert (invoice.status, job_of(invoice).attempts, job_of(invoice).last_error) == ("succeeded", 2, "")


def test_a_file_that_stays_away_ends_in_failure():
    invoice = make_invoice(make_tenant())
    storage.delete(invoice.file_key)
    for _ in range(3):
        ExtractionJob.objects.update(due_at=invoice.created_at)
        assert work_once(worker="w", run=raising(AssertionError)) is True
    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_code) == ("failed", "extraction_crashed")
    assert "FileNotFoundError" in ExtractionJob.objects.get().last_error


def test_a_result_that_cannot_be_stored_is_an_accident_not_a_crash():
    invoice = make_invoice(make_tenant())
    work_once(worker="w", run=lambda data, options: make_extraction(source="much too long a source", page_count=-1))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.page_count, invoice.line_items.count()) == ("processing", 1, 0)
    assert (job_of(invoice).status, job_of(invoice).result) == ("queued", None)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_engine_runs():
    make_invoice(make_tenant())
    seen = []

    def run(data, options):
        seen.append(connection.in_atomic_block)
        return make_extraction()

    work_once(worker="w", run=run)
    assert seen == [False]


def test_an_invoice_deleted_while_it_is_read_stays_deleted():
    invoice = make_invoice(make_tenant())

    def run(data, options):
        invoice.delete()
        return make_extraction()

    assert work_once(worker="w", run=run) is True
    assert Invoice.objects.count() == ExtractionJob.objects.count() == 0


def test_one_slot_of_a_worker_in_five_is_theirs_who_are_not_urgent(monkeypatch):
    plans = {plan: make_tenant(plan, plan=plan) for plan in ("free", "starter", "growth", "business")}
    waiting = ["free"] * 2 + ["starter"] * 2 + ["business"] * 6 + ["growth"] * 6
    names = {make_invoice(plans[plan]).pk: plan for plan in waiting}
    order = []

    monkeypatch.setattr("extraction.worker._slot", threading.local())
    read_before: set[str] = set()
    for _ in waiting:
        assert work_once(worker="w", run=lambda data, options: make_extraction())
        read = set(Invoice.objects.filter(status="succeeded").values_list("pk", flat=True))
        (done,) = read - read_before
        order.append("B" if names[done] in ("growth", "business") else "o")
        read_before = read
    assert "".join(order) == "oBBBBoBBBBoBBBBo"


def test_a_message_for_a_job_that_is_gone_or_taken_does_nothing():
    job = job_of(make_invoice(make_tenant()))
    ExtractionJob.objects.update(status="canceled")
    for job_id in (job.id, "job_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"):
        run_job.apply((job_id,), throw=True)
    assert job_of(job.invoice).attempts == 0


def test_the_sweeps_run_as_tasks():
    invoice = make_invoice(make_tenant())
    sweep_jobs.apply(throw=True)
    sweep_orphan_files.apply(throw=True)
    assert (job_of(invoice).status, storage.read(invoice.file_key)) == ("queued", PDF)
