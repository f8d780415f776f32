"""Two years of billing days, with clocks that move on and beats that miss days: the table of what was granted.

python -m tests.soak.resets
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

ANCHORS = (28, 29, 30, 31)
ZONES = ("UTC", "America/New_York", "Pacific/Auckland")
GAPS = {6: 3, 9: 12, 14: 40, 20: 70}  # in the month of that number nobody looks for so many days
MONTHS = 24
STEP = timedelta(hours=5)  # the beat looks every minute; this keeps the hours of the looks changing


@contextmanager
def clock() -> Iterator[list[datetime]]:
    """A clock that shows what stands in the list."""
    hand = [datetime(2000, 1, 1, tzinfo=UTC)]
    with mock.patch("django.utils.timezone.now", lambda: hand[0]):
        yield hand


def looks(opened_at: datetime) -> Iterator[datetime]:
    """When the beat ran, twice each time: 24 months with gaps and, in each, a clock that is set back a day."""
    moment, month, end = opened_at, 0, opened_at + timedelta(days=MONTHS * 30.5)
    gaps = dict(GAPS)
    while moment < end:
        month = int((moment - opened_at).days / 30.5)
        if days := gaps.pop(month, 0):
            moment += timedelta(days=days)
        yield from (moment, moment, moment - timedelta(days=1), moment)
        moment += STEP


def simulate(anchor: int, zone: str, hand: list[datetime], interval: str = "month") -> list[tuple[date, datetime, int]]:
    """(the day a period began, when that was seen, how many credits) of each grant of a workspace opened on that day
    of January 2027."""
    from billing.credits import hold, renew_accounts
    from billing.services import open_workspace

    hand[0] = opened_at = datetime(2027, 1, anchor, 15, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    workspace = open_workspace(name=f"{zone} {anchor}", plan="starter", time_zone=zone, interval=interval)
    for number, hand[0] in enumerate(looks(opened_at)):
        renew_accounts(now=hand[0])
        if number % 11 == 0:
            hold(workspace=workspace, reference=f"job_{workspace.pk}_{number}", credits=1, subject=f"inv_{number}")
    grants = workspace.credits.entries.filter(kind="grant").order_by("number")
    return [(grant.period_on, grant.created_at, grant.subscription) for grant in grants]


def main() -> int:
    """Prints the table; the exit code."""
    with tempfile.TemporaryDirectory(prefix="invorec-resets-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "invorec.settings", "INVOREC_VAR": folder}
        import django

        django.setup()
        from django.core.management import call_command

        from billing.audit import ledger_faults
        from tests.soak.serving import verdict

        call_command("migrate", verbosity=0)
        claims = {}
        print(f"months in which nobody looked for days: {GAPS}")
        with clock() as hand:
            for zone in ZONES:
                for anchor in ANCHORS:
                    granted = simulate(anchor, zone, hand)
                    days = " ".join(f"{day:%y-%m-%d}" for day, _, _ in granted)
                    due = [date(2027, 1, anchor) + relativedelta(months=number) for number in range(25)]
                    unseen = [day for day in due if day not in [day for day, _, _ in granted]]
                    claims[f"{zone} {anchor}: each day once, of {unseen} nobody saw the period"] = [
                        day for day in due if day not in unseen
                    ] == [day for day, _, _ in granted] and len(unseen) <= 1
                    print(f"{zone:<17} {anchor}: {len(granted)} grants of {granted[0][2]}: {days}")
            for zone in ZONES:
                granted = simulate(29, zone, hand, interval="year")
                print(f"{zone:<17} 29, yearly: {[(str(day), credits) for day, _, credits in granted]}")
        return verdict({**claims, "the ledger adds up": ledger_faults() == []})


if __name__ == "__main__":
    sys.exit(main())
