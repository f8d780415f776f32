"""Prefer: wait=N (RFC 7240): a client that would rather hold the line than poll."""

from __future__ import annotations

import re

from rest_framework.request import Request

MAX_WAIT_S = 30


def preferred_wait(request: Request) -> int:
    """The seconds that the client is ready to wait, at most 30; 0 without a preference or with a malformed one,
    which the RFC says to ignore."""
    header = request.headers.get("Prefer", "")
    match = re.search(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?:$|[,;])', header, re.IGNORECASE)
    return min(int(match[1]), MAX_WAIT_S) if match else 0
