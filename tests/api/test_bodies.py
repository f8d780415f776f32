"""Bodies that are too large, with and without a declared length, and where their bytes go."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest

from tests.api.documents import invoice_pdf
from tests.api.oracle import assert_nothing_written, assert_refused

MIB = 1024**2
TOO_LARGE = "The file is larger than the 25 MiB allowed."


class Counted(io.RawIOBase):
    """A body that counts how much of it was read."""

    def __init__(self, data: bytes) -> None:
        self.data, self.taken = io.BytesIO(data), 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.data.read(size)
        self.taken += len(chunk)
        return chunk


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files would go."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def chunked(client, body: Counted, content_type: str = "application/pdf"):
    """A POST without Content-Length, as a WSGI server passes a chunked one on."""
    extra = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.generic("POST", "/v1/invoices", b"", CONTENT_TYPE=content_type, **extra)


def test_declared_length_is_refused_unread(api, temp, django_assert_num_queries):
    body = Counted(b"%PDF-1.7" + bytes(27 * MIB))
    extra = {"wsgi.input": body, "CONTENT_LENGTH": str(27 * MIB + 8)}
    with django_assert_num_queries(0):
        response = api.generic("POST", "/v1/invoices", b"", content_type="application/pdf", **extra)
    assert_refused(response, 422, "file_too_large", TOO_LARGE, "file")
    assert body.taken == 0
    assert response.headers["Content-Length"] == str(len(response.content))
    assert list(temp.iterdir()) == []
    assert_nothing_written()


def test_undeclared_length_is_read_to_the_bound_only(api, temp):
    body = Counted(b"%PDF-1.7" + bytes(40 * MIB))
    assert_refused(chunked(api, body), 422, "file_too_large", TOO_LARGE, "file")
    assert 26 * MIB < body.taken <= 26 * MIB + 65_536
    assert list(temp.iterdir()) == []
    assert_nothing_written()


@pytest.mark.parametrize("declared", [True, False])
def test_a_byte_more_than_a_file_may_have(api, temp, declared):
    data = invoice_pdf() + bytes(25 * MIB + 1 - len(invoice_pdf()))
    if declared:
        response = api.post("/v1/invoices", data, content_type="application/pdf")
    else:
        response = chunked(api, Counted(data))
    assert_refused(response, 422, "file_too_large", TOO_LARGE, "file")
    assert list(temp.iterdir()) == []
    assert_nothing_written()


def test_large_file_in_a_form(api, temp):
    file = io.BytesIO(invoice_pdf() + bytes(25 * MIB))
    file.name = "large.pdf"
    response = api.post("/v1/invoices", {"file": file})
    assert_refused(response, 422, "file_too_large", TOO_LARGE, "file")
    assert list(temp.iterdir()) == []
    assert_nothing_written()


def test_undeclared_length_is_a_body_like_any_other(api, temp):
    response = chunked(api, Counted(invoice_pdf()))
    assert response.status_code == 202
    assert list(temp.iterdir()) == []


def test_undeclared_empty_body(api):
    response = chunked(api, Counted(b""))
    assert_refused(response, 422, "unprocessable_invoice", "The file is empty.", "file")


def test_undeclared_length_that_breaks_off(api, temp):
    class BreaksOff(Counted):
        def read(self, size: int = -1) -> bytes:
            if self.taken:
                raise OSError("no more data")
            return super().read(size)

    response = chunked(api, BreaksOff(invoice_pdf()))
    message = "The body ends before its last chunk. Send it again."
    assert_refused(response, 400, "invalid_request_error", message)
    assert list(temp.iterdir()) == []
    assert_nothing_written()


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "٣"])
def test_length_that_is_no_number(api, length):
    response = api.generic("POST", "/v1/invoices", b"x", content_type="application/pdf", CONTENT_LENGTH=length)
    assert_refused(response, 400, "invalid_request_error", "The header Content-Length is not a number.")
    assert_nothing_written()
