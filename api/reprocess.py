"""What a request to read an invoice again may say."""

from __future__ import annotations

from typing import Any

from api.errors import InvalidRequest
from api.params import Params, YesOrNoField

BODY = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"schema_id": {"type": ["string", "null"], "description": "`sch_…`: custom fields to read."}},
            "additionalProperties": False,
        },
        {"type": "string", "description": "The same as `schema_id`."},
        {"type": "null"},
    ]
}


class ReprocessParams(Params):
    """The options of POST /v1/invoices/{id}/reprocess."""

    discard_edits = YesOrNoField(
        default=False, help_text="Take back what was changed by hand, once the new result is there."
    )


def wanted_schema(body: Any) -> str | None:
    """The schema id in a body that is absent, {}, {"schema_id": …} or a JSON string. Raises InvalidRequest."""
    if isinstance(body, dict):
        if unknown := [(name, "Unknown field. Known: schema_id.") for name in body if name != "schema_id"]:
            param, message = unknown[0]
            raise InvalidRequest(message, param=param, fields=unknown)
        body = body.get("schema_id")
    if body is None or isinstance(body, str):
        return body
    raise InvalidRequest('Send nothing, {"schema_id": "sch_…"}, or the id alone as a JSON string.', param="schema_id")
