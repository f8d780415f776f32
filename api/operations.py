"""The operations under /v1 as the OpenAPI document describes them: each is a decorator for the method that it names."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse

from api import examples
from api.openapi import UploadSerializer, header, list_of, operation, path_id, sent, shown
from api.params import ExtractionParams, InvoiceListParams, PageParams
from api.prefer import MAX_WAIT_S
from api.reprocess import BODY as REPROCESS_BODY
from api.reprocess import ReprocessParams
from api.uploads import UploadParams
from extraction.file_names import CONTENT_TYPES
from extraction.patch import InvoicePatchSerializer
from extraction.provenance import ExtractionSerializer
from extraction.serializers import InvoiceSerializer, SchemaSerializer

BINARY = OpenApiTypes.BINARY
INVOICE_ID = path_id("inv", examples.ACCEPTED["id"])
SCHEMA_ID = path_id("sch", examples.SCHEMA["id"])

list_invoices = operation(
    operation_id="list_invoices",
    summary="List invoices",
    description="Newest first. Pass `next_cursor` as `cursor` for the next page, with the same filters.",
    tags=["Invoices"],
    parameters=[InvoiceListParams],
    answers={200: shown(list_of(InvoiceSerializer, "InvoiceList"), "A page of invoices.", examples.LIST)},
)

create_invoice = operation(
    operation_id="create_invoice",
    summary="Create invoice",
    description="Uploads one document, as a form or as the body itself, and queues its reading. The type is told by "
    "the content, never by name or declared type. The answer comes at once with the status `processing`; poll "
    f"`Location`, or send `Prefer: wait=N` to hold the answer up to {MAX_WAIT_S} seconds until the result is final.",
    tags=["Invoices"],
    parameters=[
        UploadParams,
        header("Prefer", f"`wait=N`: hold the answer up to N (at most {MAX_WAIT_S}) seconds."),
        header("Location", "The address of the invoice.", on=[200, 202]),
        header("Preference-Applied", "`wait=N`, when the result became final meanwhile.", on=[200]),
    ],
    request={
        "multipart/form-data": UploadSerializer,
        **dict.fromkeys([*CONTENT_TYPES.values(), "application/octet-stream"], BINARY),
    },
    answers={
        202: shown(InvoiceSerializer, "Accepted: the invoice is being read.", examples.ACCEPTED),
        200: shown(InvoiceSerializer, "Final within the time of `Prefer: wait=N`.", examples.SUCCEEDED),
    },
    refused=(402, 409, 415, 422),
)

retrieve_invoice = operation(
    operation_id="retrieve_invoice",
    summary="Retrieve invoice",
    description="The invoice with everything that was read from its document.",
    tags=["Invoices"],
    parameters=[INVOICE_ID],
    answers={200: shown(InvoiceSerializer, "The invoice.", examples.SUCCEEDED)},
    refused=(404,),
)

update_invoice = operation(
    operation_id="update_invoice",
    summary="Update invoice",
    description='Corrects what was read. A field is given as its value, or as `{"present": true, "value": …}`; null '
    "clears it, and what is absent stays. `lineItems`, `customFields` and `metadata` replace what is there. All is "
    "changed or nothing. What changed is kept in a history (`edits` of the extraction) and survives a reprocess. "
    "After another currency with other decimals, amounts that nobody gave are restated in its smallest unit.",
    tags=["Invoices"],
    parameters=[INVOICE_ID],
    request=InvoicePatchSerializer,
    examples=[sent("values", examples.PATCH), sent("wrapper", examples.PATCH_WRAPPED)],
    answers={200: shown(InvoiceSerializer, "The invoice as it is now.", examples.SUCCEEDED)},
    refused=(404, 409, 415),
)

delete_invoice = operation(
    operation_id="delete_invoice",
    summary="Delete invoice",
    description="Deletes the invoice, everything that was read from it, and its file. A reading that still runs is "
    "cancelled.",
    tags=["Invoices"],
    parameters=[INVOICE_ID],
    answers={204: OpenApiResponse(description="Deleted.")},
    refused=(404, 409),
)

reprocess_invoice = operation(
    operation_id="reprocess_invoice",
    summary="Reprocess invoice",
    description="Reads the document again, with another schema where one is named. The earlier result stays readable "
    "until the new one is final, and stands when the document cannot be read again; `error` then says so. What was "
    "changed by hand survives unless `discard_edits` is true. It costs nothing, unless no reading has succeeded yet.",
    tags=["Invoices"],
    parameters=[INVOICE_ID, ReprocessParams],
    request={"application/json": REPROCESS_BODY},
    examples=[sent("schema", {"schema_id": examples.SCHEMA["id"]}), sent("id", examples.SCHEMA["id"])],
    answers={202: shown(InvoiceSerializer, "Accepted: the invoice is being read.", examples.REPROCESSING)},
    refused=(402, 404, 409, 415, 422),
)

retrieve_extraction = operation(
    operation_id="retrieve_extraction",
    summary="Retrieve extraction",
    description="Per field: the value that was read, the probability that it is right, and its place on the page; and "
    "the checks that were made. Empty until the first reading succeeds.",
    tags=["Invoices"],
    parameters=[INVOICE_ID, ExtractionParams],
    answers={200: shown(ExtractionSerializer, "What was read, and where.", examples.EXTRACTION)},
    refused=(404,),
)

retrieve_file = operation(
    operation_id="retrieve_file",
    summary="Retrieve file",
    description="The document as it was uploaded, byte for byte, as an attachment.",
    tags=["Invoices"],
    parameters=[
        INVOICE_ID,
        header("Range", "One range of bytes, e.g. `bytes=0-1023`."),
        header("If-Range", "The ETag that the range continues."),
        header("If-None-Match", "An ETag: 304 when the file is still that one."),
        header("ETag", "The file's SHA-256.", on=[200, 206, 304]),
        header("Accept-Ranges", "`bytes`.", on=[200, 206, 304]),
        header("Content-Disposition", "`attachment` with the file's name.", on=[200, 206]),
        header("Content-Range", "The part of the file.", on=[206, 416]),
    ],
    answers={
        **{(status, kind): BINARY for status in (200, 206) for kind in sorted(set(CONTENT_TYPES.values()))},
        304: OpenApiResponse(description="The file is the one that If-None-Match names."),
    },
    refused=(404, 416),
)

list_schemas = operation(
    operation_id="list_schemas",
    summary="List schemas",
    description="The custom fields that the workspace has defined, newest first. They are made and changed in the "
    "dashboard.",
    tags=["Schemas"],
    parameters=[PageParams],
    answers={200: shown(list_of(SchemaSerializer, "SchemaList"), "A page of schemas.", examples.SCHEMA_LIST)},
)

retrieve_schema = operation(
    operation_id="retrieve_schema",
    summary="Retrieve schema",
    description="One schema; its `definition` is a JSON Schema (2020-12) whose properties become `customFields`.",
    tags=["Schemas"],
    parameters=[SCHEMA_ID],
    answers={200: shown(SchemaSerializer, "The schema.", examples.SCHEMA)},
    refused=(404,),
)
