"""Dated versions of the API (contract, section 7). There is one; a second adds its transforms to VERSIONS."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.versioning import BaseVersioning

from api.errors import InvalidRequest

HEADER = "InvoRec-Version"
CURRENT = "2026-04-08"
VERSIONS = (CURRENT,)


class DatedVersioning(BaseVersioning):
    """The version that a request asks for in the header InvoRec-Version, else the current one."""

    def determine_version(self, request: Request, *args: Any, **kwargs: Any) -> str:
        """Raises InvalidRequest, naming the known versions."""
        version = request.headers.get(HEADER, CURRENT)
        if version not in VERSIONS:
            raise InvalidRequest(f"Unknown {HEADER} {version!r}. Known: {', '.join(VERSIONS)}.", param=HEADER)
        return version
