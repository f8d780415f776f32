"""Custom fields in test mode: no page says them, so the definition does, or else a stock value of their type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from extraction.engine.custom.definition import CustomDefinition, DefinitionFault, parse_definition
from extraction.engine.money import exponent
from extraction.engine.result import CustomField, Extraction, Field, Provenance, Value, value_to_json
from extraction.engine.words import Box

STOCK: dict[str, Any] = {
    "string": "Sample", "number": 12.5, "integer": 42, "boolean": True, "date": "2026-04-08", "money": 1250,
}  # fmt: skip
CONFIDENCE = 0.9
PLACE = Box(0.1, 0.1, 0.3, 0.12)


def with_custom(extraction: Extraction, definition: Mapping[str, Any] | None) -> Extraction:
    """The extraction with a value for each field of the definition: the first of its `examples`, its `default`, the
    first of its `enum`, or a stock value. A `pattern` with none of these stays without a value."""
    try:
        fields = parse_definition(definition) if definition else ()
    except DefinitionFault:
        fields = ()
    if not fields or definition is None:
        return extraction
    code = extraction.value("currency")
    places = exponent(code if isinstance(code, str) else None)
    read = {field.name: _read(field, definition["properties"][field.name], places) for field in fields}
    header = {field.name: read[field.name] for field in fields if not field.line_item}
    line = {field.name: read[field.name] for field in fields if field.line_item}
    lines = tuple(dict(line) for _ in extraction.line_items) if line else ()
    missing = any(field.required and not read[field.name].found for field in fields)
    return replace(extraction, custom=header, custom_lines=lines, needs_review=extraction.needs_review or missing)


def _read(field: CustomDefinition, schema: Mapping[str, Any], places: int) -> CustomField:
    said = _said(field, schema)
    values = [_typed(field.kind, one, places) for one in (said if isinstance(said, list) else [said])]
    kept = [value for value in values if value is not None][: None if field.many else 1]
    return CustomField(field.kind, field.many, tuple(_field(field, value) for value in kept))


def _said(field: CustomDefinition, schema: Mapping[str, Any]) -> Any:
    """The value that the definition gives for an example; a list where it gives one for an array."""
    for part in (schema, schema.get("items", {}) if field.many else {}):
        for candidates in (part.get("examples"), [part["default"]] if "default" in part else [], part.get("enum")):
            if candidates and isinstance(candidates, list):
                return candidates[0]
    return None if field.pattern else STOCK[field.kind]


def _typed(kind: str, said: Any, places: int) -> Value | None:
    """An example as the engine would give it; None for one that is of another type."""
    if kind in ("number", "integer", "money"):
        is_number = isinstance(said, int | float) and not isinstance(said, bool)
        fits = is_number and (kind == "number" or int(said) == said)
        return Decimal(str(said)).scaleb(-places if kind == "money" else 0) if fits else None
    if kind == "boolean":
        return str(said).lower() if isinstance(said, bool) else None
    if not isinstance(said, str):
        return None
    return said if kind == "string" else _day(said)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _field(field: CustomDefinition, value: Value) -> Field:
    text = value_to_json(value) or ""
    return Field(value, CONFIDENCE, Provenance("text", text, page=1, box=PLACE, label=field.labels[0]))
