from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_endpoint, make_event
from webhooks.models import Attempt, Delivery

pytestmark = pytest.mark.django_db


def shown(settings) -> dict[str, float]:
    settings.METRICS_FROM = ["127.0.0.1"]
    lines = Client().get("/metrics").content.decode().splitlines()
    found = [line.rpartition(" ") for line in lines if line.startswith("invorec_webhook")]
    return {name.removeprefix("invorec_webhook_"): float(value) for name, _, value in found}


def test_with_nothing_to_do(settings):
    assert shown(settings) == {"deliveries_pending": 0, "oldest_due_seconds": 0}


def test_what_waits_and_what_became_of_attempts(tenant, settings):
    endpoint = make_endpoint(tenant)
    make_endpoint(tenant, enabled=False)
    first, second = (make_event(tenant, subject="inv_1") for _ in range(2))
    now = timezone.now()
    Delivery.objects.filter(event=first).update(next_attempt_at=now + timedelta(hours=1))
    Delivery.objects.filter(event=second).update(next_attempt_at=now - timedelta(hours=1))  # it waits for the first
    loose = make_event(tenant)
    Delivery.objects.filter(event=loose).update(next_attempt_at=now - timedelta(minutes=1))
    delivery = Delivery.objects.filter(endpoint=endpoint).first()
    outcomes = [(200, ""), (204, ""), (302, ""), (404, ""), (500, ""), (None, "timed_out"), (200, "timed_out")]
    Attempt.objects.bulk_create(
        Attempt(delivery=delivery, started_at=at, duration_ms=1, status_code=status, error=error)
        for status, error in outcomes
        for at in (now - timedelta(minutes=4), now - timedelta(minutes=6))
    )
    found = shown(settings)
    assert 60 <= found.pop("oldest_due_seconds") < 70
    assert found == {
        "deliveries_pending": 3,
        'attempts_last_5_minutes{outcome="succeeded"}': 2,
        'attempts_last_5_minutes{outcome="http_3xx"}': 1,
        'attempts_last_5_minutes{outcome="http_4xx"}': 1,
        'attempts_last_5_minutes{outcome="http_5xx"}': 1,
        'attempts_last_5_minutes{outcome="timed_out"}': 2,
    }
