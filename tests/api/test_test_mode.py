"""A whole integration against a test key: every answer is held against the OpenAPI document by the client."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from api.services import issue_key
from billing.tenant import Tenant
from extraction.provenance import wire_name
from extraction.sandbox import KINDS, fixtures
from extraction.worker import work_once
from tests.api.documents import encrypted_pdf, invoice_pdf
from tests.api.oracle import ApiClient, assert_nothing_written, validator
from tests.factories import make_schema


@pytest.fixture
def sandbox(tenant: Tenant) -> ApiClient:
    return ApiClient(issue_key(workspace=tenant.workspace, livemode=False, name="Test")[1])


def never(data, options):
    raise AssertionError("test mode reads no document")


def upload(client: ApiClient, name: str, data: bytes = b"", **form: str):
    file = SimpleUploadedFile(name, data or invoice_pdf(), "application/pdf")
    return client.post("/v1/invoices", {"file": file, **form})


def read(client: ApiClient, name: str, **form: str) -> dict:
    """The invoice that an upload of this name becomes."""
    accepted = upload(client, name, **form)
    assert (accepted.status_code, accepted.json()["status"]) == (202, "processing")
    assert accepted.json()["livemode"] is False
    assert work_once(worker="w", run=never)
    return client.get(accepted.headers["Location"]).json()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_through_the_whole_surface(sandbox, kind):
    invoice = read(sandbox, f"{kind}.pdf")
    expected = {
        "fail": {"status": "failed"},
        "review": {"status": "succeeded", "needsReview": True},
        "einvoice": {"source": "einvoice"},
        "multipage": {"pageCount": 2},
        "credit": {"documentType": "credit_note"},
        "receipt": {"documentType": "receipt"},
        "scan": {"source": "ocr"},
    }[kind]
    assert {name: invoice[name] for name in expected} == expected
    assert (invoice["error"] is not None) == (kind == "fail")
    extraction = sandbox.get(f"/v1/invoices/{invoice['id']}/extraction?explain=true").json()
    if kind != "fail":
        assert extraction["fields"]["totalAmount"]["value"] == invoice["totalAmount"]
        assert len(extraction["lineItems"]) == len(invoice["lineItems"])
        assert extraction["checks"] and extraction["engine"]
    assert sandbox.get(f"/v1/invoices/{invoice['id']}/file").getvalue() == invoice_pdf()
    assert sandbox.get("/v1/invoices").json()["data"] == [sandbox.get(f"/v1/invoices/{invoice['id']}").json()]


def test_the_same_file_has_the_same_answer(sandbox):
    first, second = read(sandbox, "a.pdf"), read(sandbox, "b.pdf")
    assert (second["duplicateOf"], second["totalAmount"]) == (first["id"], first["totalAmount"])


def test_a_slow_file_is_processing_first(sandbox):
    accepted = upload(sandbox, "slow.pdf")
    assert work_once(worker="w", run=never) is False
    assert sandbox.get(accepted.headers["Location"]).json()["status"] == "processing"


def test_custom_fields_are_filled(sandbox, tenant):
    definition = {
        "type": "object",
        "properties": {
            "vessel": {"type": "string", "examples": ["MS Edda"]},
            "freight": {"type": "integer", "x-money": True, "examples": [129900]},
            "lot": {"type": "string", "x-line-item": True},
        },
    }
    schema = make_schema(Tenant(tenant.workspace, livemode=False), definition=definition)
    invoice = read(sandbox, "scan.pdf", schema_id=schema.id)
    assert invoice["customFields"] == {"vessel": "MS Edda", "freight": 129900}
    assert {line["customFields"]["lot"] for line in invoice["lineItems"]} == {"Sample"}
    extraction = sandbox.get(f"/v1/invoices/{invoice['id']}/extraction").json()
    assert extraction["customFields"]["freight"]["confidence"] == 0.9


def test_an_upload_is_judged_like_a_live_one(sandbox):
    for data, code in (
        (encrypted_pdf(), "unprocessable_invoice"),
        (b"not an invoice", "unprocessable_invoice"),
        (invoice_pdf()[:300], "unprocessable_invoice"),
    ):
        response = upload(sandbox, "review.pdf", data)
        assert (response.status_code, response.json()["error"]["code"]) == (422, code)
    assert_nothing_written()


@pytest.mark.parametrize("fixture", [one for one in fixtures() if one.extraction], ids=lambda one: one.name)
def test_every_fixture_is_what_the_document_promises(sandbox, monkeypatch, fixture):
    monkeypatch.setattr("extraction.sandbox.chosen", lambda **_: fixture)
    invoice = read(sandbox, "any.pdf")
    validator("Invoice").validate(invoice)
    assert (invoice["status"], invoice["source"]) == ("succeeded", fixture.extraction.source)
    extraction = sandbox.get(f"/v1/invoices/{invoice['id']}/extraction?explain=true").json()
    validator("Extraction").validate(extraction)
    assert extraction["fields"].keys() == {wire_name(name) for name in fixture.extraction.fields}
