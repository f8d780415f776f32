"""How an operation is described: what holds for all of them, and for all that change something."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from api import idempotency
from api.errors import RETRY_AFTER_S
from api.models import MAX_IDEMPOTENCY_KEY
from api.openapi import header
from invorec.lib import versions

VERSION = "InvoRec-Version"
KEY_PATTERN = r"^[!-~]([ -~]*[!-~])?$"  # printable ASCII; a blank at either end does not survive a header
EVERYWHERE = [
    header(VERSION, "The dated version to answer in; without it, the workspace's.", enum=versions.known()),
    header(VERSION, "The version of this answer.", on=True),
    header("Request-Id", "Names this request; tell it to support.", on=True),
    header("X-RateLimit-Limit", "Requests allowed in the window that is nearest to exhaustion.", on=True, type=int),
    header("X-RateLimit-Remaining", "What is left of them.", on=True, type=int),
    header("X-RateLimit-Reset", "When the window ends, in Unix seconds.", on=True, type=int),
    header("WWW-Authenticate", "`Bearer`.", on=[401]),
    header(
        "Retry-After",
        f"Whole seconds. 409: only while the first request under the key still runs; 503: {RETRY_AFTER_S}.",
        on=[409, 429, 503],
        type=int,
    ),
]
ONCE = [
    OpenApiParameter(
        idempotency.HEADER,
        {"type": "string", "minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY, "pattern": KEY_PATTERN},
        OpenApiParameter.HEADER,
        description="Names the operation, e.g. by a UUID: sent again within 24 hours it does nothing anew and gets the "
        "first answer.",
    ),
    header(idempotency.REPLAYED, "`true` on an answer that was given before.", on=[200, 201, 202, 204]),
]  # fmt: skip


class OperationSchema(AutoSchema):
    """The schema class of every view under /v1."""

    def get_override_parameters(self) -> list[Any]:
        return [*EVERYWHERE, *(ONCE if self.method in idempotency.METHODS else [])]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation, with the scope that a key needs for it."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        scope = getattr(self.view, "scopes", {}).get(self.method)
        if operation is not None and scope:
            operation["description"] = f"{operation['description']}\n\nA key needs the scope `{scope}`."
            operation["x-scope"] = scope
        return operation
