"""Where every value of an invoice stands on its document: the answer of GET /invoices/{id}/extraction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from extraction.engine import result as engine
from extraction.models import ExtractionJob, Invoice
from extraction.results import LINE_MONEY, fitted, minor
from invorec.lib.wire import ObjectType, number


class PlaceSerializer(serializers.Serializer[Any]):
    """Where a value stands."""

    page = serializers.IntegerField(allow_null=True, help_text="Counted from 1; null for XML.")
    box = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, min_length=4, max_length=4,
        help_text="x0, y0, x1, y1 in fractions of the page, from its top left.",
    )  # fmt: skip
    text = serializers.CharField(help_text="As printed.")
    method = serializers.ChoiceField(choices=["xml", "text", "ocr", "derived"])


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}]})
class AnyValue(serializers.Field[Any, Any, Any, Any]):
    """A text, a date, or a number; money in minor units."""


class RejectedSerializer(PlaceSerializer):
    """A candidate that lost."""

    value = AnyValue()
    score = serializers.FloatField()
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]


class ReadFieldSerializer(PlaceSerializer):
    """A value with its probability and its place; `label` and `rejected` under `explain=true`."""

    value = AnyValue()
    confidence = serializers.FloatField(min_value=0, max_value=1)
    edited = serializers.BooleanField(help_text="Changed by hand since: the invoice says otherwise.")
    label = serializers.CharField(required=False, allow_null=True)  # type: ignore[assignment]
    rejected = RejectedSerializer(many=True, required=False)


class CheckTermSerializer(serializers.Serializer[Any]):
    """One operand of a check."""

    name = serializers.CharField()
    value = serializers.CharField()


class CheckSerializer(serializers.Serializer[Any]):
    """An equation or checksum that was tried."""

    name = serializers.CharField()
    passed = serializers.BooleanField()
    expected = serializers.CharField(allow_null=True)
    actual = serializers.CharField(allow_null=True)
    terms = CheckTermSerializer(many=True)


class EngineSerializer(serializers.Serializer[Any]):
    """What read the document."""

    version = serializers.CharField()
    model = serializers.CharField()


class ExtractionSerializer(serializers.Serializer[Any]):
    """The shape of `present_extraction`, for the API's description."""

    object = ObjectType("extraction")
    invoice = serializers.CharField()
    fields = serializers.DictField(child=ReadFieldSerializer())  # type: ignore[assignment]
    lineItems = serializers.ListField(child=serializers.DictField(child=ReadFieldSerializer()))
    checks = CheckSerializer(many=True)
    engine = EngineSerializer(allow_null=True)


def present_extraction(invoice: Invoice, job: ExtractionJob | None, *, explain: bool = False) -> dict[str, Any]:
    """What the machine read for `invoice` in `job` (its last successful one, or none yet), in the wire's names."""
    if job is None or job.result is None:
        return {
            "object": "extraction", "invoice": invoice.id, "fields": {}, "lineItems": [], "checks": [], "engine": None,
        }  # fmt: skip
    return {
        "object": "extraction",
        "invoice": invoice.id,
        **present_result(engine.Extraction.from_json(job.result), edited=invoice.edited_fields, explain=explain),
        "engine": {"version": job.engine_version, "model": job.engine_model},
    }


def present_result(
    extraction: engine.Extraction, *, edited: list[str] | None = None, explain: bool = False
) -> dict[str, Any]:
    """Fields, line items and checks of one reading. Money in the currency that the machine read."""
    code = extraction.value("currency")
    currency = code if isinstance(code, str) else None
    changed = set(edited or ())

    def present(name: str, field: engine.Field, money: bool, is_edited: bool) -> dict[str, Any]:
        shown = {
            "value": _value(name, field.value, money, currency),
            "confidence": round(field.confidence, 4),
            **_place(field.provenance),
            "edited": is_edited,
        }
        if explain:
            shown["label"] = field.provenance.label
            shown["rejected"] = [_rejected(name, loser, money, currency) for loser in field.rejected]
        return shown

    return {
        "fields": {
            wire_name(name): present(name, field, name in engine.MONEY_FIELDS, name in changed)
            for name, field in extraction.fields.items()
        },
        "lineItems": [
            {
                wire_name(name): present(name, cell, name in LINE_MONEY, "line_items" in changed)
                for name, cell in line.cells.items()
            }
            for line in extraction.line_items
        ],
        "checks": [check.to_json() for check in extraction.checks],
    }


def wire_name(name: str) -> str:
    """`vendor_tax_id` -> `vendorTaxId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _place(provenance: engine.Provenance) -> dict[str, Any]:
    place = provenance.to_json()
    return {name: place[name] for name in ("page", "box", "text", "method")}


def _rejected(name: str, loser: engine.Rejected, money: bool, currency: str | None) -> dict[str, Any]:
    value = engine.value_from_json(name, loser.value)
    return {
        "value": _value(name, value, money, currency),
        "score": round(loser.score, 4),
        **_place(loser.provenance),
        "label": loser.provenance.label,
    }


def _value(name: str, value: engine.Value | None, money: bool, currency: str | None) -> str | int | float | None:
    if not isinstance(value, Decimal):
        return engine.value_to_json(value)
    if money:
        return minor(name, value, currency)
    kept = fitted(name, value)
    return None if kept is None else number(kept)
