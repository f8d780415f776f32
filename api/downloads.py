"""A stored document as an answer: whole or in part, never something that a browser would run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.files.base import File
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags
from rest_framework.request import Request

from api.errors import InvalidRequest
from extraction.models import Invoice

CHUNK_BYTES = 64 * 1024
# The document is a stranger's: should a browser show it after all, then without scripts, forms or requests.
INERT = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


def download(request: Request, file: File[bytes], invoice: Invoice) -> HttpResponseBase:
    """The answer to GET or HEAD: 200, 206 for one range, or 304. Raises InvalidRequest (416).

    `file` is the invoice's document, open; it is closed at the end of the answer.
    """
    size, etag = invoice.file_size, f'"{invoice.file_sha256}"'
    headers = INERT | {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if etag in _etags(request, "If-None-Match"):
        file.close()
        return HttpResponse(status=304, headers=headers)
    headers["Content-Disposition"] = content_disposition_header(True, invoice.file_name) or "attachment"
    part = wanted_range(request.headers.get("Range", ""), size) if _range_applies(request, etag) else None
    if part is None:
        whole = FileResponse(file, content_type=invoice.content_type, headers=headers)
        whole.headers["Content-Length"] = str(size)
        return whole
    start, stop = part
    headers |= {"Content-Range": f"bytes {start}-{stop - 1}/{size}", "Content-Length": str(stop - start)}
    return StreamingHttpResponse(
        _part(file, start, stop), status=206, content_type=invoice.content_type, headers=headers
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
    """If-Range: a part is only of use to whoever has the rest of this very file."""
    return request.headers.get("If-Range", etag) == etag


def _etags(request: Request, header: str) -> list[str]:
    """The entity tags of a header, compared weakly (RFC 9110, section 13.1.2)."""
    return [tag.removeprefix("W/") for tag in parse_etags(request.headers.get(header, ""))]


def _part(file: File[bytes], start: int, stop: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = stop - start
        while left and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
