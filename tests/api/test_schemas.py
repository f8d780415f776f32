"""GET /v1/schemas, one of them, and what a schema does to an upload."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from extraction.schemas import update_schema
from extraction.worker import work_once
from tests.api.oracle import assert_nothing_written, assert_refused
from tests.engine.test_pipeline import LINES, typed_pdf
from tests.factories import make_schema, make_tenant

DEFINITION = {
    "type": "object",
    "properties": {
        "vatNumber": {"type": "string", "x-labels": ["VAT No."], "pattern": "^GB[0-9]{9}$"},
        "vatSum": {"type": "integer", "x-money": True, "x-labels": ["VAT 20%"]},
        "colour": {"type": "string", "enum": ["Blue", "Red"], "x-line-item": True},
    },
    "required": ["vatNumber"],
}
NO_SCHEMA = "sch_" + "0" * 26


def test_a_schema_looks_as_the_reference_says(api, tenant):
    schema = make_schema(tenant, definition=DEFINITION, description="For the books", is_default=True)
    shown = api.get(f"/v1/schemas/{schema.id}").json()
    assert list(shown)[:7] == ["id", "name", "description", "isDefault", "definition", "createdAt", "updatedAt"]
    assert (shown["id"], shown["name"], shown["isDefault"]) == (schema.id, "Cargo", True)
    assert (shown["definition"], shown["description"], shown["object"]) == (DEFINITION, "For the books", "schema")
    assert (shown["created"], shown["livemode"]) == (int(schema.created_at.timestamp()), True)
    expected = {"object": "list", "data": [shown], "has_more": False, "next_cursor": None, "nextCursor": None}
    assert api.get("/v1/schemas").json() == expected


def test_schemas_come_in_pages(api, tenant):
    made = [make_schema(tenant, name=str(number)).id for number in range(3)][::-1]
    first = api.get("/v1/schemas?limit=2").json()
    second = api.get(f"/v1/schemas?limit=2&cursor={first['next_cursor']}").json()
    assert [schema["id"] for page in (first, second) for schema in page["data"]] == made
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_a_cursor_of_another_list_is_none(api, tenant):
    for number in range(2):
        make_schema(tenant, name=str(number))
    cursor = api.get("/v1/schemas?limit=1").json()["next_cursor"]
    response = api.get(f"/v1/invoices?limit=1&cursor={cursor}")
    message = "This cursor does not belong to this list and these filters. Start again without one."
    assert_refused(response, 400, "invalid_request_error", message, "cursor")
    response = api.get("/v1/schemas?status=failed")
    assert_refused(response, 400, "invalid_request_error", "Unknown parameter. Known: limit, cursor.", "status")


@pytest.mark.parametrize("id", [NO_SCHEMA, "sch_1", "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", "x"])
def test_a_schema_that_is_none(api, id):
    assert_refused(api.get(f"/v1/schemas/{id}"), 404, "resource_not_found", f"There is no schema {id}.")


@pytest.mark.parametrize("where", ["query", "form", "default"])
def test_custom_fields_are_read_end_to_end(api, tenant, where):
    schema = make_schema(tenant, definition=DEFINITION, is_default=where == "default")
    file = SimpleUploadedFile("bill.pdf", typed_pdf(LINES), "application/pdf")
    query = f"?schema_id={schema.id}" if where == "query" else ""
    form = {"file": file} | ({"schema_id": schema.id} if where == "form" else {})
    accepted = api.post(f"/v1/invoices{query}", form)
    assert (accepted.status_code, accepted.json()["extractionSchemaId"]) == (202, schema.id)
    update_schema(schema=schema, name="Renamed", definition={"type": "object", "properties": {"later": {}}})
    assert work_once(worker="w")
    invoice = api.get(f"/v1/invoices/{accepted.json()['id']}").json()
    assert (invoice["status"], invoice["extractionSchemaName"]) == ("succeeded", "Cargo")
    assert invoice["customFields"] == {"vatNumber": "GB980780684", "vatSum": 2400}
    assert [line["customFields"] for line in invoice["lineItems"]] == [{"colour": "Blue"}, {"colour": "Red"}]
    extraction = api.get(f"/v1/invoices/{invoice['id']}/extraction").json()
    assert extraction["customFields"]["vatSum"]["text"] == "£24.00"
    assert [line["colour"]["page"] for line in extraction["lineItemCustomFields"]] == [1, 1]


def test_a_required_field_that_is_missing_wants_review(api, tenant):
    reviewed = {}
    for name in ("vatNumber", "vessel"):
        definition = {"type": "object", "properties": {name: DEFINITION["properties"].get(name, {})}}
        schema = make_schema(tenant, name=name, definition=definition | {"required": [name]})
        accepted = api.generic(
            "POST", f"/v1/invoices?schema_id={schema.id}", typed_pdf(LINES), content_type="application/pdf"
        )
        assert work_once(worker="w")
        reviewed[name] = api.get(accepted.headers["Location"]).json()
    assert reviewed["vessel"]["customFields"] == {"vessel": None}
    assert [reviewed[name]["needsReview"] for name in ("vatNumber", "vessel")] == [False, True]


def test_an_upload_with_an_unknown_schema_leaves_nothing(api, tenant):
    theirs = make_schema(make_tenant("Other"))
    for id in (NO_SCHEMA, "x", theirs.id, json.dumps({})):
        file = SimpleUploadedFile("bill.pdf", typed_pdf(LINES), "application/pdf")
        response = api.post("/v1/invoices", {"file": file, "schema_id": id})
        assert_refused(response, 400, "invalid_request_error", f"There is no schema {id}.", "schema_id")
    assert_nothing_written()


@pytest.mark.parametrize("count", [1, 30])
def test_query_counts(api, tenant, count, django_assert_num_queries):
    made = [make_schema(tenant, name=str(number)).id for number in range(count)]
    with django_assert_num_queries(2):  # the key with workspace and plan, the schemas
        assert len(api.get("/v1/schemas?limit=100").json()["data"]) == count
    with django_assert_num_queries(2):
        assert api.get(f"/v1/schemas/{made[0]}").status_code == 200
