"""POST /v1/invoices: what is accepted, and what each wrong upload is told."""

from __future__ import annotations

import hashlib
import io
import json
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from api.services import issue_key
from extraction.models import ExtractionJob, Invoice, Schema
from tests.api.documents import encrypted_pdf, invoice_pdf
from tests.api.oracle import ApiClient, assert_nothing_written, assert_refused, stored_files

MISSING = 'The file is missing. Send it in the form field "file" or as the raw body.'
METADATA_IS_NO_JSON = 'The metadata is not JSON, for example {"order": "4711"}.'


def pdf_file(name: str = "bill.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, invoice_pdf() if data is None else data, "application/pdf")


def send(client: ApiClient, data: bytes | None = None, url: str = "/v1/invoices", **form: str):
    return client.post(url, {"file": pdf_file(data=data), **form})


def test_form(api, tenant):
    response = send(api, metadata='{"order": "4711"}')
    assert response.status_code == 202
    invoice = Invoice.objects.get()
    assert response.headers["Location"] == f"/v1/invoices/{invoice.id}"
    body = response.json()
    told = {"id", "object", "status", "livemode", "fileName", "pageCount", "metadata", "lineItems", "customFields"}
    assert {name: body[name] for name in told} == {
        "id": invoice.id,
        "object": "invoice",
        "status": "processing",
        "livemode": True,
        "fileName": "bill.pdf",
        "pageCount": 1,
        "metadata": {"order": "4711"},
        "lineItems": [],
        "customFields": {},
    }
    assert body["created"] == int(invoice.created_at.timestamp())
    assert (invoice.workspace, invoice.livemode) == (tenant.workspace, True)
    assert invoice.file_sha256 == hashlib.sha256(invoice_pdf()).hexdigest()
    assert stored_files() == [invoice.file_key]
    assert ExtractionJob.objects.get().invoice == invoice


@pytest.mark.parametrize(
    "content_type",
    ["application/pdf", "image/png", "application/octet-stream", "application/x-www-form-urlencoded", ""],
)
def test_raw_body_is_told_by_its_content(api, content_type):
    response = api.post("/v1/invoices?filename=r%C3%A9sum%C3%A9.pdf", invoice_pdf(), content_type=content_type)
    assert response.status_code == 202
    invoice = Invoice.objects.get()
    assert (invoice.file_name, invoice.content_type) == ("résumé.pdf", "application/pdf")


def test_a_media_type_has_no_case(api):
    body = encode_multipart(BOUNDARY, {"file": pdf_file()})
    content_type = f"Multipart/Form-Data; boundary={BOUNDARY}"
    assert api.post("/v1/invoices", body, content_type=content_type).status_code == 202
    assert api.patch("/v1/invoices/inv_1", "{}", content_type="Application/JSON").status_code == 404


def test_raw_body_without_a_name(api):
    assert api.post("/v1/invoices", invoice_pdf(), content_type="application/pdf").json()["fileName"] == "invoice.pdf"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\bill.pdf", "bill.pdf"),
        ("a\r\nX-Evil: 1.pdf", "aX-Evil: 1.pdf"),
        ("nul\x00.pdf", "nul.pdf"),
        ("..", "invoice.pdf"),
        ("x" * 400 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_name_is_a_label_and_never_a_path(api, name, kept):
    response = api.post(f"/v1/invoices?filename={quote(name)}", invoice_pdf(), content_type="application/pdf")
    assert response.json()["fileName"] == kept


def test_slash_at_the_end_changes_nothing(api):
    assert send(api, url="/v1/invoices/").status_code == 202


def test_test_key_makes_a_test_invoice(tenant):
    _, token = issue_key(workspace=tenant.workspace, livemode=False, name="Test")
    assert send(ApiClient(token)).json()["livemode"] is False
    assert Invoice.objects.get().livemode is False


def test_schema_by_query_or_form_and_the_query_wins(api, tenant):
    first, second = (
        Schema.objects.create(workspace=tenant.workspace, livemode=True, name=name, definition={}) for name in "ab"
    )
    assert send(api, schema_id=first.id).json()["extractionSchemaId"] == first.id
    url = f"/v1/invoices?schema_id={second.id}"
    assert send(api, url=url, schema_id=first.id).json()["extractionSchemaId"] == second.id


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("schema=x", "Unknown parameter. Known: schema_id, filename."),
        ("schema_id=a&schema_id=b", "Give this parameter once."),
    ],
)
def test_wrong_parameters(api, query, message):
    response = send(api, url=f"/v1/invoices?{query}")
    assert_refused(response, 400, "invalid_request_error", message, query.partition("=")[0])
    assert_nothing_written()


def test_unknown_malformed_or_foreign_schema(api, tenant):
    test_mode = Schema.objects.create(workspace=tenant.workspace, livemode=False, name="a", definition={})
    for schema_id in ("sch_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", "x", test_mode.id):
        response = send(api, schema_id=schema_id)
        assert_refused(response, 400, "invalid_request_error", f"There is no schema {schema_id}.", "schema_id")
    assert_nothing_written()


def test_no_file(api):
    for response in (api.post("/v1/invoices"), api.post("/v1/invoices", {"metadata": "{}"})):
        assert_refused(response, 400, "invalid_request_error", MISSING, "file")
    assert_nothing_written()


def test_no_body_at_all(api):
    response = api.generic("POST", "/v1/invoices", b"", content_type="")
    assert_refused(response, 400, "invalid_request_error", MISSING, "file")
    assert_nothing_written()


def test_file_in_another_field(api):
    response = api.post("/v1/invoices", {"document": pdf_file()})
    message = 'Send the file in the form field "file", not "document".'
    assert_refused(response, 400, "invalid_request_error", message, "file")
    assert_nothing_written()


def test_text_instead_of_a_file(api):
    response = api.post("/v1/invoices", {"file": "invoice.pdf"})
    message = 'The form field "file" holds text, not a file. With curl: -F "file=@invoice.pdf"'
    assert_refused(response, 400, "invalid_request_error", message, "file")
    assert_nothing_written()


@pytest.mark.parametrize("second", ["file", "attachment"])
def test_several_files(api, second):
    files = {"file": [pdf_file(), pdf_file()]} if second == "file" else {"file": pdf_file(), second: pdf_file()}
    response = api.post("/v1/invoices", files)
    message = "Send one file a request; this one carries 2."
    assert_refused(response, 400, "invalid_request_error", message, "file")
    assert_nothing_written()


def test_a_hundred_and_one_files(api):
    response = api.post("/v1/invoices", {f"file{n}": pdf_file() for n in range(101)})
    assert_refused(response, 400, "invalid_request_error", "Send one file a request.", "file")
    assert_nothing_written()


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=other"])
def test_broken_multipart(api, boundary):
    body = encode_multipart(BOUNDARY, {"file": pdf_file()})
    response = api.post("/v1/invoices", body, content_type=f"multipart/form-data{boundary}")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_request_error"
    assert_nothing_written()


@pytest.mark.parametrize("cut", [2, 4, 30, 500])
def test_multipart_that_breaks_off(api, cut):
    body = encode_multipart(BOUNDARY, {"file": pdf_file()}).rstrip(b"\r\n")
    response = api.generic("POST", "/v1/invoices", body[:-cut], content_type=MULTIPART_CONTENT)
    message = "The multipart form ends before its closing boundary. Send it again."
    assert_refused(response, 400, "invalid_request_error", message, "file")
    assert_nothing_written()


def test_raw_body_that_breaks_off(api):
    extra = {"wsgi.input": io.BytesIO(invoice_pdf()), "CONTENT_LENGTH": str(len(invoice_pdf()) + 1)}
    response = api.post("/v1/invoices", b"x", content_type="application/pdf", **extra)
    message = "The body ends before its Content-Length. Send it again."
    assert_refused(response, 400, "invalid_request_error", message, "file")
    assert_nothing_written()


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "multipart/mixed"])
def test_body_that_is_neither_form_nor_file(api, content_type):
    response = api.post("/v1/invoices", json.dumps({"file": "aGk="}), content_type=content_type)
    message = (
        'Send the file as multipart/form-data in the field "file", or as the raw body with its own content type; '
        f"{content_type.partition(';')[0]} is neither."
    )
    assert_refused(response, 415, "invalid_request_error", message)
    assert_nothing_written()


def test_empty_file(api):
    raw = api.generic("POST", "/v1/invoices", b"", CONTENT_TYPE="application/pdf")
    for response in (send(api, data=b""), raw):
        assert_refused(response, 422, "unprocessable_invoice", "The file is empty.", "file")
    assert_nothing_written()


@pytest.mark.parametrize("data", [b"Dear customer,\nhere is the invoice.\n", b"PK\x03\x04" * 25, b"GIF89a" * 9])
def test_file_of_another_kind_called_pdf(api, data):
    message = "The file is not a PDF, PNG, JPEG, TIFF, WebP, HEIC or XML e-invoice."
    assert_refused(send(api, data=data), 422, "unprocessable_invoice", message, "file")
    assert_nothing_written()


def test_encrypted_pdf(api):
    message = "The PDF is protected by a password. Send it without one."
    assert_refused(send(api, data=encrypted_pdf()), 422, "unprocessable_invoice", message, "file")
    assert_nothing_written()


def test_too_many_pages(api):
    message = "The document has more than the 50 pages allowed."
    response = send(api, data=invoice_pdf(pages=300))
    assert_refused(response, 422, "unprocessable_invoice", message, "file")
    assert_nothing_written()


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{", METADATA_IS_NO_JSON),
        ("[" * 100_000, METADATA_IS_NO_JSON),
        ("[]", "The metadata must be a JSON object of at most 20 pairs."),
        (json.dumps({str(n): "x" for n in range(21)}), "The metadata must be a JSON object of at most 20 pairs."),
        ('{"": "x"}', "A metadata key must be text of 1 to 64 characters."),
        (json.dumps({"k" * 65: "x"}), "A metadata key must be text of 1 to 64 characters."),
        ('{"order": 4711}', "The value of 'order' in the metadata must be text of at most 500 characters."),
        ('{"order": "\\u0000"}', "The value of 'order' in the metadata must be text of at most 500 characters."),
        ('{"order": "\\ud800"}', "The value of 'order' in the metadata must be text of at most 500 characters."),
        (json.dumps({"k": "v" * 501}), "The value of 'k' in the metadata must be text of at most 500 characters."),
    ],
)
def test_metadata_of_the_wrong_shape(api, metadata, message):
    assert_refused(send(api, metadata=metadata), 400, "invalid_request_error", message, "metadata")
    assert_nothing_written()


def test_metadata_at_its_bounds(api):
    metadata = {f"{n:064}": "ü" * 500 for n in range(20)}
    assert send(api, metadata=json.dumps(metadata)).json()["metadata"] == metadata
