from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from billing.periods import begins_at, current_period, day_of, next_day

ZONES = ["UTC", "America/New_York", "Pacific/Auckland", "Africa/Cairo", "Asia/Kathmandu"]


@pytest.mark.parametrize("anchor", [1, 28, 29, 30, 31])
@pytest.mark.parametrize("months", [1, 12])
def test_billing_days_are_those_of_the_calendar(anchor, months):
    """Held against another library's months, over 60 periods from a January."""
    first = date(2027, 1, anchor)
    days = [first]
    for _ in range(60):
        days.append(next_day(days[-1], billing_day=anchor, months=months))
    assert days == [first + relativedelta(months=months * number) for number in range(61)]


def test_the_29th_of_february_comes_back_in_leap_years():
    days = [date(2028, 2, 29)]
    for _ in range(4):
        days.append(next_day(days[-1], billing_day=29, months=12))
    assert [str(day) for day in days] == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("UTC", "2027-04-30T00:00+00:00"),
        ("America/New_York", "2027-04-30T04:00+00:00"),
        ("Pacific/Auckland", "2027-04-29T12:00+00:00"),
        ("Africa/Cairo", "2027-04-29T22:00+00:00"),  # clocks skip from midnight to one: the moment of the skip
    ],
)
def test_a_day_begins_at_its_own_midnight(zone, moment):
    begins = begins_at(date(2027, 4, 30), zone)
    assert begins == datetime.fromisoformat(moment)
    assert day_of(begins, zone) == date(2027, 4, 30)


@given(
    anchor=st.integers(1, 31),
    months=st.sampled_from([1, 12]),
    zone=st.sampled_from(ZONES),
    now=st.datetimes(datetime(2027, 1, 1), datetime(2040, 1, 1)),
)
def test_now_lies_in_the_current_period(anchor, months, zone, now):
    now = now.replace(tzinfo=UTC)
    first = date(2027, 1, anchor)
    second = next_day(first, billing_day=anchor, months=months)
    start, end = current_period(first, second, now=now, billing_day=anchor, months=months, time_zone=zone)
    assert end == next_day(start, billing_day=anchor, months=months)
    assert now < begins_at(end, zone)
    assert begins_at(start, zone) <= now or start == first
    assert end.day == min(anchor, (end + relativedelta(day=31)).day)


def test_zones_differ_in_what_day_it_is():
    moment = datetime(2027, 1, 31, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert [str(day_of(moment, zone)) for zone in ZONES[:3]] == ["2027-01-31", "2027-01-31", "2027-02-01"]
