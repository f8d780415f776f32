import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from extraction import jobs
from extraction.models import ExtractionJob, Invoice, LineItem
from extraction.tasks import run_job
from invorec.celery import app
from tests.factories import job_of, make_extraction, make_invoice, make_tenant

pytestmark = pytest.mark.django_db

SOON = timedelta(seconds=1)


def claim(now=None, **kwargs):
    return jobs.claim(worker="w1", now=now or timezone.now() + SOON, **kwargs)


def lease_over():
    return timezone.now() + timedelta(days=1)


def test_a_claim_takes_the_job_under_a_lease(settings):
    invoice, now = make_invoice(make_tenant()), timezone.now() + SOON
    claimed = claim(now)
    job = job_of(invoice)
    assert claimed == jobs.Claimed(
        job.id, invoice.id, invoice.file_key, 1, 1, file_name="bill.pdf", file_sha256=invoice.file_sha256
    )
    assert (job.status, job.worker, job.generation, job.attempts) == ("running", "w1", 1, 1)
    assert job.lease_expires_at == now + timedelta(seconds=settings.JOB_LEASE_S)
    assert settings.JOB_LEASE_S > settings.ENGINE_WALL_S


def test_a_job_is_claimed_once():
    make_invoice(make_tenant())
    assert claim() is not None
    assert claim() is None


def test_a_named_job_that_is_taken_gives_another():
    tenant = make_tenant()
    jobs_made = [job_of(make_invoice(tenant)).id for _ in range(3)]
    assert [claim(job_id=jobs_made[1]).job_id for _ in range(3)] == [jobs_made[1], jobs_made[0], jobs_made[2]]
    assert claim(job_id=jobs_made[1]) is None


def test_in_their_turn_the_oldest_that_is_not_urgent_goes_before_the_one_that_is_named():
    starter, business = make_tenant("S", plan="starter"), make_tenant("B", plan="business")
    ordinary, urgent = job_of(make_invoice(starter)).id, job_of(make_invoice(business)).id
    make_invoice(starter)
    assert claim(job_id=urgent, ordinary_first=True).job_id == ordinary
    assert claim(job_id=urgent).job_id == urgent
    assert claim(ordinary_first=True) is not None
    assert claim(ordinary_first=True) is None


def test_the_most_urgent_goes_first_then_the_oldest():
    starter, business = make_tenant("S", plan="starter"), make_tenant("B", plan="business")
    order = [make_invoice(starter), make_invoice(business), make_invoice(business), make_invoice(starter)]
    assert [claim().invoice_id for _ in order] == [order[i].id for i in (1, 2, 0, 3)]


def test_a_job_is_not_claimed_before_it_is_due():
    job = job_of(make_invoice(make_tenant()))
    assert claim(job.due_at - SOON) is None
    assert claim(job.due_at) is not None


def test_finishing_writes_fields_lines_and_the_machine_result():
    invoice, extraction = make_invoice(make_tenant()), make_extraction()
    assert jobs.finish(claim(), extraction, seconds=1.5) is True
    invoice.refresh_from_db()
    job = job_of(invoice)
    assert (invoice.status, invoice.total_amount, invoice.error_code) == ("succeeded", 11900, "")
    assert list(invoice.line_items.values_list("position", "description", "total_price")) == [(1, "Screws", 10000)]
    assert (job.status, job.result, job.engine_seconds) == ("succeeded", extraction.to_json(), 1.5)
    assert (job.lease_expires_at, job.engine_version != "", job.engine_model != "") == (None, True, True)


def test_failing_says_why():
    invoice = make_invoice(make_tenant())
    assert jobs.fail(claim(), code="no_text_found", message="No text.") is True
    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_code, invoice.error_message) == ("failed", "no_text_found", "No text.")
    assert (job_of(invoice).status, job_of(invoice).last_error) == ("failed", "no_text_found: No text.")


def test_a_second_reading_replaces_the_lines_and_a_failed_one_keeps_them():
    invoice = make_invoice(make_tenant())
    jobs.finish(claim(), make_extraction())
    ExtractionJob.objects.create(invoice=invoice)
    jobs.finish(claim(), make_extraction())
    assert LineItem.objects.count() == 1
    ExtractionJob.objects.create(invoice=invoice)
    jobs.fail(claim(), code="extraction_timed_out", message="Slow.")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.total_amount, invoice.error_code) == ("succeeded", 11900, "extraction_timed_out")
    assert LineItem.objects.count() == 1


def test_what_people_edited_survives_a_second_reading():
    invoice = make_invoice(make_tenant())
    jobs.finish(claim(), make_extraction())
    Invoice.objects.update(vendor_name="Mine", edited_fields=["vendor_name", "line_items"])
    LineItem.objects.update(description="Mine")
    ExtractionJob.objects.create(invoice=invoice)
    jobs.finish(claim(), make_extraction())
    invoice.refresh_from_db()
    assert (invoice.vendor_name, invoice.invoice_number) == ("Mine", "R-1001")
    assert [line.description for line in invoice.line_items.all()] == ["Mine"]


def test_a_worker_that_lost_its_lease_changes_nothing():
    invoice = make_invoice(make_tenant())
    lost = claim()
    jobs.sweep(now=lease_over())
    assert jobs.finish(lost, make_extraction()) is False  # put back, not yet taken again
    kept = claim(lease_over())
    for settle in (
        lambda: jobs.finish(lost, make_extraction()),
        lambda: jobs.fail(lost, code="no_text_found", message="No."),
        lambda: jobs.retry_later(lost, now=timezone.now(), reason="late"),
    ):
        assert settle() is False
    invoice.refresh_from_db()
    assert (invoice.status, invoice.total_amount, LineItem.objects.count()) == ("processing", None, 0)
    assert (job_of(invoice).status, job_of(invoice).generation) == ("running", 2)
    assert jobs.finish(kept, make_extraction()) is True


def test_settling_twice_counts_once():
    invoice = make_invoice(make_tenant())
    claimed = claim()
    jobs.finish(claimed, make_extraction())
    assert jobs.fail(claimed, code="no_text_found", message="No.") is False
    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_code) == ("succeeded", "")


def test_a_deleted_invoice_ends_its_reading():
    invoice = make_invoice(make_tenant())
    claimed = claim()
    invoice.delete()
    assert jobs.finish(claimed, make_extraction()) is False
    assert Invoice.objects.count() == ExtractionJob.objects.count() == LineItem.objects.count() == 0


def test_accidents_are_tried_again_three_times_in_all():
    invoice = make_invoice(make_tenant())
    now = timezone.now()
    for attempt, pause in ((1, 5), (2, 20)):
        jobs.retry_later(claim(lease_over()), now=now, reason="store away")
        job = job_of(invoice)
        assert (job.status, job.attempts, job.due_at) == ("queued", attempt, now + timedelta(seconds=pause))
        assert job.last_error == "store away"
    jobs.retry_later(claim(lease_over()), now=now, reason="store away")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_code) == ("failed", "extraction_crashed")
    assert (job_of(invoice).status, job_of(invoice).attempts) == ("failed", 3)


def test_the_sweep_puts_back_what_dead_workers_held_until_the_attempts_are_used():
    invoice = make_invoice(make_tenant())
    now = timezone.now() + SOON
    for attempts, after in ((1, "queued"), (2, "queued"), (3, "failed")):
        claim(now)
        now += timedelta(days=1)
        assert jobs.sweep(now=now) > 0
        assert (job_of(invoice).status, job_of(invoice).attempts) == (after, attempts)
    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_code) == ("failed", "extraction_crashed")


def test_the_sweep_leaves_a_running_job_alone():
    invoice = make_invoice(make_tenant())
    claim()
    assert jobs.sweep(now=timezone.now()) == 0
    assert job_of(invoice).status == "running"


def test_the_sweep_wakes_what_has_been_due_for_a_while(monkeypatch):
    woken = []
    monkeypatch.setattr(jobs, "wake_job", woken.append)
    job = job_of(make_invoice(make_tenant()))
    jobs.sweep(now=job.due_at + SOON)
    assert woken == []
    jobs.sweep(now=job.due_at + timedelta(seconds=11))
    assert woken == [job]


def test_a_broker_that_is_down_costs_nothing_but_a_log_line(settings, monkeypatch, caplog):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    job = job_of(make_invoice(make_tenant()))
    with app.connection(settings.CELERY_BROKER_URL, connect_timeout=1) as dead:
        monkeypatch.setattr(run_job, "apply_async", partial(run_job.apply_async, connection=dead, retry=False))
        jobs.wake_job(job)
    assert "job_not_woken" in caplog.text
    assert job_of(job.invoice).status == "queued"


def test_without_a_broker_nobody_is_called(monkeypatch, settings):
    settings.CELERY_BROKER_URL = ""
    monkeypatch.setattr(run_job, "apply_async", lambda *args, **kwargs: pytest.fail("called"))
    jobs.wake_job(job_of(make_invoice(make_tenant())))


@pytest.mark.parametrize(("plan", "priority"), [("business", 0), ("starter", 6)])
def test_urgent_messages_go_first(settings, monkeypatch, plan, priority):
    settings.CELERY_BROKER_URL, sent = "redis://somewhere", []
    monkeypatch.setattr(run_job, "apply_async", lambda args, **options: sent.append((args, options)))
    job = job_of(make_invoice(make_tenant(plan=plan)))
    jobs.wake_job(job)
    assert sent == [((job.id,), {"expires": 60, "priority": priority})]


def test_an_invoice_has_one_open_job():
    invoice = make_invoice(make_tenant())
    with pytest.raises(IntegrityError), transaction.atomic():
        ExtractionJob.objects.create(invoice=invoice)
    assert ExtractionJob.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_the_jobs_without_a_double():
    tenant, count, workers = make_tenant(), 12, 4
    for _ in range(count):
        make_invoice(tenant)
    start = threading.Barrier(workers)

    def work(number):
        start.wait()
        taken = []
        while claimed := jobs.claim(worker=f"w{number}", now=timezone.now() + SOON):
            taken.append(claimed.job_id)
        connection.close()
        return taken

    with ThreadPoolExecutor(workers) as pool:
        taken = [job_id for batch in pool.map(work, range(workers)) for job_id in batch]
    assert sorted(taken) == sorted(ExtractionJob.objects.values_list("id", flat=True))
    assert set(ExtractionJob.objects.values_list("generation", "attempts")) == {(1, 1)}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_transaction_holds_is_stepped_over():
    tenant = make_tenant()
    held, free = job_of(make_invoice(tenant)), job_of(make_invoice(tenant))
    locked, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            ExtractionJob.objects.select_for_update().get(pk=held.pk)
            locked.set()
            done.wait(20)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert locked.wait(20)
    assert claim().job_id == free.id
    assert claim() is None
    done.set()
    other.join()
