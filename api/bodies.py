"""Request bodies: bounded before they are read, whether they say their length or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest

from api.errors import FileTooLarge, InvalidRequest
from extraction.engine import errors

ENVELOPE_BYTES = 1024**2  # what multipart boundaries, headers and form fields may add to the largest file
IN_MEMORY_BYTES = 2 * 1024**2
CHUNK_BYTES = 64 * 1024


@contextmanager
def bounded(request: HttpRequest) -> Iterator[None]:
    """Bounds the body of `request` while the request is answered.

    A body that declares too many bytes is refused unread. One that declares none (Transfer-Encoding: chunked), which
    Django takes for empty, is first read up to the bound. Raises FileTooLarge, InvalidRequest.
    """
    limit = settings.MAX_UPLOAD_BYTES + ENVELOPE_BYTES
    if not is_chunked(request):
        if declared_length(request) > limit:
            raise too_large()
        yield
        return
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        try:
            length = copy_bounded(request.META["wsgi.input"], spool, limit)
        except OSError as error:  # how a server reports a malformed chunk, or a client that is gone
            raise InvalidRequest("The body ends before its last chunk. Send it again.") from error
        request.META["CONTENT_LENGTH"] = str(length)
        request._stream = spool  # type: ignore[assignment]  # where HttpRequest.read and DRF's parsers read from
        yield


def too_large() -> FileTooLarge:
    """The refusal, naming the bound."""
    return FileTooLarge(str(errors.FileTooLarge.beyond(settings.MAX_UPLOAD_BYTES)), param="file")


def is_chunked(request: HttpRequest) -> bool:
    """Whether the body has no declared length and the server marks its end (PEP 3333's `wsgi.input_terminated`)."""
    return bool(request.META.get("HTTP_TRANSFER_ENCODING") and request.META.get("wsgi.input_terminated"))


def declared_length(request: HttpRequest) -> int:
    """Content-Length in bytes, 0 without one. Raises InvalidRequest."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isascii() or not declared.isdigit():
        raise InvalidRequest("The header Content-Length is not a number.")
    return int(declared)


def copy_bounded(source: Any, target: IO[bytes], limit: int) -> int:
    """Copies `source` to `target` and rewinds it; the number of bytes. Raises FileTooLarge past `limit`."""
    length = 0
    while chunk := source.read(CHUNK_BYTES):
        length += len(chunk)
        if length > limit:
            raise too_large()
        target.write(chunk)
    target.seek(0)
    return length
