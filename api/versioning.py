"""Dated versions of the API (contract, section 7). There is one; a second adds its transforms to VERSIONS."""

from __future__ import annotations

from rest_framework.request import Request

from api.errors import InvalidRequest

HEADER = "InvoRec-Version"
CURRENT = "2026-04-08"
VERSIONS = (CURRENT,)


def requested(request: Request) -> str:
    """The version that a request asks for in its header, else the current one. Raises InvalidRequest."""
    version = request.headers.get(HEADER, CURRENT)
    if version not in VERSIONS:
        raise InvalidRequest(f"Unknown {HEADER} {version!r}. Known: {', '.join(VERSIONS)}.", param=HEADER)
    return version
