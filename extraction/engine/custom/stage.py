"""The stage of the pipeline: custom fields for an extraction; a required one that is missing wants a person's look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from extraction.engine.custom.definition import CustomDefinition
from extraction.engine.custom.lines import read_custom_lines
from extraction.engine.custom.read import read_custom
from extraction.engine.document import Document
from extraction.engine.result import CustomField, Extraction


def with_custom(found: Extraction, document: Document, definitions: Sequence[CustomDefinition]) -> Extraction:
    """`found` with what the pages say for `definitions`, in the header and in each line item."""
    lines = read_custom_lines(document, found.line_items, definitions)
    return _with(found, read_custom(document, definitions), lines, definitions)


def with_custom_of(
    stated: Extraction, visible: Extraction | None, definitions: Sequence[CustomDefinition]
) -> Extraction:
    """An e-invoice with the custom fields of its visible half: XML has no labels to look beside. Line items stay
    without, since nothing tells which row of the page is which line of the XML."""
    header = {field.name: CustomField(field.kind, field.many) for field in definitions if not field.line_item}
    blank = {field.name: CustomField(field.kind, field.many) for field in definitions if field.line_item}
    lines = tuple(dict(blank) for _ in stated.line_items) if blank else ()
    return _with(stated, header | (visible.custom if visible else {}), lines, definitions)


def without_rejected(fields: Mapping[str, CustomField]) -> dict[str, CustomField]:
    """The fields without their runners-up."""
    return {
        name: replace(field, found=tuple(replace(one, rejected=()) for one in field.found))
        for name, field in fields.items()
    }


def _with(
    found: Extraction,
    header: dict[str, CustomField],
    lines: tuple[dict[str, CustomField], ...],
    definitions: Sequence[CustomDefinition],
) -> Extraction:
    required = {field.name for field in definitions if field.required}
    missing = any(name in required and not one.found for part in (header, *lines) for name, one in part.items())
    return replace(found, custom=header, custom_lines=lines, needs_review=found.needs_review or missing)
