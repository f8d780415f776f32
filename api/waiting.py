"""Prefer: wait=N (RFC 7240): a client that would rather hold the line than poll."""

from __future__ import annotations

import re
import time

from rest_framework.request import Request

from extraction.models import Invoice

MAX_WAIT_S = 30
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 0.5


def preferred_wait(request: Request) -> int:
    """The seconds that the client is ready to wait, at most 30; 0 without, or with a malformed, preference."""
    match = re.search(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?:$|[,;])', request.headers.get("Prefer", ""), re.I)
    return min(int(match[1]), MAX_WAIT_S) if match else 0


def wait_until_final(invoice: Invoice, seconds: float) -> bool:
    """Whether the invoice became final within so many seconds. Leaves the row as it then is in `invoice`."""
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE_S
    while not invoice.is_final():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE_S)
        invoice.refresh_from_db()
    return True
