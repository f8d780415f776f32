"""What an upload says: one file, and perhaps a schema and metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from api.bodies import too_large
from api.errors import InvalidRequest
from api.params import Params, read_params
from api.parsers import FIELD
from extraction.engine.errors import EmptyFile
from extraction.metadata import metadata_fault


@extend_schema_field(OpenApiTypes.STR)
class FileNameField(serializers.Field[Any, Any, Any, Any]):
    """Whatever a client calls its file; `safe_name` makes a label of it later."""

    def to_internal_value(self, data: Any) -> str:
        return str(data)


class UploadParams(Params):
    """The options of POST /v1/invoices."""

    schema_id = serializers.CharField(
        required=False, help_text="`sch_…`: custom fields to read; default: the default schema."
    )
    filename = FileNameField(required=False, help_text="What to call the file, where the body is the file.")


@dataclass(frozen=True, slots=True)
class Upload:
    """The parts of a valid upload request."""

    file: UploadedFile
    file_name: str
    schema_id: str | None
    metadata: dict[str, str]


def read_upload(request: Request) -> Upload:
    """The upload that a request carries. Raises InvalidRequest, FileTooLarge, EmptyFile."""
    form = request.data if isinstance(request.data, QueryDict) else QueryDict()
    file = _only_file(request)
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        raise too_large()
    params = read_params(UploadParams, request)
    file_name = params.get("filename") or file.name or ""
    schema_id = params.get("schema_id") or form.get("schema_id") or None
    return Upload(file, file_name, schema_id, parse_metadata(form.get("metadata") or "{}"))


def parse_metadata(text: str) -> dict[str, str]:
    """A JSON object of at most 20 pairs of text. Raises InvalidRequest."""
    try:
        pairs = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRequest('The metadata is not JSON, for example {"order": "4711"}.', param="metadata") from None
    if fault := metadata_fault(pairs):
        raise InvalidRequest(fault, param="metadata")
    return dict(pairs)


def _only_file(request: Request) -> UploadedFile:
    files = request.FILES
    sent = sum(len(files.getlist(name)) for name in files)
    if sent > 1:
        raise InvalidRequest(f"Send one file a request; this one carries {sent}.", param=FIELD)
    if FIELD in files:
        return files[FIELD]
    if files:
        raise InvalidRequest(f'Send the file in the form field "{FIELD}", not "{next(iter(files))}".', param=FIELD)
    if FIELD in request.data:
        raise InvalidRequest(
            f'The form field "{FIELD}" holds text, not a file. With curl: -F "{FIELD}=@invoice.pdf"', param=FIELD
        )
    if _is_empty_file(request.content_type):
        raise EmptyFile
    raise InvalidRequest(f'The file is missing. Send it in the form field "{FIELD}" or as the raw body.', param=FIELD)


def _is_empty_file(content_type: str) -> bool:
    """Whether a body of no bytes was meant as a file: forms are how a client sends nothing at all."""
    return content_type.startswith(
        ("application/pdf", "application/octet-stream", "image/", "application/xml", "text/xml")
    )
