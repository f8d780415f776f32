from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_endpoint, make_event
from webhooks import retention
from webhooks.deliveries import Outcome, claim, settle
from webhooks.models import Attempt, Delivery, Event
from webhooks.tasks import purge_events
from webhooks.transport import Answer

pytestmark = pytest.mark.django_db


def age(event: Event, days: float) -> None:
    Event.objects.filter(pk=event.pk).update(created_at=timezone.now() - timedelta(days=days))


def test_events_go_after_thirty_days_with_all_that_is_theirs(tenant, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    make_endpoint(tenant)
    old, young = [make_event(tenant) for _ in range(3)], make_event(tenant)
    now, answer = timezone.now(), Answer(status=200, error="", retry_after=None, excerpt="", seconds=0)
    settle([Outcome(one, now, answer) for one in claim(now=now, limit=9)], now=now)
    for event in old:
        age(event, 30.01)
    age(young, 29.99)
    purge_events()
    assert [event.pk for event in Event.objects.all()] == [young.pk]
    assert [one.event_id for one in Delivery.objects.all()] == [young.pk]
    assert Attempt.objects.count() == 1


def test_how_long_is_a_setting_and_what_still_waits_is_logged(tenant, settings, caplog):
    settings.EVENT_RETENTION_DAYS = 1
    make_endpoint(tenant, enabled=False)
    age(make_event(tenant), 2)
    assert retention.purge(now=timezone.now()) == 1
    assert not Delivery.objects.exists()
    assert "deliveries_purged_unsent" in caplog.text
