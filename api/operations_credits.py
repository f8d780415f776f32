"""The operation about credits as the OpenAPI document describes it (see `api.operations`)."""

from __future__ import annotations

from api import examples_credits as examples
from api.openapi import operation, shown
from billing.serializers import CreditsSerializer

retrieve_credits = operation(
    operation_id="retrieve_credits",
    summary="List credits",
    description="What the workspace has to spend, the same for live and test keys: test mode costs nothing. One credit "
    "reads one page, and an XML e-invoice costs one. Credits are reserved at upload, spent when the document was read, "
    "and given back when it could not be, or was deleted before. Those of the subscription go first and lapse at "
    "`resetsAt`; top-up credits never lapse. Reading an invoice again is free once it was read.",
    tags=["Credits"],
    answers={200: shown(CreditsSerializer, "The credits.", examples.CREDITS)},
)
