"""What may be saved as a definition, and where the fault of the rest stands."""

from __future__ import annotations

import pytest

from extraction.definitions import DIALECT, MAX_BYTES, check_definition
from extraction.engine.custom.definition import DefinitionFault


def of(**properties):
    return {"type": "object", "properties": properties}


DEEP: dict = {}
for _ in range(5000):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "object"},
        {"$schema": DIALECT, "$id": "urn:shipping", **of(a={"type": "string", "minLength": 1, "examples": ["x"]})},
        of(a={"type": "array", "items": {"type": "integer", "x-money": True}}, b={"type": "string", "format": "date"}),
        of(a={"enum": ["EXW", "FOB"], "x-labels": ["Incoterm", "Lieferbedingung"], "x-line-item": True}),
        {**of(a={"x-region": {"page": -1, "box": [0, 0.5, 1, 1]}}), "required": ["a"], "additionalProperties": False},
    ],
)
def test_a_definition_that_can_be_read(definition):
    check_definition(definition)


@pytest.mark.parametrize(
    ("definition", "place"),
    [
        ([], "/type"),
        ({"type": "array"}, "/type"),
        ({"type": "object", "properties": []}, "/properties"),
        ({**of(a={}), "required": ["b"]}, "/required"),
        (of(a={"type": "null"}), "/properties/a/type"),
        (of(**{"net/gross": {"pattern": "("}}), "/properties/net~1gross/pattern"),
        (of(a={"pattern": "(a+)+"}), "/properties/a/pattern"),  # the engine's verdict
        (of(a={"minLength": "1"}), "/properties/a/minLength"),  # JSON Schema's
        ({**of(), "additionalProperties": 3}, "/additionalProperties"),
        ({**of(), "$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
        (of(a={"maximum": float("nan")}), ""),
        (of(a={"title": "a\0b"}), ""),
        (of(a={"title": "\ud800"}), ""),
        (of(a={"title": "x" * MAX_BYTES}), ""),
        ({**of(), "not": DEEP}, ""),
    ],
)
def test_a_fault_has_its_place(definition, place):
    with pytest.raises(DefinitionFault) as caught:
        check_definition(definition)
    assert caught.value.place == place
