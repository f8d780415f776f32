"""Every address under /v1 against every kind of caller (`tests.api.matrix`): a route without a rule here fails."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.urls import URLPattern

from api import urls
from api.services import issue_key
from billing.models import Plan, Workspace
from billing.tenant import Tenant
from extraction.models import ExtractionJob, Invoice, Schema
from tests.api.callers import callers
from tests.api.documents import invoice_pdf
from tests.api.matrix import TABLE
from tests.api.oracle import ApiClient, stored_files
from tests.factories import make_endpoint, make_event, make_invoice, make_schema, make_tenant, read
from webhooks.endpoints import rotate_secret
from webhooks.models import Delivery, Event, WebhookEndpoint

PUBLIC = "public"
# (method, route) -> the scope that it needs, and the status that a good request gets
RULES = {
    ("GET", "openapi.json"): (PUBLIC, 200),
    ("GET", "invoices"): ("invoices:read", 200),
    ("POST", "invoices"): ("invoices:write", 202),
    ("GET", "invoices/<str:id>"): ("invoices:read", 200),
    ("PATCH", "invoices/<str:id>"): ("invoices:write", 200),
    ("DELETE", "invoices/<str:id>"): ("invoices:write", 204),
    ("POST", "invoices/<str:id>/reprocess"): ("invoices:write", 202),
    ("GET", "invoices/<str:id>/extraction"): ("invoices:read", 200),
    ("GET", "invoices/<str:id>/file"): ("invoices:read", 200),
    ("GET", "schemas"): ("schemas:read", 200),
    ("GET", "schemas/<str:id>"): ("schemas:read", 200),
    ("GET", "credits"): ("credits:read", 200),
    ("GET", "webhooks"): ("webhooks:read", 200),
    ("POST", "webhooks"): ("webhooks:write", 201),
    ("GET", "webhooks/<str:id>"): ("webhooks:read", 200),
    ("PATCH", "webhooks/<str:id>"): ("webhooks:write", 200),
    ("DELETE", "webhooks/<str:id>"): ("webhooks:write", 204),
    ("POST", "webhooks/<str:id>/rotate"): ("webhooks:write", 200),
    ("POST", "webhooks/<str:id>/promote"): ("webhooks:write", 200),
    ("POST", "webhooks/<str:id>/test"): ("webhooks:write", 202),
    ("POST", "webhooks/<str:id>/resend"): ("webhooks:write", 202),
    ("GET", "webhooks/<str:id>/deliveries"): ("webhooks:read", 200),
    ("GET", "events"): ("webhooks:read", 200),
    ("GET", "events/<str:id>"): ("webhooks:read", 200),
    ("POST", "events/<str:id>/resend"): ("webhooks:write", 202),
}
KEYED = [rule for rule, (scope, _) in RULES.items() if scope != PUBLIC]
OWNED = [rule for rule in KEYED if "<str:id>" in rule[1]]
BODIES = {
    ("POST", "webhooks"): b'{"url": "https://hooks.example.com/in"}',
    ("POST", "webhooks/<str:id>/resend"): b'{"since": 0}',
}
METHODS = ("get", "post", "put", "patch", "delete")


def make_owned(tenant: Tenant, route: str) -> str:
    """The id of something of the tenant that the route can speak of."""
    if route.startswith("schemas"):
        return make_schema(tenant).id
    if route.startswith("webhooks"):
        endpoint, event = make_endpoint(tenant), make_event(tenant)
        assert event.deliveries.count() == 1
        return rotate_secret(endpoint=endpoint)[0].id
    if route.startswith("events"):
        make_endpoint(tenant)
        return make_event(tenant).id
    return read(make_invoice(tenant)).id


def call(client: ApiClient, method: str, route: str, invoice_id: str = "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"):
    path = f"/v1/{route.replace('<str:id>', invoice_id)}"
    if route == "invoices":
        return client.generic(method, path, invoice_pdf() if method == "POST" else b"", content_type="application/pdf")
    body = BODIES.get((method, route), b"{}" if method in ("POST", "PATCH") else b"")
    return client.generic(method, path, body, content_type="application/json")


def outcome(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_every_route_has_a_rule():
    found = set()
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        view = pattern.callback.cls
        found |= {(method.upper(), str(pattern.pattern)) for method in METHODS if hasattr(view, method)}
    assert found == set(RULES)


def test_public_routes_need_no_key(db):
    for (method, route), (scope, status) in RULES.items():
        if scope == PUBLIC:
            assert call(ApiClient(), method, route).status_code == status


def everything_of(tenant: Tenant) -> list[object]:
    """All rows of the tenant and which of its files are there, to compare."""
    models = (Invoice, ExtractionJob, Schema, WebhookEndpoint, Event, Delivery)
    rows = [list(model.objects.visible_to(tenant).order_by("pk").values()) for model in models]
    return [*rows, [default_storage.exists(invoice["file_key"]) for invoice in rows[0]]]


@pytest.mark.parametrize("livemode", [True, False])
@pytest.mark.parametrize(("method", "route"), KEYED)
def test_the_walk(db, method, route, livemode):
    """Everybody asks for the owner's things, and the owner last."""
    tenant = make_tenant(livemode=livemode)
    owned, scope = make_owned(tenant, route), RULES[method, route][0]
    before, plan = everything_of(tenant), tenant.workspace.plan
    stored, row = (stored_files(), Invoice.objects.count()), TABLE.setdefault((method, route), {})
    for caller in callers():
        client = caller.client(tenant, scope)
        response = call(client, method, route, owned)
        row[caller.name] = str(response.status_code)
        if caller.refused:
            assert outcome(response) == caller.refused, caller.name
            assert (stored_files(), Invoice.objects.count()) == stored, caller.name
        else:
            assert_a_stranger_learns_nothing(client, method, route, owned, response)
        assert everything_of(tenant) == before, caller.name
        Workspace.objects.filter(pk=tenant.workspace.pk).update(plan=plan)
    _, token = issue_key(workspace=tenant.workspace, livemode=livemode, name="Owner", scopes=[scope])
    row["the owner"] = str(call(ApiClient(token), method, route, owned).status_code)
    assert row["the owner"] == str(RULES[method, route][1])


def assert_a_stranger_learns_nothing(client: ApiClient, method: str, route: str, owned: str, response) -> None:
    """What another tenant's id is answered with is what an id is answered with that nobody has; lists leave it out."""
    if (method, route) not in OWNED:
        assert response.status_code == RULES[method, route][1]
        assert owned not in response.content.decode()
        return
    nobody = f"{owned[:4]}{'0' * 26}"
    nobodys = call(client, method, route, nobody)
    assert outcome(response) == outcome(nobodys) == (404, "resource_not_found")
    message, expected = (answer.json()["error"]["message"] for answer in (response, nobodys))
    assert message == expected.replace(nobody, owned)


@pytest.mark.parametrize("plan", ["free", "starter", "growth"])
def test_plans_without_api_access(api, tenant, plan):
    tenant.workspace.plan = Plan.objects.get(code=plan)
    tenant.workspace.save()
    assert outcome(api.get("/v1/invoices")) == (403, "insufficient_scope")
