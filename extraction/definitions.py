"""What a schema's definition must be to be saved: JSON Schema 2020-12, and of a form that the engine can read."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from extraction.engine.custom.definition import DefinitionFault, parse_definition, pointer
from extraction.results import storable
from invorec.lib.canonical import canonical_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_BYTES = 64 * 1024


def check_definition(definition: Any) -> None:
    """Raises DefinitionFault with the place of what is wrong. The engine judges first: its words are plainer."""
    try:
        _check_size(definition)
        parse_definition(definition)
        _check_dialect(definition)
        fault = best_match(_meta().iter_errors(definition))
    except RecursionError:
        raise DefinitionFault("", "is nested too deeply") from None
    if fault is not None:
        raise DefinitionFault(pointer(*fault.absolute_path), fault.message[:300])


def _check_size(definition: Any) -> None:
    try:
        text = canonical_json(definition)
    except ValueError:
        raise DefinitionFault("", "holds a number that JSON cannot write") from None
    if len(text) > MAX_BYTES:
        raise DefinitionFault("", f"is longer than the {MAX_BYTES // 1024} KiB allowed")
    if storable(definition) != definition:
        raise DefinitionFault("", "holds characters that cannot be stored (NUL, or half of a surrogate pair)")


def _check_dialect(definition: dict[str, Any]) -> None:
    if definition.get("$schema", DIALECT) != DIALECT:
        raise DefinitionFault("/$schema", f"must be {DIALECT} where it is given")


@cache
def _meta() -> Draft202012Validator:
    return Draft202012Validator(Draft202012Validator.META_SCHEMA)
