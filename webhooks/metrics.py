"""What an operator wants to know of deliveries, read from the database when asked: so it holds for all processes.

Attempts are counted over the last minutes, which survives restarts and costs the same however many there ever were.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Value, When
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from webhooks.due import due, heads
from webhooks.models import Attempt, Delivery, WebhookEndpoint

WINDOW = timedelta(minutes=5)


class DeliveryMetrics(Collector):
    """Deliveries that wait, for how long the oldest has been due, and what came of attempts lately."""

    def describe(self) -> list[Metric]:
        return []  # or the registry would ask the database while the process starts

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        pending = Delivery.objects.filter(status=Delivery.Status.PENDING, endpoint__enabled=True)
        yield GaugeMetricFamily(
            "invorec_webhook_deliveries_pending", "Deliveries to enabled endpoints that wait.", value=pending.count()
        )
        yield GaugeMetricFamily(
            "invorec_webhook_oldest_due_seconds",
            "For how long the oldest delivery has been due whose turn it is. It grows where nothing delivers.",
            value=_oldest_s(now),
        )
        attempts = GaugeMetricFamily(
            "invorec_webhook_attempts_last_5_minutes",
            "Attempts of the last five minutes by what came of them.",
            labels=["outcome"],
        )
        for outcome, count in _outcomes():
            attempts.add_metric([outcome], count)
        yield attempts


def _oldest_s(now: datetime) -> float:
    """For how many seconds the oldest delivery has been due, of those whose turn it is."""
    waiting = WebhookEndpoint.objects.filter(Exists(due(now).filter(endpoint=OuterRef("pk"))), enabled=True)
    first = heads([(pk, 1) for pk in waiting.values_list("pk", flat=True)], now)
    oldest = Delivery.objects.filter(id__in=[delivery.id for delivery in first]).aggregate(at=Min("next_attempt_at"))[
        "at"
    ]
    return (now - oldest).total_seconds() if oldest else 0


def _outcomes() -> list[tuple[str, int]]:
    """`succeeded`, a class of statuses (`http_4xx`), or the error's code, and how many."""
    classes = [
        When(status_code__gte=first, status_code__lt=first + 100, then=Value(name))
        for first, name in ((200, "succeeded"), (300, "http_3xx"), (400, "http_4xx"), (500, "http_5xx"))
    ]
    outcome = Case(
        When(error="", then=Case(*classes, default=Value("http_1xx"))), default=F("error"), output_field=CharField()
    )
    recent = Attempt.objects.filter(started_at__gte=timezone.now() - WINDOW).annotate(outcome=outcome)
    return list(recent.values_list("outcome").annotate(count=Count("id")).order_by("outcome"))
