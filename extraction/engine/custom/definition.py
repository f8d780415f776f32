"""The definition of custom fields: a JSON Schema of type object, checked and flattened for the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from extraction.engine.custom.patterns import check_pattern

CustomKind = Literal["string", "number", "integer", "boolean", "date", "money"]

MAX_FIELDS = 100
MAX_NAME = 100  # characters
LABEL_WORDS = 5  # a longer description is an explanation and no label
_COMPOSED = ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if")
_TYPES = ("string", "number", "integer", "boolean")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+")


class DefinitionFault(ValueError):
    """What is wrong with a definition; `place` is a JSON pointer to it ("/properties/km/pattern", RFC 6901)."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place, self.message = place, message


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page: the page's number from 1, or from the end below 0, None for every page, and x0, y0, x1, y1 in
    fractions of it."""

    page: int | None
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CustomDefinition:
    """One field to read: its kind, the phrases that may stand as its label, and what else narrows it."""

    name: str
    kind: CustomKind = "string"
    many: bool = False
    labels: tuple[str, ...] = ()
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    region: Region | None = None
    line_item: bool = False
    required: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CustomDefinition:
        region = data["region"]
        lists = {"labels": tuple(data["labels"]), "enum": tuple(data["enum"])}
        box = Region(region["page"], tuple(region["box"])) if region else None
        return cls(**{**data, **lists, "region": box})


def pointer(*steps: str | int) -> str:
    """The JSON pointer of these steps (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def parse_definition(definition: Mapping[str, Any]) -> tuple[CustomDefinition, ...]:
    """The fields that `definition` names, in its order. Raises DefinitionFault with the place of what is wrong."""
    if not isinstance(definition, dict) or definition.get("type", "object") != "object":
        raise DefinitionFault("/type", "must be object")
    properties = definition.get("properties", {})
    if not isinstance(properties, dict) or len(properties) > MAX_FIELDS:
        raise DefinitionFault("/properties", f"must be an object of at most {MAX_FIELDS} fields")
    required = _texts(definition, "required", "/required")
    unknown = [name for name in required if name not in properties]
    if unknown:
        raise DefinitionFault("/required", f"{unknown[0]} is no property")
    return tuple(_field(name, schema, name in required) for name, schema in properties.items())


def _field(name: str, schema: Any, required: bool) -> CustomDefinition:
    place = pointer("properties", name)
    if not name.strip() or len(name) > MAX_NAME:
        raise DefinitionFault(place, f"a name has 1 to {MAX_NAME} characters")
    if not isinstance(schema, dict):
        raise DefinitionFault(place, "must be an object")
    many = schema.get("type") == "array"
    _refuse_composed(schema, place)
    items = schema.get("items", {}) if many else schema
    if not isinstance(items, dict):
        raise DefinitionFault(f"{place}/items", "must be an object")
    _refuse_composed(items, f"{place}/items")
    hints = {**items, **schema} if many else schema
    kind = _kind(items, f"{place}/items" if many else place)
    return CustomDefinition(
        name,
        kind,
        many,
        _labels(name, hints, place),
        _pattern({**schema, **items}, place),
        _texts({**schema, **items}, "enum", f"{place}/enum"),
        _region(hints.get("x-region"), f"{place}/x-region"),
        _flag(hints, "x-line-item", place),
        required,
    )


def _refuse_composed(schema: Mapping[str, Any], place: str) -> None:
    """A field is stated in one piece: what a reference or an alternative says would be left unread without a word."""
    for keyword in _COMPOSED:
        if keyword in schema:
            raise DefinitionFault(f"{place}/{keyword}", "is not read; state the field itself")


def _kind(schema: Mapping[str, Any], place: str) -> CustomKind:
    kind = schema.get("type", "string")
    if kind not in _TYPES:
        raise DefinitionFault(f"{place}/type", f"must be one of {', '.join(_TYPES)}, or an array of those")
    if kind == "string" and schema.get("format") == "date":
        return "date"
    if _flag(schema, "x-money", place):
        if kind != "integer":
            raise DefinitionFault(f"{place}/x-money", "money is an integer, in minor units")
        return "money"
    found: CustomKind = kind
    return found


def _flag(schema: Mapping[str, Any], key: str, place: str) -> bool:
    value = schema.get(key, False)
    if type(value) is not bool:
        raise DefinitionFault(f"{place}/{key}", "must be true or false")
    return value


def _labels(name: str, schema: Mapping[str, Any], place: str) -> tuple[str, ...]:
    """x-labels, the title, the words of the name, and a description that is short enough to stand on paper."""
    labels = list(_texts(schema, "x-labels", f"{place}/x-labels"))
    for key in ("title", "description"):
        text = schema.get(key, "")
        if not isinstance(text, str):
            raise DefinitionFault(f"{place}/{key}", "must be a text")
        if text and (key == "title" or len(text.split()) <= LABEL_WORDS):
            labels.append(text)
    labels.append(" ".join(_CAMEL.split(name)).strip())
    return tuple(dict.fromkeys(labels))


def _pattern(schema: Mapping[str, Any], place: str) -> str | None:
    pattern = schema.get("pattern")
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        raise DefinitionFault(f"{place}/pattern", "must be a text")
    try:
        check_pattern(pattern)
    except ValueError as error:
        raise DefinitionFault(f"{place}/pattern", str(error)) from error
    return pattern


def _texts(schema: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    entries = schema.get(key, [])
    if not isinstance(entries, list) or len(entries) > MAX_FIELDS or any(_is_composed(e) for e in entries):
        raise DefinitionFault(place, f"must be a list of at most {MAX_FIELDS} plain values")
    return tuple(str(entry) for entry in entries if entry is not None and entry != "")


def _is_composed(entry: Any) -> bool:
    return isinstance(entry, list | dict)


def _region(region: Any, place: str) -> Region | None:
    if region is None:
        return None
    box = region.get("box") if isinstance(region, dict) else None
    page = region.get("page") if isinstance(region, dict) else None
    if not isinstance(box, list) or not _is_box(box):
        raise DefinitionFault(f"{place}/box", "must be [x0, y0, x1, y1] between 0 and 1")
    if page is not None and (type(page) is not int or page == 0):
        raise DefinitionFault(f"{place}/page", "must be a page number, below 0 from the end")
    x0, y0, x1, y1 = (float(v) for v in box)
    return Region(page, (x0, y0, x1, y1))


def _is_box(box: list[Any]) -> bool:
    known = len(box) == 4 and all(type(v) in (int, float) and 0 <= v <= 1 for v in box)
    return known and box[0] < box[2] and box[1] < box[3]
