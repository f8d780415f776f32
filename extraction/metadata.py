"""What clients keep on an invoice for themselves: a few pairs of text."""

from __future__ import annotations

from typing import Any

MAX_PAIRS = 20
MAX_KEY_LENGTH = 64
MAX_VALUE_LENGTH = 500


def metadata_fault(pairs: Any) -> str | None:
    """What is wrong with `pairs` as metadata, as a sentence; None where nothing is."""
    if not isinstance(pairs, dict) or len(pairs) > MAX_PAIRS:
        return f"The metadata must be a JSON object of at most {MAX_PAIRS} pairs."
    for key, value in pairs.items():
        if not 1 <= len(key) <= MAX_KEY_LENGTH or not is_text(key):
            return f"A metadata key must be text of 1 to {MAX_KEY_LENGTH} characters."
        if not is_text(value) or len(value) > MAX_VALUE_LENGTH:
            return f"The value of {key!r} in the metadata must be text of at most {MAX_VALUE_LENGTH} characters."
    return None


def is_text(value: Any) -> bool:
    """Whether it is text that every database can keep: no NUL, no half of a surrogate pair."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
