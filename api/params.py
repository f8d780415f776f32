"""Query parameters: what each may be, read once, wrong ones named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from extraction.models import Invoice
from invorec.lib.bodies import KnownFields, not_an_object

LAST_SECOND = 99_999_999_999  # eleven figures, in the year 5138: milliseconds are a mistake


@extend_schema_field(
    {
        "anyOf": [
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "date"},
            {"type": "string", "pattern": "^[0-9]{1,11}$"},
            {"type": "integer", "minimum": 0, "maximum": LAST_SECOND},
        ]
    }
)
class MomentField(serializers.Field[Any, Any, Any, Any]):
    """Unix seconds or ISO 8601; without an offset it is UTC.

    Moments go out in whole seconds, so `after=True` makes of a whole second its last instant: nothing created in it
    comes after it.
    """

    default_error_messages = {
        "invalid": "Give a moment as Unix seconds (1775606400) or in ISO 8601 (2026-04-08T00:00:00Z)."
    }

    def __init__(self, *, after: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.after = after

    def to_internal_value(self, data: Any) -> datetime:
        if isinstance(data, float) and data.is_integer():
            data = int(data)  # JSON's 5921.0 is a whole number
        try:
            parsed = self._parsed(str(data).strip())
            moment = parsed and _in_utc(parsed)
        except (ValueError, OverflowError, OSError):
            moment = None
        if moment is None:
            self.fail("invalid")
        return moment.replace(microsecond=999_999) if self.after and not moment.microsecond else moment

    def to_representation(self, value: datetime) -> int:
        return int(value.timestamp())

    @staticmethod
    def _parsed(text: str) -> datetime | None:
        if text.isascii() and text.isdigit() and len(text) <= len(str(LAST_SECOND)):
            return datetime.fromtimestamp(int(text), UTC)
        # a form-decoding server turns the plus sign of an offset that was not escaped into a blank
        if day := parse_date(text):
            return datetime(day.year, day.month, day.day)
        return parse_datetime(text.replace(" ", "+") if "T" in text else text)


def _in_utc(moment: datetime) -> datetime:
    """The moment in UTC; the first or last there is, where an offset leads out of the calendar."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        edge = datetime.min if moment.year == datetime.min.year else datetime.max
        return edge.replace(tzinfo=UTC)


_status = f"({'|'.join(Invoice.Status.values)})"


@extend_schema_field({"type": "string", "pattern": f"^{_status}(,{_status})*$"})
class StatusListField(serializers.Field[Any, Any, Any, Any]):
    """One or several statuses, separated by commas."""

    default_error_messages = {"invalid": "Unknown status {unknown!r}. Known: {known}."}

    def to_internal_value(self, data: Any) -> list[str]:
        asked = {part.strip() for part in str(data).split(",")}
        if unknown := sorted(asked.difference(Invoice.Status.values)):
            self.fail("invalid", unknown=unknown[0], known=", ".join(Invoice.Status.values))
        return sorted(asked)

    def to_representation(self, value: list[str]) -> str:
        return ",".join(value)


class CurrencyField(serializers.RegexField):
    """A currency's code, in whatever case."""

    def __init__(self, **kwargs: Any) -> None:
        message = "Give the three letters of a currency (ISO 4217), for example EUR."
        super().__init__(r"^[A-Za-z]{3}\Z", error_messages={"invalid": message}, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()


class DayField(serializers.DateField):
    """A business date."""

    def __init__(self, **kwargs: Any) -> None:
        message = "Give a day as YYYY-MM-DD, for example 2026-04-08."
        super().__init__(input_formats=["%Y-%m-%d"], error_messages={"invalid": message}, **kwargs)


class YesOrNoField(serializers.BooleanField):
    """true or false."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages={"invalid": "Say true or false."}, **kwargs)


class Params(serializers.Serializer[Any]):
    """The query parameters of one operation. One that it does not know is an error: a filter with a typing error would
    otherwise answer with everything."""

    def to_internal_value(self, data: Any) -> Any:
        if unknown := sorted(set(data).difference(self.fields)):
            message = f"Unknown parameter. Known: {', '.join(self.fields) or 'none'}."
            raise serializers.ValidationError({name: [message] for name in unknown})
        return super().to_internal_value(data)


class PageParams(Params):
    """What every list understands."""

    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_LIMIT,
        default=DEFAULT_LIMIT,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_string_length"), f"The limit is a number from 1 to {MAX_LIMIT}."
        ),
        help_text=f"How many items a page has: 1 to {MAX_LIMIT}.",
    )
    cursor = serializers.CharField(
        required=False, allow_blank=True, help_text="`next_cursor` of the page before, with the same filters. Opaque."
    )


class InvoiceListParams(PageParams):
    """The filters of GET /v1/invoices."""

    status = StatusListField(
        required=False, help_text="Only invoices in these statuses, separated by commas: `succeeded,failed`."
    )
    created_after = MomentField(
        after=True,
        required=False,
        help_text="Only invoices created after this moment (Unix seconds or ISO 8601), exclusive.",
    )
    created_before = MomentField(
        required=False, help_text="Only invoices created before this moment (Unix seconds or ISO 8601), exclusive."
    )

    vendor_name = serializers.CharField(
        required=False, allow_blank=True, help_text="Only invoices of exactly this `vendorName`."
    )
    invoice_number = serializers.CharField(
        required=False, allow_blank=True, help_text="Only invoices of exactly this `invoiceNumber`."
    )
    currency = CurrencyField(required=False, help_text="Only invoices in this currency (ISO 4217).")
    due_after = DayField(required=False, help_text="Only invoices whose `dueDate` is after this day, exclusive.")
    due_before = DayField(required=False, help_text="Only invoices whose `dueDate` is before this day, exclusive.")
    needs_review = YesOrNoField(required=False, help_text="Only invoices that want a person's look, or only others.")


class ExtractionParams(Params):
    """The options of GET /v1/invoices/{id}/extraction."""

    explain = YesOrNoField(
        default=False,
        help_text="Also give, per field, the label that decided and the candidates that were rejected.",
    )


FILTERS = {
    "status": "status__in",
    "created_after": "created_at__gt",
    "created_before": "created_at__lt",
    "vendor_name": "vendor_name",
    "invoice_number": "invoice_number",
    "currency": "currency",
    "due_after": "due_date__gt",
    "due_before": "due_date__lt",
    "needs_review": "needs_review",
}


def read_params(params: type[Params], request: Request) -> dict[str, Any]:
    """The parameters of a request; an empty one counts as absent, except for `limit`. Raises ValidationError, also for
    one that is given twice: neither value alone is what was asked for."""
    if twice := [name for name, values in request.query_params.lists() if len(values) > 1]:
        raise serializers.ValidationError({name: ["Give this parameter once."] for name in twice})
    given = {name: value for name, value in request.query_params.items() if value or name == "limit"}
    read = params(data=given)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def read_body(body: type[KnownFields], request: Request) -> dict[str, Any]:
    """What a JSON body says; none at all is an empty object, null is not. Raises ValidationError."""
    if request.data is None:
        raise not_an_object()
    read = body(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def filtered(rows: QuerySet[Invoice], filters: dict[str, Any]) -> QuerySet[Invoice]:
    """The invoices that pass all filters."""
    return rows.filter(**{FILTERS[name]: value for name, value in filters.items()})
