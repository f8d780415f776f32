"""When a delivery that failed is tried again (contract, section 12). Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

JITTER = 0.1  # of a step, added: receivers that came back are not hit by everybody at once
ASKED_TO_WAIT = frozenset({429, 503})  # the answers whose Retry-After counts
LONGEST_STRETCH = 2  # times a step, whatever Retry-After asks for


def pause_s(steps_s: Sequence[float], *, tries: int, wait_s: float = 0, chance: float | None = None) -> float | None:
    """Seconds from the `tries`-th failed attempt to the next, None where the schedule ends. `wait_s` is what the
    receiver asks for: it can only lengthen a step, to at most twice its length. `chance` in 0..1 fixes the jitter.
    """
    if tries > len(steps_s):
        return None
    step = steps_s[tries - 1]
    jittered = step * (1 + JITTER * (random.random() if chance is None else chance))  # noqa: S311 - not a secret
    return max(jittered, min(wait_s, LONGEST_STRETCH * step))


def asked_wait_s(*, status: int | None, retry_after: str | None, now: datetime) -> float:
    """Seconds that an answer asks us to wait by Retry-After (RFC 9110, 10.2.3: seconds or a date), 0 for none."""
    if status not in ASKED_TO_WAIT or not retry_after:
        return 0
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return 0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
