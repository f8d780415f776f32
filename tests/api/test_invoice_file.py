"""GET /v1/invoices/{id}/file: the document as it came, and nothing that a browser would run."""

from __future__ import annotations

import hashlib

import pytest

from extraction import storage
from extraction.models import Invoice
from tests.api.oracle import assert_refused
from tests.factories import looks_fine, make_invoice

DATA = bytes(range(256)) * 300  # longer than one chunk
ETAG = f'"{hashlib.sha256(DATA).hexdigest()}"'


@pytest.fixture
def invoice(tenant) -> Invoice:
    return make_invoice(tenant, data=DATA)


def get(api, invoice, method: str = "get", **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(api, method)(f"/v1/invoices/{invoice.id}/file", headers=named)


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def test_whole_file(api, invoice):
    response = get(api, invoice)
    assert (response.status_code, content(response)) == (200, DATA)
    expected = {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(DATA)),
        "Content-Disposition": 'attachment; filename="bill.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "ETag": ETAG,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    assert {name: response.headers[name] for name in expected} == expected


@pytest.mark.parametrize(("kind", "content_type"), [("png", "image/png"), ("xml", "application/xml")])
def test_type_is_told_by_content(api, tenant, kind, content_type):
    invoice = make_invoice(tenant, data=DATA, file_name="page.html", inspect=looks_fine(kind))
    assert get(api, invoice).headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Müller & Söhne.pdf", "attachment; filename*=utf-8''M%C3%BCller%20%26%20S%C3%B6hne.pdf"),
        ('a"; filename="evil.exe', 'attachment; filename="a\\"; filename=\\"evil.exe"'),
        ("a\r\nSet-Cookie: x=1.pdf", 'attachment; filename="aSet-Cookie: x=1.pdf"'),
    ],
)
def test_name_cannot_break_out_of_its_header(api, tenant, name, header):
    invoice = make_invoice(tenant, data=DATA, file_name=name)
    assert get(api, invoice).headers["Content-Disposition"] == header


def test_head(api, invoice):
    response = get(api, invoice, "head", range="bytes=0-9")  # a range means something to GET alone
    assert (response.status_code, content(response)) == (200, b"")
    assert response.headers["Content-Length"] == str(len(DATA))
    assert response.headers["ETag"] == ETAG


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, len(DATA)),
        ("bytes=-10", len(DATA) - 10, len(DATA)),
        ("bytes=70000-999999", 70_000, len(DATA)),
        (f"bytes=-{len(DATA) + 5}", 0, len(DATA)),
        ("BYTES= 5-6", 5, 7),
    ],
)
def test_part_of_the_file(api, invoice, header, start, stop):
    response = get(api, invoice, range=header)
    assert (response.status_code, content(response)) == (206, DATA[start:stop])
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"
    assert response.headers["Content-Length"] == str(stop - start)
    assert response.headers["ETag"] == ETAG


@pytest.mark.parametrize(
    "header", ["bytes=0-1,5-6", "bytes=5-1", "bytes=-", "bytes=a-b", "pages=1-2", "bytes", "x" * 99]
)
def test_range_that_is_several_or_none_gives_the_whole(api, invoice, header):
    response = get(api, invoice, range=header)
    assert (response.status_code, content(response)) == (200, DATA)


@pytest.mark.parametrize("header", [f"bytes={len(DATA)}-", "bytes=999999999-", "bytes=-0"])
def test_range_outside_of_the_file(api, invoice, header):
    response = get(api, invoice, range=header)
    message = f"The range lies outside of the file's {len(DATA)} bytes."
    assert_refused(response, 416, "invalid_request_error", message)
    assert response.headers["Content-Range"] == f"bytes */{len(DATA)}"


def test_range_of_another_file(api, invoice):
    assert get(api, invoice, range="bytes=0-9", if_range=ETAG).status_code == 206
    for other in ('"other"', f"W/{ETAG}", "Wed, 08 Apr 2026 00:00:00 GMT"):
        assert get(api, invoice, range="bytes=0-9", if_range=other).status_code == 200


@pytest.mark.parametrize("header", [ETAG, f"W/{ETAG}", f'"other", {ETAG}', "*"])
def test_file_that_the_client_has(api, invoice, header):
    response = get(api, invoice, if_none_match=header)
    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", ETAG)
    assert "Content-Length" not in response.headers  # 0 would be a lie about the file


def test_file_that_the_client_has_not(api, invoice):
    assert get(api, invoice, if_none_match='"other"').status_code == 200


def test_any_type_may_be_accepted(api, invoice):
    assert get(api, invoice, accept="application/pdf").status_code == 200


@pytest.mark.parametrize("how", ["key", "store"])
def test_file_that_was_removed(api, invoice, how):
    if how == "key":
        Invoice.objects.update(file_key="")
    else:
        storage.delete(invoice.file_key)
    message = f"The file of invoice {invoice.id} has been removed."
    assert_refused(get(api, invoice), 404, "resource_not_found", message)
