"""What the stages of reading answer to a typed page: values by field."""

from __future__ import annotations

from extraction.engine.document import Document, read_document
from extraction.engine.header import read_header
from extraction.engine.result import Value
from extraction.engine.totals import read_totals
from tests.engine.typed import typed_page


def document(text: str) -> Document:
    return read_document((typed_page(text),))


def header(text: str) -> dict[str, Value]:
    return {name: field.value for name, field in read_header(document(text)).items()}


def totals(text: str) -> dict[str, Value]:
    read = read_totals(document(text))
    return {name: field.value for name, field in read.fields.items()}
