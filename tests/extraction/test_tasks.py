"""The path of production: a commit sends a message through Redis, and a Celery worker reads the document."""

import time

import pytest
from celery.contrib.testing.worker import start_worker

from extraction import jobs, worker
from extraction.models import ExtractionJob, Invoice
from invorec.celery import app
from tests.factories import job_of, make_extraction, make_invoice, make_tenant

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def celery_worker(monkeypatch):
    """A worker in a thread of this process. Messages that other tests left name jobs that are gone."""
    monkeypatch.setattr(worker, "extract_isolated", lambda data, options: make_extraction())
    with start_worker(app, pool="solo", perform_ping_check=False):
        yield


def final(invoice):
    deadline = time.monotonic() + 30
    while not Invoice.objects.get(pk=invoice.pk).is_final():
        assert time.monotonic() < deadline, job_of(invoice).status
        time.sleep(0.05)
    return Invoice.objects.get(pk=invoice.pk)


def test_committing_an_upload_has_it_read(celery_worker):
    invoice = make_invoice(make_tenant())
    assert (final(invoice).status, final(invoice).total_amount) == ("succeeded", 11900)
    assert job_of(invoice).worker.startswith("celery ")


def test_a_lost_message_is_sent_again_by_the_sweep(celery_worker, settings):
    broker, settings.CELERY_BROKER_URL = settings.CELERY_BROKER_URL, ""  # the commit wakes nobody
    job = job_of(invoice := make_invoice(make_tenant()))
    settings.CELERY_BROKER_URL = broker
    assert jobs.sweep(now=job.due_at + jobs.WAKE_AFTER) == 1
    assert final(invoice).status == "succeeded"
    assert ExtractionJob.objects.get().attempts == 1
