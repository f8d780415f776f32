"""An older version, made up here, lives on without a view that knows of it: `vendorName` was `supplier` then, the
filter `status` was `state`, and credit notes were no type of their own."""

from __future__ import annotations

import pytest

from extraction.models import Invoice
from invorec.lib import versions
from invorec.lib.versions import Version
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient, assert_refused
from tests.factories import make_invoice

CURRENT = "2026-04-08"
OLDER = Version(
    "2025-01-15",
    queries={"GET invoices": lambda query: {"status" if name == "state" else name: v for name, v in query.items()}},
    bodies={"PATCH invoice": lambda body: {"vendorName" if n == "supplier" else n: v for n, v in body.items()}},
    resources={
        "invoice": lambda invoice: {"supplier" if n == "vendorName" else n: v for n, v in invoice.items()},
    },
)


@pytest.fixture(autouse=True)
def _two_versions(monkeypatch):
    monkeypatch.setattr(versions, "VERSIONS", (OLDER, *versions.VERSIONS))


@pytest.fixture
def client(token, monkeypatch) -> ApiClient:
    """Not held against the OpenAPI document, which describes the newest version."""
    monkeypatch.setattr("tests.api.oracle.check_answer", lambda *_: None)
    return ApiClient(token)


@pytest.fixture
def invoice(tenant) -> Invoice:
    made = make_invoice(tenant)
    Invoice.objects.update(vendor_name="Muster GmbH", status="succeeded")
    return made


def old(**headers: str) -> dict[str, str]:
    return {"invorec-version": OLDER.date, **headers}


def test_an_answer_in_the_version_of_the_header(client, invoice):
    path = f"/v1/invoices/{invoice.pk}"
    new, before = client.get(path), client.get(path, headers=old())
    assert (new.headers["InvoRec-Version"], before.headers["InvoRec-Version"]) == (CURRENT, OLDER.date)
    assert new.json()["vendorName"] == before.json()["supplier"] == "Muster GmbH"
    assert "vendorName" not in before.json()
    assert [name.replace("supplier", "vendorName") for name in before.json()] == list(new.json())


def test_lists_and_their_queries(client, invoice):
    assert [each["supplier"] for each in client.get("/v1/invoices?state=succeeded", headers=old()).json()["data"]] == [
        "Muster GmbH"
    ]
    assert client.get("/v1/invoices?state=failed", headers=old()).json()["data"] == []
    assert client.get("/v1/invoices?state=failed").status_code == 400


def test_a_body_in_the_version_of_the_header(client, invoice):
    path, body = f"/v1/invoices/{invoice.pk}", {"supplier": {"present": True, "value": "Neu AG"}}
    assert client.patch(path, body, content_type="application/json").status_code == 400
    answer = client.patch(path, body, content_type="application/json", headers=old())
    assert (answer.status_code, answer.json()["supplier"]) == (200, "Neu AG")
    invoice.refresh_from_db()
    assert invoice.vendor_name == "Neu AG"


def test_a_workspace_is_pinned_until_its_staff_move_it(client, tenant, invoice):
    tenant.workspace.api_version = OLDER.date
    tenant.workspace.save()
    path = f"/v1/invoices/{invoice.pk}"
    pinned, asked = client.get(path), client.get(path, headers={"invorec-version": CURRENT})
    assert (pinned.headers["InvoRec-Version"], "supplier" in pinned.json()) == (OLDER.date, True)
    assert (asked.headers["InvoRec-Version"], "supplier" in asked.json()) == (CURRENT, False)


def test_a_pin_to_nothing_known_is_the_newest(client, tenant, invoice):
    tenant.workspace.api_version = "1999-09-09"
    tenant.workspace.save()
    assert client.get("/v1/invoices").headers["InvoRec-Version"] == CURRENT


def test_the_document_itself_and_errors_say_the_version(client, invoice):
    assert client.get(f"/v1/invoices/{invoice.pk}/file", headers=old()).headers["InvoRec-Version"] == OLDER.date
    missing = client.get("/v1/invoices/inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", headers=old())
    assert (missing.status_code, missing.headers["InvoRec-Version"]) == (404, OLDER.date)


def test_an_unknown_version_names_the_known_ones(client):
    response = client.get("/v1/invoices", headers={"invorec-version": "2020-01-01"})
    message = f"Unknown InvoRec-Version '2020-01-01'. Known: {OLDER.date}, {CURRENT}."
    assert_refused(response, 400, "invalid_request_error", message, "InvoRec-Version")


def test_a_replay_is_in_the_version_that_was_answered_first(client):
    def upload(headers: dict[str, str]):
        return client.post("/v1/invoices", invoice_pdf(), content_type="application/pdf", headers=headers)

    first, again = upload(old(**{"idempotency-key": "k"})), upload({"idempotency-key": "k"})
    assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (first.json()["id"], "true")
    assert "supplier" in again.json()
    assert again.headers["InvoRec-Version"] == OLDER.date
