"""Whether the visible page of a hybrid invoice says what its XML says.

A document that tells people one thing and machines another is a known fraud, so a difference is a failed check.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from extraction.engine.result import Check, Extraction, Value, value_to_json

COMPARED_FIELDS = ("invoice_number", "invoice_date", "total_amount", "currency", "iban")
_SURE = 0.8  # confidence from which a page's value counts as read


def compare(xml: Extraction, page: Extraction) -> tuple[Check, ...]:
    """One check "xml_page_<field>" (expected: the XML's value, actual: the page's) for every field of
    COMPARED_FIELDS that the XML names and the page shows with a confidence of at least 0.8."""
    checks = []
    for name in COMPARED_FIELDS:
        stated, shown = xml.fields.get(name), page.fields.get(name)
        if stated and shown and shown.confidence >= _SURE:
            credit_note = xml.document_type == "credit_note"
            agree = _normal(stated.value, credit_note) == _normal(shown.value, credit_note)
            terms = (value_to_json(stated.value), value_to_json(shown.value))
            checks.append(Check(f"xml_page_{name}", agree, *terms))
    return tuple(checks)


def _normal(value: Value, credit_note: bool) -> Value:
    """The value as compared: codes without case, blanks and punctuation; a credit note's amounts without sign,
    because its page may print what it gives back with a minus where the XML does not."""
    if isinstance(value, Decimal):
        return abs(value) if credit_note else value
    if isinstance(value, str):
        return "".join(c for c in unicodedata.normalize("NFKC", value).casefold() if c.isalnum())
    return value
