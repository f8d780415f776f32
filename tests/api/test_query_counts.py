"""How many statements each request costs: one that asks per row fails, and so does a route without a figure."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from extraction.models import Invoice, LineItem, Schema
from extraction.worker import work_once
from tests.api.documents import invoice_pdf
from tests.api.test_routes import BODIES as ROUTE_BODIES
from tests.api.test_routes import PUBLIC, RULES
from tests.factories import make_endpoint, make_event, make_extraction, make_field, make_invoice, make_schema
from webhooks.endpoints import rotate_secret
from webhooks.models import Attempt, Delivery, Event, WebhookEndpoint

# The first is the key with its workspace and plan. Savepoints do not count: without a test around it they are the
# transaction itself.
COUNTS = {
    ("GET", "invoices"): 3,  # the invoices with what they repeat, their lines
    # the default schema; invoice and job stored; the account locked and moved, its entry; what it repeats, the event,
    # who wants it; the answer
    ("POST", "invoices"): 12,
    ("GET", "invoices/<str:id>"): 3,
    # found, locked, its job; lines gone, stored and read; edits; the row; its event (5, as below); its answer
    ("PATCH", "invoices/<str:id>"): 17,
    # found, locked, its open job; read with its lines, the event before, this one, who wants it; lines, edits, jobs and
    # the row gone
    ("DELETE", "invoices/<str:id>"): 13,
    # found, locked, changed; workspace, plan and job; whether it was read before; its event; its answer
    ("POST", "invoices/<str:id>/reprocess"): 15,
    ("GET", "invoices/<str:id>/extraction"): 4,  # the invoice, its job, its edits
    ("GET", "invoices/<str:id>/file"): 2,
    ("GET", "schemas"): 2,
    ("GET", "schemas/<str:id>"): 2,
    ("GET", "credits"): 2,
    ("GET", "webhooks"): 2,
    ("POST", "webhooks"): 4,  # the workspace locked, its webhooks counted, this one
    ("GET", "webhooks/<str:id>"): 2,
    ("PATCH", "webhooks/<str:id>"): 4,  # found, locked, changed
    ("DELETE", "webhooks/<str:id>"): 7,  # found, locked; attempts and deliveries gone; none left; the row gone
    ("POST", "webhooks/<str:id>/rotate"): 4,
    ("POST", "webhooks/<str:id>/promote"): 4,
    ("POST", "webhooks/<str:id>/test"): 5,  # found, locked; the event and its delivery
    ("POST", "webhooks/<str:id>/resend"): 4,  # found; what failed; begun anew
    ("GET", "webhooks/<str:id>/deliveries"): 4,  # the webhook, its deliveries, their attempts
    ("GET", "events"): 2,
    ("GET", "events/<str:id>"): 4,  # the event, its deliveries, their attempts
    # the event; the tenant's webhooks; to whom it went; to be begun anew; begun; shown, as above
    ("POST", "events/<str:id>/resend"): 8,
}
BODIES = {"PATCH": json.dumps({"vendorName": "New", "lineItems": [{"description": str(n)} for n in range(9)]})}


def test_every_route_has_a_figure():
    assert COUNTS.keys() == {rule for rule, (scope, _) in RULES.items() if scope != PUBLIC}


def read_invoice(tenant, lines: int) -> Invoice:
    """An invoice that was read, with so many lines, after another of the same file."""
    make_invoice(tenant)
    invoice = make_invoice(tenant)
    for _ in range(2):
        assert work_once(worker="w", run=lambda data, options: make_extraction(fields={"notes": make_field("x")}))
    LineItem.objects.filter(invoice=invoice).delete()
    LineItem.objects.bulk_create(LineItem(invoice=invoice, position=position) for position in range(lines))
    return invoice


def make_owned(tenant, route: str, size: int) -> Invoice | Schema | WebhookEndpoint | Event:
    """Something that the route can speak of, with `size` things below it."""
    kind = route.split("/")[0]
    if kind == "invoices":
        return read_invoice(tenant, size)
    if kind == "schemas":
        return make_schema(tenant)
    endpoint = make_endpoint(tenant)
    rotate_secret(endpoint=endpoint)
    event, *_ = [make_event(tenant) for _ in range(size)]
    for delivery in Delivery.objects.all():
        attempts = [Attempt(delivery=delivery, started_at=timezone.now(), duration_ms=1) for _ in range(size)]
        Attempt.objects.bulk_create(attempts)
    Delivery.objects.update(status="failed")
    return endpoint if kind == "webhooks" else event


@pytest.mark.parametrize("size", [1, 30])
@pytest.mark.parametrize(("method", "route"), COUNTS)
def test_statements(api, tenant, method, route, size):
    owned = make_owned(tenant, route, size)
    for number in range(size):
        make_invoice(tenant)
        make_schema(tenant, name=str(number))
    body, kind = ROUTE_BODIES.get((method, route)) or BODIES.get(method, b""), "application/json"
    if route == "webhooks/<str:id>":
        body = b'{"description": "New"}' if method == "PATCH" else b""
    if route == "invoices" and method == "POST":
        body, kind = invoice_pdf(), "application/pdf"
    with CaptureQueriesContext(connection) as captured:
        response = api.generic(method, f"/v1/{route.replace('<str:id>', owned.pk)}", body, content_type=kind)
    assert response.status_code == RULES[method, route][1]
    statements = [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]
    assert len(statements) == COUNTS[method, route], "\n".join(statements)
