"""A stored document as an answer: whole or in part, never something that a browser would run."""

from __future__ import annotations

import re

from django.core.files.base import File
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from rest_framework.request import Request

from api.errors import InvalidRequest
from extraction.models import Invoice

# The document is a stranger's: should a browser show it after all, then without scripts, forms or requests.
INERT = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


class Part:
    """The bytes [start, stop) of an open file, which ends with it."""

    def __init__(self, file: File[bytes], start: int, stop: int) -> None:
        file.seek(start)
        self.file, self.left = file, stop - start

    def read(self, size: int) -> bytes:
        chunk: bytes = self.file.read(min(size, self.left))
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()


def download(request: Request, file: File[bytes], invoice: Invoice) -> HttpResponseBase:
    """The answer to GET or HEAD: 200, 206 for one range, or 304. Raises InvalidRequest (416).

    `file` is the invoice's document, open; it is closed at the end of the answer.
    """
    size, etag = invoice.file_size, f'"{invoice.file_sha256}"'
    headers = INERT | {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if not {etag, "*"}.isdisjoint(_etags(request, "If-None-Match")):
        file.close()
        return HttpResponse(status=304, headers=headers, content_type=invoice.content_type)
    part = wanted_range(request.headers.get("Range", ""), size) if _range_applies(request, etag) else None
    start, stop = part or (0, size)
    headers["Content-Length"] = str(stop - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return FileResponse(
        Part(file, start, stop),
        as_attachment=True,
        filename=invoice.file_name,
        content_type=invoice.content_type,
        headers=headers,
        status=206 if part else 200,
    )


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """The bytes [start, stop) that a Range header asks for (RFC 9110, section 14); None for all of them, which is
    also the answer to several ranges and to a malformed header. Raises InvalidRequest (416)."""
    match = re.fullmatch(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", header, re.IGNORECASE)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        raise InvalidRequest(
            f"The range lies outside of the file's {size} bytes.",
            status=416,
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, stop


def _range_applies(request: Request, etag: str) -> bool:
    """A part is for GET alone (RFC 9110, section 14.2), and only of use to whoever has the rest of this very file."""
    return request.method == "GET" and request.headers.get("If-Range", etag) == etag


def _etags(request: Request, header: str) -> list[str]:
    """The entity tags of a header, compared weakly (RFC 9110, section 13.1.2)."""
    return [tag.removeprefix("W/") for tag in parse_etags(request.headers.get(header, ""))]
