"""Where every value of an invoice stands on its document: the answer of GET /invoices/{id}/extraction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from extraction.engine import result as engine
from extraction.engine.custom.definition import CustomKind
from extraction.models import Edit, ExtractionJob, Invoice
from extraction.results import LINE_MONEY, custom_single, custom_value, fitted, minor
from invorec.lib.wire import IsoTime, ObjectType, UnixTime, number

NOT_READ = {"value": None, "confidence": None, "page": None, "box": None, "text": None, "method": None, "edited": True}


METHODS = ["xml", "text", "ocr", "derived"]


class PlaceSerializer(serializers.Serializer[Any]):
    """Where a value stands."""

    page = serializers.IntegerField(allow_null=True, help_text="Counted from 1; null for XML.")
    box = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, min_length=4, max_length=4,
        help_text="x0, y0, x1, y1 in fractions of the page, from its top left.",
    )  # fmt: skip
    text = serializers.CharField(help_text="As printed.")
    method = serializers.ChoiceField(choices=METHODS)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "array", "items": {}},
            {"type": "null"},
        ]
    }
)
class AnyValue(serializers.Field[Any, Any, Any, Any]):
    """A text, a date, or a number; money in minor units. A custom field may be a boolean or a list too."""


@extend_schema_field({})
class AnyJson(serializers.Field[Any, Any, Any, Any]):
    """Whatever the field holds: line items are a list, metadata an object."""

    def to_representation(self, value: Any) -> Any:
        return value


class RejectedSerializer(PlaceSerializer):
    """A candidate that lost."""

    value = AnyValue()
    score = serializers.FloatField()
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]


class ReadFieldSerializer(PlaceSerializer):
    """A value with its probability and its place; `label` and `rejected` under `explain=true`. All null where the
    machine read nothing and people gave the value."""

    text = serializers.CharField(allow_null=True, help_text="As printed.")
    method = serializers.ChoiceField(choices=METHODS, allow_null=True)
    value = AnyValue()
    confidence = serializers.FloatField(min_value=0, max_value=1, allow_null=True)
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


class EditSerializer(serializers.Serializer[Edit]):
    """One field that was changed by hand: who, when, from what, to what."""

    field = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language, so it cannot be declared as the others are."""
        changed = {
            "from": AnyJson(source="before"),
            "to": AnyJson(source="after"),
            "by": serializers.CharField(source="actor"),
        }
        return {
            **super().get_fields(),
            **changed,
            "created": UnixTime(source="created_at"),
            "createdAt": IsoTime(source="created_at"),
        }

    def get_field(self, edit: Edit) -> str:
        return wire_name(edit.field)


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
    customFields = serializers.DictField(child=ReadFieldSerializer())
    lineItemCustomFields = serializers.ListField(
        child=serializers.DictField(child=ReadFieldSerializer()), help_text="In the order of lineItems."
    )
    checks = CheckSerializer(many=True)
    engine = EngineSerializer(allow_null=True)
    edits = EditSerializer(many=True, help_text="What was changed by hand, the earliest first.")


def present_extraction(invoice: Invoice, job: ExtractionJob | None, *, explain: bool = False) -> dict[str, Any]:
    """What the machine read for `invoice` in `job` (its last successful one, or none yet), in the wire's names."""
    shown: dict[str, Any] = {
        "fields": {}, "lineItems": [], "customFields": {}, "lineItemCustomFields": [], "checks": [],
    }  # fmt: skip
    read_by = None
    if job is not None and job.result is not None:
        extraction = engine.Extraction.from_json(job.result)
        shown = present_result(extraction, edited=invoice.edited_fields, explain=explain)
        read_by = {"version": job.engine_version, "model": job.engine_model}
    given = [wire_name(name) for name in invoice.edited_fields if name in engine.FIELDS]
    custom = invoice.custom_fields if "custom_fields" in invoice.edited_fields else {}
    shown["fields"] = dict.fromkeys(given, NOT_READ) | shown["fields"]
    shown["customFields"] = dict.fromkeys(custom, NOT_READ) | shown["customFields"]
    edits: Any = invoice.edits.all()
    return {
        "object": "extraction", "invoice": invoice.id, **shown, "engine": read_by,
        "edits": EditSerializer(edits, many=True).data,
    }  # fmt: skip


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
        "customFields": _custom(extraction.custom, currency, "custom_fields" in changed, explain),
        "lineItemCustomFields": [
            _custom(line, currency, "line_items" in changed, explain) for line in extraction.custom_lines
        ],
        "checks": [check.to_json() for check in extraction.checks],
    }


def _custom(
    fields: dict[str, engine.CustomField], currency: str | None, is_edited: bool, explain: bool
) -> dict[str, Any]:
    """The custom fields that were found; the place of an array is its first value's, its confidence its weakest's."""
    shown: dict[str, Any] = {}
    for name, field in fields.items():
        if (value := custom_value(name, field, currency)) is None:
            continue
        first = field.found[0]
        shown[name] = {
            "value": value,
            "confidence": round(min(one.confidence for one in field.found), 4),
            **_place(first.provenance),
            "edited": is_edited,
        }
        if explain:
            shown[name] |= {
                "label": first.provenance.label,
                "rejected": [_rejected_custom(name, field.kind, loser, currency) for loser in first.rejected],
            }
    return shown


def _rejected_custom(name: str, kind: CustomKind, loser: engine.Rejected, currency: str | None) -> dict[str, Any]:
    is_number = kind in ("number", "integer", "money")
    value = custom_single(name, kind, Decimal(loser.value) if is_number else loser.value, currency)
    place = _place(loser.provenance) | {"label": loser.provenance.label}
    return {"value": value, "score": round(loser.score, 4), **place}


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
