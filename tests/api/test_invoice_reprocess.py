"""POST /v1/invoices/{id}/reprocess: every form of the body, what stays meanwhile, and what stays when it fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from extraction import jobs
from extraction.models import Edit, ExtractionJob, Invoice, Schema
from tests.api.oracle import assert_refused
from tests.factories import job_of, make_extraction, make_field, make_invoice, make_schema, make_tenant, read

NOBODYS = "sch_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"
ODD_BODY = 'Send nothing, {"schema_id": "sch_…"}, or the id alone as a JSON string.'


@pytest.fixture
def invoice(tenant) -> Invoice:
    return read(make_invoice(tenant))


def reprocess(api, invoice: Invoice, body: Any = "", query: str = ""):
    text = body if isinstance(body, str) else json.dumps(body)
    return api.post(f"/v1/invoices/{invoice.id}/reprocess{query}", text, content_type="application/json")


def read_otherwise(invoice: Invoice) -> Invoice:
    """Read by a machine that now finds another name and number, and no lines."""
    found = {"vendor_name": make_field("Muster AG"), "invoice_number": make_field("R-9")}
    return read(invoice, fields=make_extraction().fields | found, line_items=())


def fail(invoice: Invoice) -> None:
    claimed = jobs.claim(worker="w", now=timezone.now(), job_id=job_of(invoice).id)
    assert jobs.fail(claimed, code="no_text_found", message="No text was found.")


@pytest.mark.parametrize("body", ["", "{}", "null", '{"schema_id": null}'])
def test_without_a_schema(api, invoice, body):
    response = reprocess(api, invoice, body)
    assert (response.status_code, response.json()["status"]) == (202, "processing")
    job = job_of(invoice)
    assert (job.status, job.priority, job.definition, job.discards_edits_for) == ("queued", 1, None, "")
    assert read_otherwise(invoice).invoice_number == "R-9"


def test_no_body_and_no_type(api, invoice):
    assert api.generic("POST", f"/v1/invoices/{invoice.id}/reprocess", b"", content_type="").status_code == 202


@pytest.mark.parametrize("form", ['{{"schema_id": "{}"}}', '"{}"'])
def test_another_schema(api, tenant, invoice, form):
    schema = make_schema(tenant, name="Fleet")
    body = reprocess(api, invoice, form.format(schema.id)).json()
    assert (body["extractionSchemaId"], body["extractionSchemaName"]) == (schema.id, "Fleet")
    assert job_of(invoice).definition == schema.definition


def test_the_schema_of_the_last_reading_as_it_is_now(api, tenant):
    schema = make_schema(tenant)
    invoice = read(make_invoice(tenant, schema=schema))
    Schema.objects.update(name="Fleet", definition={"type": "object", "properties": {"km": {}}})
    assert reprocess(api, invoice).json()["extractionSchemaName"] == "Fleet"
    assert job_of(invoice).definition == {"type": "object", "properties": {"km": {}}}


def test_a_schema_that_was_deleted_is_used_as_it_was(api, tenant):
    schema = make_schema(tenant, name="Fleet")
    invoice = read(make_invoice(tenant, schema=schema))
    definition = schema.definition
    schema.delete()
    body = reprocess(api, invoice).json()
    assert (body["extractionSchemaId"], body["extractionSchemaName"]) == (None, "Fleet")
    assert job_of(invoice).definition == definition


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ('"string"', "schema_id", "There is no schema string."),
        ({"schema_id": NOBODYS}, "schema_id", f"There is no schema {NOBODYS}."),
        ({"schemaId": "x"}, "schemaId", "Unknown field. Known: schema_id."),
        ({"schema_id": 5}, "schema_id", ODD_BODY),
        ("[]", "schema_id", ODD_BODY),
        ("7", "schema_id", ODD_BODY),
    ],
)  # fmt: skip
def test_wrong_bodies_change_nothing(api, invoice, body, param, message):
    assert_refused(reprocess(api, invoice, body), 400, "invalid_request_error", message, param)
    invoice.refresh_from_db()
    assert (invoice.status, ExtractionJob.objects.count()) == ("succeeded", 1)


def test_the_schema_of_somebody_else(api, invoice):
    schema = make_schema(make_tenant("Other"))
    message = f"There is no schema {schema.id}."
    assert_refused(reprocess(api, invoice, json.dumps(schema.id)), 400, "invalid_request_error", message, "schema_id")


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("?discard_edits=perhaps", "discard_edits", "Say true or false."),
        ("?discard=true", "discard", "Unknown parameter. Known: discard_edits."),
    ],
)
def test_wrong_parameters_change_nothing(api, invoice, query, param, message):
    assert_refused(reprocess(api, invoice, query=query), 400, "invalid_request_error", message, param)
    assert ExtractionJob.objects.count() == 1


def test_while_it_is_read(api, invoice):
    assert reprocess(api, invoice).status_code == 202
    message = "The invoice is being read. Try again when its status is no longer processing."
    assert_refused(reprocess(api, invoice), 409, "invoice_processing", message)
    assert ExtractionJob.objects.count() == 2


def test_a_file_that_retention_removed(api, invoice):
    Invoice.objects.update(file_key="")
    message = "The file of this invoice has been removed: nothing can be read."
    assert_refused(reprocess(api, invoice), 422, "unprocessable_invoice", message)
    assert ExtractionJob.objects.count() == 1


def test_the_earlier_result_stays_readable_until_the_new_one_is_final(api, invoice):
    before = api.get(f"/v1/invoices/{invoice.id}").json()
    extraction = api.get(f"/v1/invoices/{invoice.id}/extraction").json()
    during = reprocess(api, invoice).json()
    moved = {name: during[name] for name in ("status", "updated", "updatedAt")}
    assert during == before | moved
    assert api.get(f"/v1/invoices/{invoice.id}/extraction").json() == extraction
    read_otherwise(invoice)
    after = api.get(f"/v1/invoices/{invoice.id}").json()
    assert (after["status"], after["vendorName"], after["lineItems"]) == ("succeeded", "Muster AG", [])
    fields = api.get(f"/v1/invoices/{invoice.id}/extraction").json()["fields"]
    assert fields["vendorName"]["value"] == "Muster AG"


def test_a_failed_reprocess_keeps_the_earlier_result_and_its_schema(api, tenant, invoice):
    reprocess(api, invoice, json.dumps(make_schema(tenant).id))
    fail(invoice)
    body = api.get(f"/v1/invoices/{invoice.id}").json()
    assert (body["status"], body["vendorName"], body["extractionSchemaId"]) == ("succeeded", "Muster GmbH", None)
    assert body["error"] == {
        "code": "no_text_found",
        "message": "The document could not be read again, and the earlier result stands: No text was found.",
    }
    assert reprocess(api, invoice).json()["error"] is None


def test_a_failed_invoice_can_be_read_again(api, tenant):
    invoice = make_invoice(tenant)
    fail(invoice)
    assert reprocess(api, invoice).json()["error"] is None
    assert read(invoice).status == "succeeded"


def edit(api, invoice: Invoice, **values: Any) -> None:
    response = api.patch(f"/v1/invoices/{invoice.id}", json.dumps(values), content_type="application/json")
    assert response.status_code == 200


def test_edits_survive(api, invoice):
    edit(api, invoice, vendorName="Mine", lineItems=[{"description": "Mine"}], metadata={"a": "b"})
    reprocess(api, invoice)
    read_otherwise(invoice)
    body = api.get(f"/v1/invoices/{invoice.id}").json()
    assert (body["vendorName"], body["invoiceNumber"], body["metadata"]) == ("Mine", "R-9", {"a": "b"})
    assert [line["description"] for line in body["lineItems"]] == ["Mine"]


def test_edits_are_discarded_on_demand_once_the_result_is_there(api, invoice):
    edit(api, invoice, vendorName="Mine", lineItems=[], metadata={"a": "b"})
    during = reprocess(api, invoice, query="?discard_edits=true").json()
    assert (during["vendorName"], during["lineItems"]) == ("Mine", [])
    read(invoice)
    body = api.get(f"/v1/invoices/{invoice.id}").json()
    assert (body["vendorName"], len(body["lineItems"]), body["metadata"]) == ("Muster GmbH", 1, {"a": "b"})
    extraction = api.get(f"/v1/invoices/{invoice.id}/extraction").json()
    assert extraction["fields"]["vendorName"]["edited"] is False
    assert [(one["field"], one["to"]) for one in extraction["edits"]][3:] == [
        ("lineItems", body["lineItems"]), ("vendorName", "Muster GmbH"),
    ]  # fmt: skip
    assert Edit.objects.values("actor").distinct().count() == 1


def test_edits_stay_when_the_reprocess_that_discards_them_fails(api, invoice):
    edit(api, invoice, vendorName="Mine")
    reprocess(api, invoice, query="?discard_edits=true")
    fail(invoice)
    assert api.get(f"/v1/invoices/{invoice.id}").json()["vendorName"] == "Mine"
    reprocess(api, invoice)
    assert read(invoice).vendor_name == "Mine"
