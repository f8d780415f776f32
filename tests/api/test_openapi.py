"""The OpenAPI document: valid, complete, and free of the generator's guesses."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.errors import CODES
from tests.api import snapshot
from tests.api.oracle import ApiClient, validator
from tests.api.test_routes import PUBLIC, RULES
from webhooks.models import EVENT_TYPES

OPERATIONS = {
    ("/v1/invoices", "get"): "list_invoices",
    ("/v1/invoices", "post"): "create_invoice",
    ("/v1/invoices/{id}", "get"): "retrieve_invoice",
    ("/v1/invoices/{id}", "patch"): "update_invoice",
    ("/v1/invoices/{id}", "delete"): "delete_invoice",
    ("/v1/invoices/{id}/reprocess", "post"): "reprocess_invoice",
    ("/v1/invoices/{id}/extraction", "get"): "retrieve_extraction",
    ("/v1/invoices/{id}/file", "get"): "retrieve_file",
    ("/v1/schemas", "get"): "list_schemas",
    ("/v1/schemas/{id}", "get"): "retrieve_schema",
    ("/v1/credits", "get"): "retrieve_credits",
    ("/v1/webhooks", "get"): "list_webhooks",
    ("/v1/webhooks", "post"): "create_webhook",
    ("/v1/webhooks/{id}", "get"): "retrieve_webhook",
    ("/v1/webhooks/{id}", "patch"): "update_webhook",
    ("/v1/webhooks/{id}", "delete"): "delete_webhook",
    ("/v1/webhooks/{id}/rotate", "post"): "rotate_webhook_secret",
    ("/v1/webhooks/{id}/promote", "post"): "promote_webhook_secret",
    ("/v1/webhooks/{id}/test", "post"): "test_webhook",
    ("/v1/webhooks/{id}/resend", "post"): "resend_failed_deliveries",
    ("/v1/webhooks/{id}/deliveries", "get"): "list_deliveries",
    ("/v1/events", "get"): "list_events",
    ("/v1/events/{id}", "get"): "retrieve_event",
    ("/v1/events/{id}/resend", "post"): "resend_event",
}
EVERY_ANSWER = {
    "Request-Id", "InvoRec-Version", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
}  # fmt: skip


@pytest.fixture
def served(db) -> dict[str, Any]:
    response = ApiClient().get("/v1/openapi.json")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    return response.json()


def test_document_is_valid(served):
    assert served["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(served).validate()


def test_generator_guesses_nothing(db):
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=io.StringIO())


def test_every_operation_is_there(served):
    found = {
        (path, method): operation["operationId"]
        for path, methods in served["paths"].items()
        for method, operation in methods.items()
    }
    assert found == OPERATIONS


def test_every_operation_is_described(served):
    for path, method in OPERATIONS:
        operation = served["paths"][path][method]
        assert operation["security"] == [{"apiKey": []}]
        assert operation["summary"] and operation["description"]
        assert all(parameter.get("description") for parameter in operation["parameters"])
        assert {"400", "401", "403", "406", "429", "500", "503"} <= operation["responses"].keys()
        for answer in operation["responses"].values():
            assert answer["headers"].keys() >= EVERY_ANSWER


def test_changes_are_described_with_their_idempotency(served):
    changing = {key for key in OPERATIONS if key[1] in ("post", "patch", "delete")}
    for path, method in OPERATIONS:
        operation = served["paths"][path][method]
        keys = [each for each in operation["parameters"] if each["name"] == "Idempotency-Key"]
        assert len(keys) == ((path, method) in changing)
        succeeded = [answer for status, answer in operation["responses"].items() if status < "300"]
        assert all(("Idempotent-Replayed" in answer["headers"]) == bool(keys) for answer in succeeded)
        assert ("409" in operation["responses"]) == bool(keys)
    assert len(changing) == 12


def test_answers_that_bid_to_wait_say_how_long(served):
    for path, method in OPERATIONS:
        for status, answer in served["paths"][path][method]["responses"].items():
            assert ("Retry-After" in answer["headers"]) == (status in ("409", "429", "503"))
            assert ("WWW-Authenticate" in answer["headers"]) == (status == "401")


def test_every_operation_names_its_scope(served):
    for (method, route), (scope, _) in RULES.items():
        operation = served["paths"].get("/v1/" + route.replace("<str:id>", "{id}"), {}).get(method.lower())
        assert (operation is None) == (scope == PUBLIC)
        if operation:
            assert operation["x-scope"] == scope and f"`{scope}`" in operation["description"]


def test_key_is_a_bearer_token(served):
    scheme = served["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_codes_are_the_whole_table(served):
    assert served["components"]["schemas"]["ErrorCode"]["enum"] == list(CODES)


def test_upload_is_a_form_or_the_file_itself(served):
    content = served["paths"]["/v1/invoices"]["post"]["requestBody"]["content"]
    assert served["paths"]["/v1/invoices"]["post"]["requestBody"]["required"] is True
    assert content.keys() == {
        "multipart/form-data", "application/pdf", "image/png", "image/jpeg", "image/tiff", "image/webp", "image/heic",
        "application/xml", "application/octet-stream",
    }  # fmt: skip


def test_examples_are_valid_themselves(served):
    checked = 0
    for path, method in OPERATIONS:
        for answer in served["paths"][path][method]["responses"].values():
            media = answer.get("content", {}).get("application/json", {})
            for example in media.get("examples", {}).values():
                validator(media["schema"]["$ref"].rsplit("/", 1)[-1]).validate(example["value"])
                checked += 1
            assert media.get("examples") or "application/json" not in answer.get("content", {})
    assert checked > 45


def test_every_event_that_is_sent_is_described(served):
    assert list(served["webhooks"]) == list(EVENT_TYPES)
    for kind, sending in served["webhooks"].items():
        media = sending["post"]["requestBody"]["content"]["application/json"]
        event, data = media["examples"]["example"]["value"], media["schema"]["allOf"][1]["properties"]["data"]["$ref"]
        assert event["type"] == kind
        validator("Event").validate(event)
        validator(data.rsplit("/", 1)[-1]).validate(event["data"])
        assert {one["name"] for one in sending["post"]["parameters"]} == {
            "InvoRec-Event", "InvoRec-Delivery", "InvoRec-Signature", "webhook-id", "webhook-timestamp",
            "webhook-signature",
        }  # fmt: skip


def test_document_is_the_agreed_one(served):
    agreed = snapshot.FILE.read_text(encoding="utf-8")
    assert snapshot.as_text(served) == agreed, "renew it with: python -m tests.api.snapshot"
