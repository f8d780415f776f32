"""Typed candidates: every value of a kind that the page shows, generously; choosing comes later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extraction.engine.layout import Span
from extraction.engine.result import Provenance, Value

Kind = Literal["date", "amount", "rate", "id", "tax_id", "iban", "bic", "email", "phone"]


@dataclass(frozen=True)
class Candidate:
    """A value of `kind` and the words it was read from."""

    kind: Kind
    value: Value
    span: Span

    def provenance(self, label: str | None = None) -> Provenance:
        return Provenance(self.span.method, self.span.text, self.span.page, self.span.box, label)
