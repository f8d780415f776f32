"""How values look on the wire, as serializer fields (contract section 1)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "integer"})
class UnixTime(serializers.Field[Any, Any, Any, Any]):
    """A moment as whole Unix seconds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: datetime) -> int:
        return int(value.timestamp())


class IsoTime(serializers.DateTimeField):
    """A moment as ISO 8601 in UTC, whole seconds, `Z`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, format="%Y-%m-%dT%H:%M:%SZ", **kwargs)


@extend_schema_field({"type": "number"})
class Number(serializers.Field[Any, Any, Any, Any]):
    """A decimal as a JSON number: 19 rather than 19.0 or "19.0000"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Decimal) -> int | float:
        return number(value)


class ObjectType(serializers.ChoiceField):
    """The constant `object` of a resource."""

    def __init__(self, name: str) -> None:
        super().__init__(choices=[name], read_only=True, default=name)
        set_override(self, "field", {"type": "string", "const": name})


def number(value: Decimal) -> int | float:
    """The JSON number of a decimal."""
    whole = int(value)
    return whole if whole == value else float(value)
