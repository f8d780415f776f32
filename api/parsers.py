"""Bodies that carry a file: a form, or the file itself. Both must have arrived whole."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, JSONParser, MultiPartParser
from rest_framework.request import Request

from api.errors import InvalidRequest
from api.versioning import upgraded_body

FIELD = "file"
TAIL_BYTES = 512  # a boundary has at most 70 characters; what may follow the last one is a line break
# These say that the body is no file. Any other type is a file: which kind, its content says (contract, section 8).
NOT_A_FILE = ("application/json", "multipart/")


class JsonParser(JSONParser):
    """JSON in the form of the request's version, and not so deep that reading it fails."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Raises ParseError."""
        try:
            body = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply") from None
        return upgraded_body(parser_context["request"], body)


class Tail:
    """Passes reads on to a stream and keeps the last bytes that went by."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.stream.read(size)
        self.tail = (self.tail + data)[-TAIL_BYTES:]
        return data


class WholeFormParser(MultiPartParser):
    """A multipart form that ends with its closing boundary.

    Django takes a form that breaks off for a complete one: half a file would become an invoice.
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles:
        """Raises ParseError, InvalidRequest."""
        tail = Tail(stream)
        parsed = super().parse(tail, media_type, parser_context)  # type: ignore[arg-type]
        boundary = parse_header_parameters(media_type or "")[1].get("boundary", "")
        if f"--{boundary}--".encode() not in tail.tail:
            raise InvalidRequest("The multipart form ends before its closing boundary. Send it again.", param=FIELD)
        return parsed


class RawFileParser(BaseParser):
    """The whole body is the file, whatever type it declares."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles:
        """The file in the field that a form would use; its size is bounded already. Raises InvalidRequest."""
        request: Request = parser_context["request"]
        if request.content_type.lower().startswith(NOT_A_FILE):
            raise InvalidRequest(
                f'Send the file as multipart/form-data in the field "{FIELD}", or as the raw body with its own content '
                f"type; {request.content_type.partition(';')[0]} is neither.",
                status=415,
            )
        data = stream.read()
        if len(data) < int(request.META["CONTENT_LENGTH"]):
            raise InvalidRequest("The body ends before its Content-Length. Send it again.", param=FIELD)
        files: MultiValueDict[str, UploadedFile] = MultiValueDict()
        files[FIELD] = UploadedFile(BytesIO(data), name=None, size=len(data))
        return DataAndFiles(QueryDict(), files)
