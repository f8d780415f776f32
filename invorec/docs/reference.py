"""The endpoints and objects of the served OpenAPI document, as the page shows them. What is not served is not here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from api.views.openapi import document
from invorec.docs.markup import Code, Sample, prose
from invorec.docs.samples import Call, sample

OBJECTS = ("Invoice", "LineItem", "Extraction", "Schema", "Webhook", "Event", "Delivery", "ErrorDetail")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A parameter, a field of a body, a header or an attribute of an object."""

    name: str
    kind: str
    place: str
    required: bool
    description: SafeString


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an operation answers with."""

    status: str
    meaning: SafeString
    codes: list[str]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation."""

    anchor: str
    method: str
    path: str
    title: str
    tag: str
    description: SafeString
    parameters: list[Attribute]
    body: list[Attribute]
    answers: list[Answer]
    samples: list[Sample]
    headers: list[Attribute] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A component that answers are made of."""

    anchor: str
    title: str
    description: SafeString
    attributes: list[Attribute]


def endpoints(base: str) -> list[Endpoint]:
    """Every operation, in the document's order of tags, then of paths. `base` is where /v1 is served."""
    found = [
        _endpoint(base, path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
    order = [tag["name"] for tag in document()["tags"]]
    return sorted(found, key=lambda each: order.index(each.tag))


def objects() -> list[ObjectType]:
    """The objects that answers consist of."""
    schemas = document()["components"]["schemas"]
    return [
        ObjectType(
            anchor=f"object-{name.lower()}",
            title={"ErrorDetail": "Error", "LineItem": "Line item"}.get(name, name),
            description=prose(schemas[name].get("description", "")),
            attributes=list(_attributes(schemas[name])),
        )
        for name in OBJECTS
    ]


def _endpoint(base: str, path: str, method: str, operation: dict[str, Any]) -> Endpoint:
    given = [_parameter(parameter) for parameter in operation.get("parameters", [])]
    body = _resolved(_body_schema(operation))
    return Endpoint(
        anchor=operation["operationId"].replace("_", "-"),
        method={"delete": "DEL"}.get(method, method.upper()),
        path=path,
        title=operation["summary"],
        tag=operation["tags"][0],
        description=prose(operation["description"]),
        parameters=[each for each in given if each.place != "header"],
        headers=[each for each in given if each.place == "header"],
        body=list(_attributes(body, place="body")),
        answers=[_answer(status, answer) for status, answer in _usual_first(operation)],
        samples=[sample(_call(base, path, method, operation)), *_answers_shown(operation)],
    )


def _parameter(parameter: dict[str, Any]) -> Attribute:
    return Attribute(
        name=parameter["name"],
        kind=kind_of(parameter["schema"]),
        place=parameter["in"],
        required=parameter.get("required", False),
        description=prose(parameter["description"]),
    )


def _body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    media = content.get("multipart/form-data") or content.get("application/json") or {}
    schema: dict[str, Any] = media.get("schema", {})
    return schema["oneOf"][0] if "oneOf" in schema else schema


def _attributes(schema: dict[str, Any], place: str = "") -> Iterator[Attribute]:
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        plain = inner["anyOf"][0] if place and "anyOf" in inner else inner  # the wrapper is told of once
        description = inner.get("description") or _resolved(plain).get("description", "")
        yield Attribute(name, kind_of(plain), place, bool(place) and name in required, prose(description))


def kind_of(schema: dict[str, Any]) -> str:
    """The type in words: `string or null`, `array of Line item`, `"paid" | "unpaid"`."""
    if "$ref" in schema:
        target = _resolved(schema)
        return schema["$ref"].rsplit("/", 1)[-1] if target.get("type") == "object" else kind_of(target)
    for joined in ("oneOf", "anyOf", "allOf"):
        if joined in schema:
            return " or ".join(dict.fromkeys(kind_of(each) for each in schema[joined]))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " | ".join(json.dumps(value) for value in values)
    types = schema.get("type", "any")
    names = [types] if isinstance(types, str) else list(types)
    if "array" in names:
        names[names.index("array")] = f"array of {kind_of(schema.get('items') or {})}"
    elif "string" in names and schema.get("format") in ("date", "date-time", "binary"):
        names[names.index("string")] = schema["format"]
    return " or ".join(names)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    target: dict[str, Any] = document()["components"]["schemas"][name] if name else schema
    return target


def _answer(status: str, answer: dict[str, Any]) -> Answer:
    shown = answer.get("content", {}).get("application/json", {}).get("examples", {})
    codes = [example["value"]["error"]["code"] for example in shown.values()] if status >= "400" else []
    return Answer(status, prose(answer.get("description", "")), codes)


def _usual_first(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """By status; a 202 before the 200 that only waiting brings."""
    return sorted(operation["responses"].items(), key=lambda each: (each[0] != "202", each[0]))


def _answers_shown(operation: dict[str, Any]) -> Iterator[Sample]:
    for status, answer in _usual_first(operation):
        examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
        if status < "400" and examples:
            value = next(iter(examples.values()))["value"]
            yield [Code("json", json.dumps(value, indent=2, ensure_ascii=False), f"Response {status}")]


def _call(base: str, path: str, method: str, operation: dict[str, Any]) -> Call:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", _example(parameter))
    content = operation.get("requestBody", {}).get("content", {})
    json_body = content.get("application/json", {})
    success = min(status for status in operation["responses"])
    answered = operation["responses"][success].get("content", {})
    return Call(
        method=method.upper(),
        base=base,
        path=path.removeprefix("/v1"),
        body=_example(json_body) if json_body else None,
        sends_file="multipart/form-data" in content,
        gets_file=bool(answered) and "application/json" not in answered,
        is_empty=not answered,
    )


def _example(described: dict[str, Any]) -> Any:
    return next(iter(described["examples"].values()))["value"]
