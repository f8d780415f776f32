"""What an operator wants to know of deliveries, read from the database when asked: so it holds for all processes.

Attempts are counted over the last hour, which survives restarts and costs the same however many there ever were.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Q, Value, When
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from webhooks.due import due
from webhooks.models import Attempt, Delivery

WINDOW = timedelta(hours=1)


class DeliveryMetrics(Collector):
    """Deliveries that wait, for how long the oldest has been due, and what came of attempts lately."""

    def describe(self) -> list[Metric]:
        return []  # or the registry would ask the database while the process starts

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        pending = Delivery.objects.filter(status=Delivery.Status.PENDING, endpoint__enabled=True)
        earlier = Delivery.objects.filter(
            endpoint=OuterRef("endpoint"), subject=OuterRef("subject"), event__lt=OuterRef("event"), status="pending"
        )
        its_turn = due(now).filter(Q(subject="") | ~Exists(earlier), endpoint__enabled=True)
        oldest = its_turn.aggregate(oldest=Min("next_attempt_at"))["oldest"]
        yield GaugeMetricFamily(
            "invorec_webhook_deliveries_pending", "Deliveries to enabled endpoints that wait.", value=pending.count()
        )
        yield GaugeMetricFamily(
            "invorec_webhook_oldest_due_seconds",
            "For how long the oldest delivery has been due whose turn it is. It grows where nothing delivers.",
            value=(now - oldest).total_seconds() if oldest else 0,
        )
        attempts = GaugeMetricFamily(
            "invorec_webhook_attempts_last_hour", "Attempts of the last hour by what came of them.", labels=["outcome"]
        )
        for outcome, count in _outcomes():
            attempts.add_metric([outcome], count)
        yield attempts


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
