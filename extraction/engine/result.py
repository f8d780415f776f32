"""What an extraction returns: fields with confidence and provenance, line items, tax breakdown, checks.

Amounts are exact decimals in major units until `money.to_minor` turns them into the wire's integers.
Every type converts to JSON and back without loss: decimals and dates travel as strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from extraction.engine.custom.definition import CustomKind
from extraction.engine.words import Box

Value = str | Decimal | date
Method = Literal["xml", "text", "ocr", "derived"]
Source = Literal["einvoice", "text", "ocr"]
DocumentType = Literal["invoice", "credit_note", "receipt"]

# Header fields in the order of the API's invoice object, by kind of value. The names are the wire's in snake_case.
TEXT_FIELDS = (
    "invoice_number", "vendor_name", "vendor_email", "vendor_phone", "vendor_tax_id", "vendor_address",
    "customer_name", "customer_email", "customer_phone", "customer_tax_id", "customer_address",
    "currency", "payment_terms", "payment_method", "payment_status", "notes", "purchase_order", "iban", "bic",
)  # fmt: skip
DATE_FIELDS = ("invoice_date", "due_date")
MONEY_FIELDS = (
    "subtotal_amount", "tax_amount", "total_amount", "discount_amount", "shipping_amount", "amount_paid", "amount_due",
)  # fmt: skip
RATE_FIELDS = ("tax_rate", "discount_percent")
FIELDS = TEXT_FIELDS + DATE_FIELDS + MONEY_FIELDS + RATE_FIELDS

LINE_TEXT_CELLS = ("description", "sku", "unit")
LINE_DECIMAL_CELLS = (
    "quantity", "unit_price", "total_price", "tax_rate", "tax_amount", "discount_percent", "discount_amount",
)  # fmt: skip
LINE_CELLS = LINE_TEXT_CELLS + LINE_DECIMAL_CELLS


def value_to_json(value: Value | None) -> str | None:
    """A decimal without exponent, an ISO date, or the text itself."""
    if value is None or isinstance(value, str):
        return value
    return format(value, "f") if isinstance(value, Decimal) else value.isoformat()


def value_from_json(name: str, value: str | None) -> Value | None:
    """The typed value of header field or line cell `name`."""
    if value is None:
        return None
    if name in DATE_FIELDS:
        return date.fromisoformat(value)
    if name in MONEY_FIELDS or name in RATE_FIELDS or name in LINE_DECIMAL_CELLS:
        return Decimal(value)
    return value


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value stands: page from 1, box in fractions of the page, the text as printed, and the label or XML
    path that decided. Values from XML have no page or box."""

    method: Method
    text: str = ""
    page: int | None = None
    box: Box | None = None
    label: str | None = None

    def to_json(self) -> dict[str, Any]:
        box = [round(v, 5) for v in (self.box.x0, self.box.y0, self.box.x1, self.box.y1)] if self.box else None
        return {"method": self.method, "text": self.text, "page": self.page, "box": box, "label": self.label}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Provenance:
        box = Box(*data["box"]) if data["box"] else None
        return cls(data["method"], data["text"], data["page"], box, data["label"])


@dataclass(frozen=True, slots=True)
class Rejected:
    """A candidate that lost, kept under `Options.explain`."""

    value: str
    score: float
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "score": round(self.score, 4)} | self.provenance.to_json()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rejected:
        return cls(data["value"], data["score"], Provenance.from_json(data))


@dataclass(frozen=True, slots=True)
class Field:
    """A value, the probability that it is right (0..1), and where it was read."""

    value: Value
    confidence: float
    provenance: Provenance
    rejected: tuple[Rejected, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "value": value_to_json(self.value),
            "confidence": round(self.confidence, 4),
            **self.provenance.to_json(),
            **({"rejected": [r.to_json() for r in self.rejected]} if self.rejected else {}),
        }

    @classmethod
    def from_json(cls, name: str, data: dict[str, Any]) -> Field:
        value = value_from_json(name, data["value"])
        if value is None:
            raise ValueError(f"{name}: a field without a value")
        rejected = tuple(Rejected.from_json(r) for r in data.get("rejected", ()))
        return cls(value, float(data["confidence"]), Provenance.from_json(data), rejected)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that the workspace defined: its kind, whether it takes `many` values, and those found. Booleans are the
    texts true and false."""

    kind: CustomKind
    many: bool = False
    found: tuple[Field, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "many": self.many, "found": [one.to_json() for one in self.found]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CustomField:
        if data["kind"] not in get_args(CustomKind) or type(data["many"]) is not bool:
            raise ValueError("a custom field of no known kind")
        typed_as = {"date": DATE_FIELDS[0], "string": "", "boolean": ""}.get(data["kind"], MONEY_FIELDS[0])
        return cls(data["kind"], data["many"], tuple(Field.from_json(typed_as, one) for one in data["found"]))


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of the invoice: the cells that were found, by name (see LINE_CELLS)."""

    cells: dict[str, Field]

    def value(self, name: str) -> Value | None:
        cell = self.cells.get(name)
        return cell.value if cell else None

    def decimal(self, name: str) -> Decimal | None:
        value = self.value(name)
        return value if isinstance(value, Decimal) else None

    def to_json(self) -> dict[str, Any]:
        return {name: cell.to_json() for name, cell in self.cells.items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LineItem:
        return cls({name: Field.from_json(name, cell) for name, cell in data.items()})


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One row of the tax breakdown (EN 16931 BG-23): rate in percent, taxable base, tax."""

    rate: Decimal | None
    base: Decimal | None
    amount: Decimal | None

    def to_json(self) -> dict[str, Any]:
        return {
            "rate": value_to_json(self.rate),
            "base": value_to_json(self.base),
            "amount": value_to_json(self.amount),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TaxLine:
        return cls(*(Decimal(data[k]) if data[k] is not None else None for k in ("rate", "base", "amount")))


@dataclass(frozen=True, slots=True)
class Check:
    """One equation or checksum that was tried: what was expected, what stands there, and the operands."""

    name: str
    passed: bool
    expected: str | None = None
    actual: str | None = None
    terms: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "passed": self.passed,
            "expected": self.expected,
            "actual": self.actual,
            "terms": [{"name": name, "value": value} for name, value in self.terms],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Check:
        terms = tuple((t["name"], t["value"]) for t in data["terms"])
        return cls(data["name"], data["passed"], data["expected"], data["actual"], terms)


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything read from one document."""

    source: Source
    document_type: DocumentType
    page_count: int
    fields: dict[str, Field] = field(default_factory=dict)
    line_items: tuple[LineItem, ...] = ()
    tax_breakdown: tuple[TaxLine, ...] = ()
    checks: tuple[Check, ...] = ()
    confidence: float = 0.0
    needs_review: bool = False
    custom: dict[str, CustomField] = field(default_factory=dict)
    custom_lines: tuple[dict[str, CustomField], ...] = ()  # one for each line item, or none where none is defined

    def value(self, name: str) -> Value | None:
        found = self.fields.get(name)
        return found.value if found else None

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "document_type": self.document_type,
            "page_count": self.page_count,
            "fields": {name: self.fields[name].to_json() for name in FIELDS if name in self.fields},
            "line_items": [line.to_json() for line in self.line_items],
            "tax_breakdown": [line.to_json() for line in self.tax_breakdown],
            "checks": [check.to_json() for check in self.checks],
            "confidence": round(self.confidence, 4),
            "needs_review": self.needs_review,
            **({"custom": _custom_to_json(self.custom)} if self.custom else {}),
            **({"custom_lines": [_custom_to_json(line) for line in self.custom_lines]} if self.custom_lines else {}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Extraction:
        return cls(
            source=data["source"],
            document_type=data["document_type"],
            page_count=data["page_count"],
            fields={name: Field.from_json(name, value) for name, value in data["fields"].items()},
            line_items=tuple(LineItem.from_json(line) for line in data["line_items"]),
            tax_breakdown=tuple(TaxLine.from_json(line) for line in data["tax_breakdown"]),
            checks=tuple(Check.from_json(check) for check in data["checks"]),
            confidence=data["confidence"],
            needs_review=data["needs_review"],
            custom=_custom_from_json(data.get("custom", {})),
            custom_lines=tuple(_custom_from_json(line) for line in data.get("custom_lines", ())),
        )


def _custom_to_json(fields: dict[str, CustomField]) -> dict[str, Any]:
    return {name: found.to_json() for name, found in fields.items()}


def _custom_from_json(data: dict[str, Any]) -> dict[str, CustomField]:
    return {name: CustomField.from_json(found) for name, found in data.items()}
