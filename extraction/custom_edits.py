"""Custom fields that people give: of the kinds that the schema names; without a schema, plain JSON values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from rest_framework.serializers import ValidationError

from extraction.engine.custom.definition import MAX_FIELDS, MAX_NAME, CustomDefinition, CustomKind
from extraction.engine.money import MAX_MINOR
from extraction.metadata import is_text
from extraction.patch_fields import is_number
from extraction.results import LONG_TEXT

MAX_VALUES = 100  # of an array
Judge = Callable[[Any], bool]


def checked_custom(given: Any, definitions: Sequence[CustomDefinition]) -> dict[str, Any]:
    """The custom fields that `given` stands for: null for those of `definitions` that it leaves out.

    Without definitions any names will do. Raises ValidationError, by name where one is at fault.
    """
    if not isinstance(given, dict) or len(given) > MAX_FIELDS:
        raise ValidationError([f"Give an object of at most {MAX_FIELDS} fields, or null."])
    known = {definition.name: definition for definition in definitions}
    faults = {name: [fault] for name, value in given.items() if (fault := _fault(name, value, known))}
    if faults:
        raise ValidationError(faults)
    return dict.fromkeys(known) | {name: value for name, value in given.items() if value is not None or name in known}


def _fault(name: str, value: Any, known: dict[str, CustomDefinition]) -> str | None:
    """What is wrong with one field, as a sentence."""
    if known and name not in known:
        return f"The schema has no such field. It has: {', '.join(sorted(known))}."
    if not known and not (is_text(name) and 1 <= len(name) <= MAX_NAME):
        return f"The name of a custom field is text of 1 to {MAX_NAME} characters."
    if value is None:
        return None
    return _defined_fault(value, known[name]) if known else _plain_fault(value)


def _plain_fault(value: Any) -> str | None:
    values = value if isinstance(value, list) else [value]
    if len(values) <= MAX_VALUES and all(_is_plain(one) for one in values):
        return None
    return f"Give text of at most {LONG_TEXT} characters, a number, true, false, a list of those, or null."


def _defined_fault(value: Any, definition: CustomDefinition) -> str | None:
    values = value if definition.many else [value]
    judge, meaning = KINDS[definition.kind]
    if not isinstance(values, list) or len(values) > MAX_VALUES or not all(judge(one) for one in values):
        return f"Give {f'a list of at most {MAX_VALUES} values, each ' if definition.many else ''}{meaning}, or null."
    if definition.enum and not all(_spelled(one) in definition.enum for one in values):
        return f"Give one of: {', '.join(definition.enum)}."
    if definition.pattern and not all(re.search(definition.pattern, _spelled(one)) for one in values):
        return f"The value does not match the schema's pattern {definition.pattern}"
    return None


def _spelled(value: Any) -> str:
    """The value as the definition's enum and pattern know it."""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _is_storable(value: Any) -> bool:
    return is_text(value) and 0 < len(value) <= LONG_TEXT


def _is_number(value: Any) -> bool:
    return is_number(value) and abs(value) <= MAX_MINOR


def _is_integer(value: Any) -> bool:
    return _is_number(value) and value == int(value)


def _is_date(value: Any) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9-]{10}", value)) and bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool) or _is_number(value) or _is_storable(value)


KINDS: dict[CustomKind, tuple[Judge, str]] = {
    "string": (_is_storable, f"text of 1 to {LONG_TEXT} characters"),
    "number": (_is_number, "a number"),
    "integer": (_is_integer, "a whole number"),
    "money": (_is_integer, "a whole number in the smallest unit of the currency"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "date": (_is_date, "a date as YYYY-MM-DD"),
}
