from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from webhooks.schedule import asked_wait_s, pause_s

STEPS = [60, 300, 900, 3600, 21600, 86400]
NOW = datetime(2026, 4, 8, 12, tzinfo=UTC)


def test_the_default_is_the_contracts():
    assert settings.WEBHOOK_SCHEDULE_S == STEPS
    total = sum(step for tries in range(1, 7) if (step := pause_s(STEPS, tries=tries, chance=0)))
    assert timedelta(seconds=total) == timedelta(hours=31, minutes=21)


@pytest.mark.parametrize(("tries", "step"), list(enumerate(STEPS, start=1)))
def test_a_step_grows_by_at_most_a_tenth(tries, step):
    assert pause_s(STEPS, tries=tries, chance=0) == step
    assert pause_s(STEPS, tries=tries, chance=1) == pytest.approx(step * 1.1)
    drawn = [pause_s(STEPS, tries=tries) for _ in range(200)]
    assert step <= min(drawn) < step * 1.02 < step * 1.08 < max(drawn) <= step * 1.1


def test_after_the_last_step_nothing_follows():
    assert pause_s(STEPS, tries=7) is None
    assert pause_s([], tries=1) is None


@pytest.mark.parametrize(("wait_s", "pause"), [(0, 300), (10, 300), (400, 400), (600, 600), (10_000, 600)])
def test_the_receiver_can_only_lengthen_a_step_and_at_most_double_it(wait_s, pause):
    assert pause_s(STEPS, tries=2, wait_s=wait_s, chance=0) == pause


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("9" * 5000, 999_999_999),
        ("Wed, 08 Apr 2026 12:02:00 GMT", 120),
        ("Wed, 08 Apr 2026 11:00:00 GMT", 0),
        ("Wed, 08 Apr 2026 12:02:00", 120),
        ("", 0),
        (None, 0),
        ("-5", 0),
        ("1.5", 0),
        ("²", 0),
        ("soon", 0),
        ("Wed, 99 Apr 2026 12:02:00 GMT", 0),
    ],
)
def test_what_an_answer_asks_for(retry_after, seconds):
    for status in (429, 503):
        assert asked_wait_s(status=status, retry_after=retry_after, now=NOW) == seconds
    for status in (None, 200, 500, 301):
        assert asked_wait_s(status=status, retry_after=retry_after, now=NOW) == 0
