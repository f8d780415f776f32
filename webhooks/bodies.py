"""What requests about webhooks may say. What a value means (is the url allowed?) is judged by the services."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from invorec.lib.bodies import KnownFields, PatchFields
from invorec.lib.versions import known
from webhooks.models import EVENT_TYPES, MAX_DESCRIPTION, MAX_URL

MAX_EVENTS = 50


class Strict(serializers.Field[Any, Any, Any, Any]):
    """A value of one JSON type. Null becomes `on_null`, or is refused where there is none."""

    kind: type = str
    default_error_messages = {"invalid": "Give text.", "required": "This field is required."}

    def __init__(self, *, on_null: Any = None, required: bool = False, **kwargs: Any) -> None:
        super().__init__(required=required, allow_null=on_null is not None, **kwargs)
        self.on_null = on_null
        self.error_messages["null"] = self.error_messages["invalid"]

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None and self.on_null is not None:
            return True, self.on_null
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is not self.kind:
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "string", "format": "uri", "maxLength": MAX_URL})
class UrlText(Strict):
    """Where to."""

    default_error_messages = {"invalid": "Give the url as text: https://…"}


@extend_schema_field({"type": "string", "maxLength": MAX_DESCRIPTION})
class DescriptionText(Strict):
    """For people."""

    default_error_messages = {"invalid": "Give text, or null for none."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(on_null="", **kwargs)


@extend_schema_field({"type": "string", "enum": known()})
class VersionText(Strict):
    """A dated version of the API."""

    default_error_messages = {"invalid": "Give a version's date as text."}


@extend_schema_field({"type": "boolean"})
class Flag(Strict):
    """true or false."""

    kind = bool
    default_error_messages = {"invalid": "Say true or false."}


@extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(EVENT_TYPES)}, "maxItems": 50})
class EventTypes(Strict):
    """Types of events; null and an empty list stand for all."""

    kind = list
    default_error_messages = {"invalid": f"Give a list of at most {MAX_EVENTS} types of events, or null for all."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(on_null=[], **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        names = super().to_internal_value(data)
        if len(names) > MAX_EVENTS or not all(isinstance(name, str) for name in names):
            self.fail("invalid")
        return names


@extend_schema_field({"type": "string"})
class WebhookId(Strict):
    """Names an endpoint."""

    default_error_messages = {"invalid": "Give the id of a webhook, whk_…"}


class WebhookBody(KnownFields):
    """A new endpoint."""

    url = UrlText(required=True, help_text="https, on port 80, 443 or one from 1024 up, at a public address.")
    events = EventTypes(help_text="The types to send; absent, null or empty: all, new ones too.")
    description = DescriptionText(help_text="For people.")
    enabled = Flag(help_text="False: events wait until it is enabled.")
    version = VersionText(help_text="The dated version to send events in; absent: the workspace's.")


class WebhookPatchBody(PatchFields):
    """What may be changed of an endpoint."""

    url = UrlText()
    events = EventTypes()
    description = DescriptionText()
    enabled = Flag(help_text="True resumes what waits.")
    version = VersionText()


class ResendEventBody(KnownFields):
    """Which endpoint an event is sent to again."""

    webhook = WebhookId(on_null="", help_text="`whk_…`; absent: every endpoint that it went to or that wants it now.")
