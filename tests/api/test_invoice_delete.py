"""DELETE /v1/invoices/{id}: nothing is left, whatever is going on."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from api.services import issue_key
from extraction import jobs, storage
from extraction.models import Edit, Invoice, LineItem
from extraction.worker import work_once
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient, assert_nothing_written, assert_refused, stored_files
from tests.factories import make_extraction, make_invoice, make_tenant, read


@pytest.fixture
def committed(transactional_db) -> tuple[ApiClient, Invoice]:
    """A client and an invoice in a database whose transactions are real."""
    tenant = make_tenant()
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Live")
    return ApiClient(token), make_invoice(tenant)


def nothing_left() -> bool:
    assert_nothing_written()
    return not Edit.objects.exists() and not LineItem.objects.exists()


def test_nothing_is_left(committed):
    client, invoice = committed
    read(invoice)
    url = f"/v1/invoices/{invoice.id}"
    client.patch(url, json.dumps({"notes": "Mine"}), content_type="application/json")
    response = client.delete(url)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers.keys().isdisjoint({"Content-Length", "Content-Type"})
    assert nothing_left()
    message = f"There is no invoice {invoice.id}."
    for part in ("", "/extraction", "/file"):
        assert_refused(client.get(url + part), 404, "resource_not_found", message)
    for again in (client.delete(url), client.patch(url, "{}", content_type="application/json")):
        assert_refused(again, 404, "resource_not_found", message)
    assert_refused(client.post(f"{url}/reprocess"), 404, "resource_not_found", message)
    assert client.get("/v1/invoices").json()["data"] == []


def test_others_stay(committed):
    client, invoice = committed
    other = make_invoice(make_tenant("Other"))
    client.delete(f"/v1/invoices/{invoice.id}")
    assert [kept.id for kept in Invoice.objects.all()] == [other.id]
    assert stored_files() == [other.file_key]


def test_without_a_file(committed):
    client, invoice = committed
    storage.delete(invoice.file_key)
    assert client.delete(f"/v1/invoices/{invoice.id}").status_code == 204
    assert nothing_left()


def test_a_store_that_fails_does_not_undo_it(committed, monkeypatch):
    client, invoice = committed

    def fail(key: str) -> None:
        raise OSError("store away")

    monkeypatch.setattr(storage, "delete", fail)
    assert client.delete(f"/v1/invoices/{invoice.id}").status_code == 204
    assert (Invoice.objects.count(), stored_files()) == (0, [invoice.file_key])  # the sweep of orphans takes it


def test_in_the_middle_of_a_reading(committed):
    client, invoice = committed

    def run(data, options):
        assert client.delete(f"/v1/invoices/{invoice.id}").status_code == 204
        return make_extraction()

    assert work_once(worker="w", run=run) is True
    assert nothing_left()


def test_a_client_that_waits_for_a_deleted_invoice(committed):
    client, _ = committed
    stop = threading.Event()

    def delete() -> None:
        while not stop.is_set() and not Invoice.objects.filter(file_name="wait.pdf").exists():
            time.sleep(0.02)
        Invoice.objects.filter(file_name="wait.pdf").delete()
        connection.close()

    other = threading.Thread(target=delete)
    other.start()
    response = client.post(
        "/v1/invoices?filename=wait.pdf", invoice_pdf(), content_type="application/pdf", headers={"prefer": "wait=10"}
    )
    stop.set()
    other.join()
    assert (response.status_code, response.json()["status"]) == (202, "processing")  # as it was accepted
    assert response.headers["Location"].endswith(response.json()["id"])


@pytest.mark.parametrize("rounds", [12])
def test_many_at_once_end_without_a_deadlock(committed, rounds):
    """Deleting, editing, reprocessing and settling the same invoices from several connections."""
    _, first = committed
    tenant = make_tenant("Busy")
    token = issue_key(workspace=tenant.workspace, livemode=True, name="Live")[1]
    invoices = [read(make_invoice(tenant)) for _ in range(rounds)]
    start = threading.Barrier(5)

    def each(act) -> set[int]:
        mine = ApiClient(token)
        start.wait(20)
        statuses = {act(mine, f"/v1/invoices/{invoice.id}") for invoice in invoices}
        connection.close()
        return statuses

    def work(mine: ApiClient, url: str) -> int:
        claimed = jobs.claim(worker="w", now=timezone.now() + timedelta(seconds=1))
        return int(bool(claimed and jobs.finish(claimed, make_extraction())))

    acts = [
        lambda mine, url: mine.patch(url, json.dumps({"notes": url}), content_type="application/json").status_code,
        lambda mine, url: mine.post(f"{url}/reprocess", "{}", content_type="application/json").status_code,
        lambda mine, url: (time.sleep(0.02), mine.delete(url).status_code)[1],
        work,
        work,
    ]
    with ThreadPoolExecutor(len(acts)) as pool:
        edited, queued, deleted, *_ = pool.map(each, acts)
    assert edited <= {200, 404, 409} and queued <= {202, 404, 409} and deleted == {204}
    assert [kept.id for kept in Invoice.objects.all()] == [first.id]
    assert stored_files() == [first.file_key]
