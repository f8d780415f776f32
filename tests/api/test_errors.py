"""Every way to fail has one status, one code and one body, and none of them tells what is inside."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.storage import FileSystemStorage
from django.test import Client

from api.errors import STATUS
from invorec.lib.ids import is_id
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient, assert_nothing_written, assert_refused
from tests.factories import make_invoice

OURS = "Something went wrong on our side. It is safe to try again."
BRIEFLY = "The service is briefly unavailable. It is safe to try again."
TOO_MUCH = "The form has too many fields, or too much in them."
NO_SENSE = "The request could not be understood."


@pytest.fixture
def broken(settings) -> ApiClient:
    """A client of `broken_urls`."""
    settings.ROOT_URLCONF = "tests.api.broken_urls"
    return ApiClient()


def test_table_of_codes():
    assert STATUS == {
        "invalid_request_error": 400,
        "authentication_required": 401,
        "invalid_api_key": 401,
        "insufficient_credits": 402,
        "insufficient_scope": 403,
        "resource_not_found": 404,
        "idempotency_conflict": 409,
        "invoice_processing": 409,
        "unprocessable_invoice": 422,
        "file_too_large": 422,
        "rate_limited": 429,
        "internal_error": 500,
    }


@pytest.mark.parametrize(
    ("path", "status", "code", "message", "param"),
    [
        ("crash", 500, "internal_error", OURS, None),
        ("key-error", 500, "internal_error", OURS, None),
        ("plain-crash", 500, "internal_error", OURS, None),
        ("page/500", 500, "internal_error", OURS, None),
        ("page/502", 502, "internal_error", OURS, None),
        ("database-down", 503, "internal_error", BRIEFLY, None),
        ("connection-lost", 503, "internal_error", BRIEFLY, None),
        ("http404", 404, "resource_not_found", "There is nothing at this address.", None),
        ("not-found", 404, "resource_not_found", "There is nothing at this address.", None),
        ("denied", 403, "insufficient_scope", "The provided key may not do this.", None),
        ("drf-denied", 403, "insufficient_scope", "The provided key may not do this.", None),
        ("page/403", 403, "insufficient_scope", "The provided key may not do this.", None),
        ("page/410", 410, "invalid_request_error", NO_SENSE, None),
        ("suspicious", 400, "invalid_request_error", NO_SENSE, None),
        ("too-big", 400, "invalid_request_error", TOO_MUCH, None),
        ("too-many-fields", 400, "invalid_request_error", TOO_MUCH, None),
        ("client-gone", 400, "invalid_request_error", NO_SENSE, None),
        ("one-field", 400, "invalid_request_error", "Too much.", "limit"),
        ("no-field", 400, "invalid_request_error", "Neither.", None),
        ("empty-file", 422, "unprocessable_invoice", "The file is empty.", "file"),
        ("large-file", 422, "file_too_large", "The file is larger than allowed.", "file"),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_error_and_its_answer(broken, settings, path, status, code, message, param, debug):
    settings.DEBUG = debug
    assert_refused(broken.get(f"/v1/{path}"), status, code, message, param)


def test_several_fields(broken):
    error = broken.get("/v1/fields").json()["error"]
    assert (error["param"], error["message"]) == ("a", "No.")
    assert error["errors"] == [
        {"param": "a", "message": "No."},
        {"param": "lines.0.b", "message": "Nor this."},
        {"param": "", "message": "So."},
    ]


def test_dependency_down_says_when_to_come_back(broken):
    assert broken.get("/v1/database-down").headers["Retry-After"] == "5"


def test_crash_at_the_boundary_itself(db, settings):
    settings.MAX_UPLOAD_BYTES = None
    assert_refused(ApiClient().get("/v1/invoices"), 500, "internal_error", OURS)


def test_crash_is_logged_with_the_request_id(broken, caplog):
    response = broken.get("/v1/crash")
    logged = [record.msg for record in caplog.records if record.name == "api.answers"]
    assert [line["request_id"] for line in logged] == [response.headers["Request-Id"]]


@pytest.mark.parametrize("body", ["{", '{"a": NaN}', '{"a": 1}}', "\xff", "[" * 100_000])
def test_malformed_json(broken, body):
    response = broken.post("/v1/echo", body.encode("latin-1"), content_type="application/json")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invalid_request_error")
    assert error["message"].startswith("The body could not be read: JSON parse error")


def test_unsupported_media_type(broken):
    response = broken.post("/v1/echo", "<a/>", content_type="text/xml; charset=utf-8")
    assert_refused(response, 415, "invalid_request_error", "A body of type 'text/xml' is not understood here.")


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/invoices/a/b/c", "/v1//invoices", "/v1/%00"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("debug", [False, True])
def test_unknown_path(db, settings, path, method, debug):
    settings.DEBUG = debug
    response = getattr(ApiClient(), method)(path)
    shown = path.replace("%00", "\0")
    message = f"There is nothing at {shown}. The API's paths are listed in /v1/openapi.json."
    assert_refused(response, 404, "resource_not_found", message)


def test_path_beside_the_api_is_not_ours():
    response = Client().get("/v1x/invoices")
    assert response.status_code == 404
    assert response.headers["Content-Type"] != "application/json"
    assert is_id(response.headers["Request-Id"], "req")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/v1/invoices", "GET, POST, HEAD"),
        ("PUT", "/v1/invoices", "GET, POST, HEAD"),
        ("OPTIONS", "/v1/invoices", "GET, POST, HEAD"),
        ("TRACE", "/v1/invoices", "GET, POST, HEAD"),
        ("POST", "/v1/invoices/inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD/file", "GET, HEAD"),
    ],
)
def test_wrong_method(api, method, path, allow):
    response = api.generic(method, path)
    assert_refused(response, 405, "invalid_request_error", f"{method} is not possible at {path}.")
    assert set(response.headers["Allow"].split(", ")) == set(allow.split(", "))


def test_accept_without_json(api):
    response = api.get("/v1/invoices", headers={"accept": "text/csv"})
    message = "The answer is application/json, which the Accept header leaves out."
    assert_refused(response, 406, "invalid_request_error", message)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, application/*;q=0.5"])
def test_accept_with_json(api, accept):
    assert api.get("/v1/invoices", headers={"accept": accept}).status_code == 200


@pytest.mark.parametrize("debug", [False, True])
def test_unknown_host(settings, debug):
    settings.DEBUG = debug
    settings.ALLOWED_HOSTS = ["api.invorec.com"]
    response = ApiClient().get("/v1/invoices", headers={"host": "evil.example"})
    message = "The Host header names a host that is not served here."
    assert_refused(response, 400, "invalid_request_error", message)


def test_view_without_a_rule_is_closed(broken, token):
    response = ApiClient(token).get("/v1/unruled")
    assert response.status_code == 500


def test_a_document_store_that_fails(api, monkeypatch):
    def full(*args: object) -> str:
        raise OSError(28, "No space left on device", "/srv/secret")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    response = api.post("/v1/invoices", invoice_pdf(), content_type="application/pdf")
    assert_refused(response, 503, "internal_error", BRIEFLY)
    assert response.headers["Retry-After"] == "5"
    assert_nothing_written()


def test_a_document_store_that_fails_to_read(api, tenant, monkeypatch):
    invoice = make_invoice(tenant)

    def unreachable(*args: object) -> str:
        raise EndpointConnectionError(endpoint_url="https://secret.example")

    monkeypatch.setattr(FileSystemStorage, "open", unreachable)
    assert_refused(api.get(f"/v1/invoices/{invoice.pk}/file"), 503, "internal_error", BRIEFLY)
