"""Ids that say what they name and sort by time: a prefix, an underscore and a ULID (contract section 1)."""

from __future__ import annotations

import os
import re
import time
from threading import Lock

from ulid import ULID, ULIDGenerator

ULID_PATTERN = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"  # Crockford base 32; the first character holds only three bits

_shape = re.compile(rf"([a-z]{{3}})_{ULID_PATTERN}")
_lock = Lock()
_generator = ULIDGenerator()
_last_ms = 0


def new_id(prefix: str) -> str:
    """A fresh `prefix_ULID`, greater than every id made before it in this process.

    The clock is read under the lock and never runs backwards, which the generator alone does not promise.
    """
    global _last_ms
    with _lock:
        _last_ms = max(_last_ms, time.time_ns() // 1_000_000)
        return f"{prefix}_{_generator.generate(_last_ms)}"


def next_id(prefix: str, *, after: str) -> str:
    """A fresh id that is greater than `after`, which another machine, with its clock ahead, may have made.

    Its time is then that of `after`, a millisecond later.
    """
    fresh = new_id(prefix)
    if fresh > after:
        return fresh
    last = ULID.from_str(after.removeprefix(f"{prefix}_"))
    return f"{prefix}_{ULIDGenerator().generate(last.milliseconds + 1)}"


def is_id(value: object, prefix: str) -> bool:
    """Whether `value` is an id of this kind in its only spelling (upper case)."""
    match = _shape.fullmatch(value) if isinstance(value, str) else None
    return match is not None and match[1] == prefix


def _forget_randomness() -> None:
    """Two processes forked in one millisecond must not go on counting from the same random number."""
    global _generator, _lock
    _generator, _lock = ULIDGenerator(), Lock()


os.register_at_fork(after_in_child=_forget_randomness)
