"""Prefer: wait=N (RFC 7240): a client that would rather hold the line than poll."""

from __future__ import annotations

import re
from threading import BoundedSemaphore

from rest_framework.request import Request

from extraction.models import Invoice
from extraction.services import wait_for_result

MAX_WAIT_S = 30
# Every waiting client holds one of the server's threads (eight by default), and a preference may be declined: two
# threads stay free for everybody else, who would otherwise wait as well.
MAX_WAITING = 6

_waiting = BoundedSemaphore(MAX_WAITING)


def preferred_wait(request: Request) -> int:
    """The seconds that the client is ready to wait, at most 30; 0 without a preference or with a malformed one,
    which the RFC says to ignore."""
    header = request.headers.get("Prefer", "")
    match = re.search(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?:$|[,;])', header, re.IGNORECASE)
    return min(int(match[1]), MAX_WAIT_S) if match else 0


def became_final(invoice: Invoice, seconds: int) -> bool:
    """Whether the result became final within so many seconds, which this waits unless too many wait already.

    Leaves the row as it then is in `invoice`. Raises Invoice.DoesNotExist where it was deleted meanwhile.
    """
    if not seconds or not _waiting.acquire(blocking=False):
        return False
    try:
        return wait_for_result(invoice=invoice, seconds=seconds).is_final()
    finally:
        _waiting.release()
