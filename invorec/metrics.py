"""GET /metrics: counters of this service in Prometheus' text form, for the addresses that may ask."""

from __future__ import annotations

import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.client_ip import client_ip, contains
from webhooks.metrics import DeliveryMetrics

DELIVERIES = CollectorRegistry()
DELIVERIES.register(DeliveryMetrics())


def metrics(request: HttpRequest) -> HttpResponse:
    """Of all web processes where PROMETHEUS_MULTIPROC_DIR names a folder that they share, else of this one; and of
    deliveries, from the database.

    Raises Http404 for everybody outside of METRICS_FROM.
    """
    address = client_ip(request)
    if address is None or not contains(settings.METRICS_FROM, address):
        raise Http404
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return HttpResponse(generate_latest(registry) + generate_latest(DELIVERIES), content_type=CONTENT_TYPE_LATEST)
