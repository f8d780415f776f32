"""Prefer: wait=N (RFC 7240): a client that would rather hold the line than poll."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from extraction.models import Invoice
from extraction.services import wait_for_result

MAX_WAIT_S = 30
# Every waiting client holds one of the server's threads (eight by default), and a preference may be declined: two
# threads stay free for everybody else, who would otherwise wait as well.
MAX_WAITING = 6

_waiting = BoundedSemaphore(MAX_WAITING)


class Accepted(Response):
    """A 202 in whose place a later state may be answered: `later` waits for it and gives None where it does not come.

    The wait begins when the transaction has ended, before which nobody else could bring that state about; what is
    stored under an idempotency key is the 202.
    """

    def __init__(self, data: Any, *, later: Callable[[], Response | None], **kwargs: Any) -> None:
        super().__init__(data, status=202, **kwargs)
        self.later = later


def preferred_wait(request: Request) -> int:
    """The seconds that the client is ready to wait, at most 30; 0 without a preference or with a malformed one,
    which the RFC says to ignore."""
    header = request.headers.get("Prefer", "")
    match = re.search(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?:$|[,;])', header, re.IGNORECASE)
    return min(int(match[1]), MAX_WAIT_S) if match else 0


def became_final(invoice: Invoice, seconds: int) -> bool:
    """Whether the result became final within so many seconds, which this waits unless too many wait already.

    Leaves the row as it then is in `invoice`. One that was deleted meanwhile never becomes final.
    """
    if not seconds or not _waiting.acquire(blocking=False):
        return False
    try:
        return wait_for_result(invoice=invoice, seconds=seconds).is_final()
    except Invoice.DoesNotExist:
        return False
    finally:
        _waiting.release()
