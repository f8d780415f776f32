"""Values that people give an invoice, taken strictly: text is no number, and nothing is cut or guessed. Null clears."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from extraction.engine.currencies import CODES
from extraction.engine.money import MAX_MINOR
from extraction.metadata import MAX_KEY_LENGTH, MAX_PAIRS, MAX_VALUE_LENGTH, metadata_fault
from extraction.metadata import is_text as is_storable_text
from extraction.results import EXACT_PRICE_LENGTH, LONG_TEXT, SHORT_TEXT, fitted

EXACT_PRICE = r"^-?[0-9]{1,30}(\.[0-9]{1,28})?$"
# Beside those that invoices are usually written in: funds, units of account, and what replaced a code lately.
_OTHERS = "BOV CHE CHW CLF COU MXV USN UYI UYW VED XCG XDR XSU XUA ZWG"
CURRENCIES = CODES | set(_OTHERS.split())


class Given(serializers.Field[Any, Any, Any, Any]):
    """A value that may be absent (nothing changes) or null (it is cleared)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "string", "maxLength": SHORT_TEXT})
class GivenText(Given):
    """A text of up to `max_length` characters; white space around it is dropped, and nothing left is null."""

    max_length = SHORT_TEXT
    default_error_messages = {
        "invalid": "Give text, or null.",
        "characters": "The text holds characters that cannot be stored (NUL, or half of a surrogate pair).",
        "max_length": "Give at most {max_length} characters.",
    }

    def to_internal_value(self, data: Any) -> str | None:
        if not isinstance(data, str):
            self.fail("invalid")
        if not is_storable_text(data):
            self.fail("characters")
        if len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return data.strip() or None


@extend_schema_field({"type": "string", "maxLength": LONG_TEXT})
class GivenLongText(GivenText):
    """A text of several sentences."""

    max_length = LONG_TEXT


@extend_schema_field({"type": "string", "format": "date"})
class GivenDay(Given):
    """A date, YYYY-MM-DD."""

    default_error_messages = {"invalid": "Give a date as YYYY-MM-DD, for example 2026-04-08, or null."}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
            self.fail("invalid")
        try:
            return date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")


@extend_schema_field({"type": "integer", "minimum": -MAX_MINOR, "maximum": MAX_MINOR})
class GivenMoney(Given):
    """An amount in the smallest unit of the currency."""

    default_error_messages = {
        "invalid": "Give a whole number in the smallest unit of the currency (1250 for 12.50 EUR), or null.",
        "range": "The amount is too large.",
    }

    def to_internal_value(self, data: Any) -> int:
        if not is_number(data) or data != int(data):
            self.fail("invalid")
        if abs(data) > MAX_MINOR:
            self.fail("range")
        return int(data)


@extend_schema_field({"type": "number"})
class GivenNumber(Given):
    """A number, rounded half-even to the places of its `column`."""

    column = "tax_rate"
    default_error_messages = {"invalid": "Give a number, or null.", "range": "The number is too large."}

    def to_internal_value(self, data: Any) -> Decimal:
        if not is_number(data):
            self.fail("invalid")
        kept = fitted(self.column, Decimal(str(data)))
        if kept is None:
            self.fail("range")
        return kept


@extend_schema_field({"type": "number", "minimum": -99_999.9999, "maximum": 99_999.9999})
class GivenPercent(GivenNumber):
    """A rate in percent: 19 means 19 %."""

    default_error_messages = {"invalid": "Give a number in percent (19 means 19 %), or null."}


@extend_schema_field({"type": "number", "minimum": -999_999_999.9999, "maximum": 999_999_999.9999})
class GivenQuantity(GivenNumber):
    """How many."""

    column = "quantity"


@extend_schema_field({"type": "string", "pattern": EXACT_PRICE, "maxLength": EXACT_PRICE_LENGTH})
class GivenExactPrice(Given):
    """An exact price in major units, as text: "0.0125"."""

    default_error_messages = {"invalid": 'Give a price in major units as text, for example "0.0125", or null.'}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not re.fullmatch(EXACT_PRICE.strip("^$"), data):
            self.fail("invalid")
        return data


@extend_schema_field({"type": "string", "enum": [*sorted(CURRENCIES), None]})
class GivenCurrency(Given):
    """A currency by its ISO 4217 code."""

    default_error_messages = {"invalid": "Give an ISO 4217 code in capital letters, for example EUR, or null."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in CURRENCIES:
            self.fail("invalid")
        return data


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MAX_PAIRS,
        "propertyNames": {"minLength": 1, "maxLength": MAX_KEY_LENGTH},
        "additionalProperties": {"type": "string", "maxLength": MAX_VALUE_LENGTH},
    }
)
class GivenPairs(Given):
    """Metadata: replaces all pairs."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if fault := metadata_fault(data):
            raise serializers.ValidationError(fault)
        return dict(data)


def is_number(data: Any) -> bool:
    """Whether it is a JSON number that is finite; true and false are none."""
    if isinstance(data, float):
        return math.isfinite(data)
    return isinstance(data, int) and not isinstance(data, bool)
