"""Every address under /v1 against every kind of credential: a route without a rule here fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import URLPattern
from django.utils import timezone

from api import urls
from api.models import SCOPES
from api.services import issue_key, revoke_key
from billing.models import Plan
from billing.tenant import Tenant
from extraction.models import Invoice
from invorec.lib.tokens import mint_key
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient
from tests.factories import make_invoice, make_schema, make_tenant, read

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
}
KEYED = [rule for rule, (scope, _) in RULES.items() if scope != PUBLIC]
OWNED = [rule for rule in KEYED if "<str:id>" in rule[1]]
METHODS = ("get", "post", "put", "patch", "delete")


def make_owned(tenant: Tenant, route: str) -> str:
    """The id of something of the tenant that the route can speak of."""
    if route.startswith("schemas"):
        return make_schema(tenant).id
    return read(make_invoice(tenant)).id


def call(client: ApiClient, method: str, route: str, invoice_id: str = "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"):
    path = f"/v1/{route.replace('<str:id>', invoice_id)}"
    if route == "invoices":
        return client.generic(method, path, invoice_pdf() if method == "POST" else b"", content_type="application/pdf")
    body = b"{}" if method in ("POST", "PATCH") else b""
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


@pytest.mark.parametrize(("method", "route"), KEYED)
def test_credentials(tenant, method, route):
    def key(**options) -> ApiClient:
        return ApiClient(issue_key(workspace=tenant.workspace, livemode=True, name="Key", **options)[1])

    past = timezone.now() - timedelta(seconds=1)
    owned = make_owned(tenant, route)
    before = Invoice.objects.count()
    revoked_key, revoked = issue_key(workspace=tenant.workspace, livemode=True, name="Revoked")
    revoke_key(key=revoked_key)
    scope = RULES[method, route][0]
    refused = {
        "no key": (ApiClient(), (401, "authentication_required")),
        "malformed": (ApiClient("nonsense"), (401, "invalid_api_key")),
        "unknown": (ApiClient(mint_key(livemode=True)), (401, "invalid_api_key")),
        "revoked": (ApiClient(revoked), (401, "invalid_api_key")),
        "expired": (key(expires_at=past), (401, "invalid_api_key")),
        "elsewhere": (key(allowed_ips=["192.0.2.0/24"]), (403, "insufficient_scope")),
        "wrong scope": (key(scopes=set(SCOPES) - {scope}), (403, "insufficient_scope")),
    }
    outcomes = {name: outcome(call(client, method, route, owned)) for name, (client, _) in refused.items()}
    assert outcomes == {name: expected for name, (_, expected) in refused.items()}
    assert Invoice.objects.count() == before
    assert call(key(scopes=[scope]), method, route, owned).status_code == RULES[method, route][1]


@pytest.mark.parametrize("plan", ["free", "starter", "growth"])
@pytest.mark.parametrize(("method", "route"), KEYED)
def test_plan_without_api_access(api, tenant, method, route, plan):
    owned = make_owned(tenant, route)
    before = Invoice.objects.count()
    tenant.workspace.plan = Plan.objects.get(code=plan)
    tenant.workspace.save()
    assert outcome(call(api, method, route, owned)) == (403, "insufficient_scope")
    assert Invoice.objects.count() == before


@pytest.mark.parametrize(("method", "route"), OWNED)
def test_nothing_leaks_to_others(tenant, method, route):
    owned = make_owned(tenant, route)
    nobody = f"{owned[:4]}{'0' * 26}"
    for workspace, livemode in ((make_tenant("Other").workspace, True), (tenant.workspace, False)):
        _, token = issue_key(workspace=workspace, livemode=livemode, name="Key")
        theirs, nobodys = (call(ApiClient(token), method, route, id) for id in (owned, nobody))
        assert outcome(theirs) == outcome(nobodys) == (404, "resource_not_found")
        message = theirs.json()["error"]["message"]
        assert message == nobodys.json()["error"]["message"].replace(nobody, owned)
