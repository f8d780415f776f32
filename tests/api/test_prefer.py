"""Prefer: wait=N at upload."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.request import Request

from api.prefer import MAX_WAITING, became_final, preferred_wait
from api.services import issue_key
from extraction import jobs
from extraction.models import Invoice
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient
from tests.factories import make_extraction, make_tenant


class Unread:
    """Stands for an invoice that somebody reads."""

    def __init__(self) -> None:
        self.asked, self.read = threading.Semaphore(0), threading.Event()

    def is_final(self) -> bool:
        return self.read.is_set()

    def refresh_from_db(self) -> None:
        self.asked.release()
        self.read.wait(10)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("wait=10", 10),
        ("wait=0", 0),
        ("wait=31", 30),
        ("wait=999999999", 30),
        ("respond-async, wait=10", 10),
        ("respond-async; x=1, WAIT = 7", 7),
        ('wait="5"', 5),
        ("wait", 0),
        ("wait=", 0),
        ("wait=-1", 0),
        ("wait=1.5", 0),
        ("wait=abc", 0),
        ("await=10", 0),
    ],
)
def test_preference(header, seconds):
    request = Request(RequestFactory().post("/v1/invoices", headers={"prefer": header}))
    assert preferred_wait(request) == seconds


def upload(client: ApiClient, prefer: str):
    return client.post("/v1/invoices", invoice_pdf(), content_type="application/pdf", headers={"prefer": prefer})


def test_some_threads_never_wait():
    """More clients than may wait: those beyond are answered at once, and nobody's place is lost."""
    invoice, waiting, results = Unread(), [], []
    for _ in range(MAX_WAITING):
        waiting.append(threading.Thread(target=lambda: results.append(became_final(invoice, 30))))
        waiting[-1].start()
    for _ in waiting:
        assert invoice.asked.acquire(timeout=10)
    assert became_final(invoice, 30) is False
    invoice.read.set()
    for thread in waiting:
        thread.join(10)
    assert results == [True] * MAX_WAITING
    assert became_final(invoice, 30) is True


@pytest.mark.django_db(transaction=True)
def test_result_within_the_time():
    client = ApiClient(issue_key(workspace=make_tenant().workspace, livemode=True, name="Live")[1])
    stop = threading.Event()

    def work() -> None:
        """Reads the first job that appears, as a worker would."""
        while not stop.is_set():
            if claimed := jobs.claim(worker="test", now=timezone.now() + timedelta(seconds=1)):
                jobs.finish(claimed, make_extraction())
                break
            time.sleep(0.02)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        response = upload(client, "wait=30")
    finally:
        stop.set()
        worker.join()
    invoice = Invoice.objects.get()
    assert response.status_code == 200
    assert response.headers["Preference-Applied"] == "wait=30"
    assert response.headers["Location"] == f"/v1/invoices/{invoice.id}"
    assert response.json()["status"] == "succeeded"
    assert response.json() == client.get(f"/v1/invoices/{invoice.id}").json()


@pytest.mark.parametrize("prefer", ["wait=1", "wait=0", "wait=soon"])
def test_no_result_within_the_time(api, prefer):
    response = upload(api, prefer)
    assert response.status_code == 202
    assert "Preference-Applied" not in response.headers
    assert response.json()["status"] == "processing"
