"""The embedded worker as a process of its own: killed without warning, and asked to stop."""

import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from api.models import IdempotencyRecord
from extraction import jobs
from extraction.embedded import expire_dead_workers, run_workers
from extraction.models import Invoice
from tests.factories import job_of, make_extraction, make_invoice, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
# Runs `manage.py run_worker` on the test's database and files with an engine that waits for a file to appear.
WORKER = """
import sys, time
from pathlib import Path
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.STORAGES["default"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": sys.argv[2]}}
settings.CELERY_BROKER_URL = ""
django.setup()
from django.core.management import call_command
from extraction import worker
from tests.factories import make_extraction
go, begun = Path(sys.argv[3]), Path(sys.argv[4])
def slow(data, options):
    begun.touch()
    while not go.exists():
        time.sleep(0.01)
    return make_extraction()
worker.extract_isolated = slow
call_command("run_worker", concurrency=1)
"""


@pytest.fixture
def start_worker(settings, tmp_path):
    """Starts a worker that has begun a document when this returns; `tmp_path/go` lets its engine end."""
    started = []

    def start() -> subprocess.Popen[bytes]:
        begun = tmp_path / f"begun{len(started)}"
        files = settings.STORAGES["default"]["OPTIONS"]["location"]
        arguments = [connection.settings_dict["NAME"], files, tmp_path / "go", begun]
        process = subprocess.Popen([sys.executable, "-c", WORKER, *map(str, arguments)], cwd=ROOT)
        started.append(process)
        until(begun.exists)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def test_a_worker_killed_in_mid_document_loses_nothing(start_worker):
    invoice = make_invoice(make_tenant())
    worker = start_worker()
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert (job_of(invoice).status, job_of(invoice).attempts) == ("running", 1)
    stop = threading.Event()
    other = threading.Thread(
        target=run_workers, kwargs={"concurrency": 2, "stop": stop, "run": lambda data, options: make_extraction()}
    )
    other.start()
    until(lambda: Invoice.objects.get().is_final())
    stop.set()
    other.join()
    invoice.refresh_from_db()
    assert (invoice.status, invoice.total_amount, job_of(invoice).attempts) == ("succeeded", 11900, 2)


def test_a_live_worker_keeps_its_job(start_worker):
    invoice = make_invoice(make_tenant())
    start_worker()
    assert expire_dead_workers(now=timezone.now()) == 0
    assert jobs.sweep(now=timezone.now()) == 0
    assert (job_of(invoice).status, job_of(invoice).generation) == ("running", 1)


def test_a_worker_asked_to_stop_finishes_its_document_and_takes_no_other(start_worker, tmp_path):
    tenant = make_tenant()
    begun, waiting = make_invoice(tenant), make_invoice(tenant)
    worker = start_worker()
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)  # the signal has certainly arrived; the document is still being read
    (tmp_path / "go").touch()
    assert worker.wait(30) == 0
    assert (job_of(begun).status, job_of(waiting).status) == ("succeeded", "queued")


def test_a_database_that_fails_for_a_moment_does_not_end_the_worker(monkeypatch, settings):
    settings.WORKER_POLL_S = 0.01
    invoice, stop, real, calls = make_invoice(make_tenant()), threading.Event(), jobs.claim, []

    def flaky(**kwargs):
        calls.append(1)
        if len(calls) == 1:
            raise OSError("database away")
        return real(**kwargs)

    monkeypatch.setattr(jobs, "claim", flaky)
    worker = threading.Thread(
        target=run_workers, kwargs={"concurrency": 1, "stop": stop, "run": lambda data, options: make_extraction()}
    )
    worker.start()
    until(lambda: Invoice.objects.get(pk=invoice.pk).is_final())
    stop.set()
    worker.join()
    assert len(calls) >= 2


def test_what_beat_would_do_is_done_without_it():
    tenant = make_tenant()
    old = IdempotencyRecord.objects.create(
        workspace=tenant.workspace, livemode=True, key="k", fingerprint="f" * 64, status=202
    )
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
    stop = threading.Event()
    workers = threading.Thread(target=run_workers, kwargs={"concurrency": 1, "stop": stop})
    workers.start()
    until(lambda: not IdempotencyRecord.objects.filter(pk=old.pk).exists())
    stop.set()
    workers.join()
