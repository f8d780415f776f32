"""What Schemathesis cannot know of this API: what an acceptable file is, and which refusals no schema can foresee."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    AcceptedNegativeData,
    RejectedPositiveData,
    negative_data_rejection,
    positive_data_acceptance,
)

from tests.api.documents import encrypted_pdf, invoice_pdf

FILES = st.sampled_from([invoice_pdf(), invoice_pdf(pages=3)])
HARDLY_FILES = st.sampled_from([encrypted_pdf(), b"", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"<Invoice/>"])
CUSTOM = "customFields"  # or lineItems.0.customFields.name and the like
EMPTY = ("", None, [], {})  # what comes to nothing in a query
EXACT_PRICE = "unitPriceDecimal"  # of a line item
# (status, code, param): a request may be right by the schema and yet wrong for what the schema cannot say.
EXCUSES = {
    (400, "invalid_request_error", "cursor"): "a cursor is signed: only the service makes valid ones",
    (400, "invalid_request_error", "schema_id"): "names no schema of the workspace",
    (400, "invalid_request_error", CUSTOM): "which custom fields there are, the invoice's schema says",
    (400, "invalid_request_error", EXACT_PRICE): "says another price than unitPrice beside it",
    (400, "invalid_request_error", "metadata"): "in a form, a text that has to be JSON of a certain shape",
    (400, "invalid_request_error", "webhook"): "names no webhook of the workspace",
    (416, "invalid_request_error", None): "how long the file is, only its bytes say",
    (422, "unprocessable_invoice", "file"): "the file is judged by its content",
}
NOT_NOW = "There is no pending secret"  # to promote, where nobody has rotated before

schemathesis.openapi.format("binary", FILES | HARDLY_FILES | st.binary(max_size=64))


@schemathesis.check
def accepted_or_excused(context: Any, response: Any, case: Any) -> None:
    """`positive_data_acceptance`, but for the refusals in EXCUSES."""
    try:
        positive_data_acceptance(context, response, case)
    except RejectedPositiveData:
        error = response.json().get("error", {})
        param = error.get("param")
        param = next((name for name in (CUSTOM, EXACT_PRICE) if name in (param or "").split(".")), param)
        excused = (response.status_code, error.get("code"), param) in EXCUSES
        if not excused and not error.get("message", "").startswith(NOT_NOW):
            raise


@schemathesis.check
def refused_or_absent(context: Any, response: Any, case: Any) -> None:
    """`negative_data_rejection`, but for what the service does not look at: an empty query parameter counts as absent,
    and so do a field of a PATCH whose wrapper says `"present": false` and what a form does not come to say."""
    try:
        negative_data_rejection(context, response, case)
    except AcceptedNegativeData:
        body = case.body if isinstance(case.body, dict) else {}
        absent = [value for value in body.values() if isinstance(value, dict) and value.get("present") is False]
        empty = [value for value in (case.query or {}).values() if value in EMPTY]
        too_long = response.status_code == 414  # refused all the same, which Schemathesis does not count so
        if not empty and not absent and not too_long and not says_nothing(case):
            raise


def says_nothing(case: Any) -> bool:
    """Whether a form is left with its file: an empty list has no parts, and a schema in the query outranks its own."""
    if "multipart" not in str(case.media_type) or not isinstance(case.body, dict):
        return False
    said = {name for name in ("schema_id", "metadata") if case.body.get(name, []) != []}
    return not said - ({"schema_id"} if "schema_id" in (case.query or {}) else set())
