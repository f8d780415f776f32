"""When a billing period ends: days of the calendar, and the moments at which they begin somewhere. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

MONTHS = {"month": 1, "year": 12}


def next_day(start: date, *, billing_day: int, months: int) -> date:
    """The billing day so many months after the month of `start`: its last day where the month is shorter.

    The day is that of the workspace, never the one of `start`: 31 January, 28 February, 31 March.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(billing_day, monthrange(year, month + 1)[1]))


def begins_at(day: date, time_zone: str) -> datetime:
    """The moment (UTC) at which `day` begins in the zone; where clocks skip midnight, the moment of the skip.

    Raises ZoneInfoNotFoundError.
    """
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def day_of(moment: datetime, time_zone: str) -> date:
    """The day that it is in the zone at that moment."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def current_period(
    start: date, end: date, *, now: datetime, billing_day: int, months: int, time_zone: str
) -> tuple[date, date]:
    """The period that holds `now`, beginning at the one from `start` to `end`: that one, or one of those after it.

    A clock that stands before `start` leaves it at that one: periods never go back.
    """
    while begins_at(end, time_zone) <= now:
        start, end = end, next_day(end, billing_day=billing_day, months=months)
    return start, end
