"""JSON bodies of requests, taken strictly: an unknown name is an error, and so is a value of another type."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers


class KnownFields(serializers.Serializer[Any]):
    """An object in which an unknown name is an error."""

    unknown = "There is no such field."

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise not_an_object()
        faults: dict[str, Any] = {name: [self.unknown] for name in data if name not in self.fields}
        try:
            read = super().to_internal_value(data)
        except serializers.ValidationError as error:
            faults |= error.detail if isinstance(error.detail, dict) else {}
        if faults:
            raise serializers.ValidationError({name: faults[name] for name in [*data, *faults] if name in faults})
        return read


class PatchFields(KnownFields):
    """What a PATCH may change: each field as a plain value, or as {"present": true, "value": …}, the reference's
    wrapper. A field that is absent stays."""

    unknown = "There is no such field, or it cannot be changed."
    maps: ClassVar[frozenset[str]] = frozenset()  # fields whose plain value is an object too

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise not_an_object()
        plain: dict[str, Any] = {}
        for name, value in data.items():
            if name not in self.fields or not self.is_wrapper(name, value):
                plain[name] = value
            elif value["present"]:
                plain[name] = value.get("value")
        return super().to_internal_value(plain)

    @classmethod
    def is_wrapper(cls, name: str, value: Any) -> bool:
        """Whether the value comes in the wrapper. An entry of a map may itself be called "present": there the wrapper
        must be complete, or say that nothing is present."""
        if not isinstance(value, dict) or type(value.get("present")) is not bool or value.keys() - {"present", "value"}:
            return False
        return name not in cls.maps or "value" in value or not value["present"]


def not_an_object() -> serializers.ValidationError:
    """What is told whoever gives something else than an object."""
    return serializers.ValidationError({"non_field_errors": ["Give an object of fields and their values."]})
