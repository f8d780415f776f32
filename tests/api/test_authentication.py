"""Who may come in, and what everybody else is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from api.models import ApiKey
from api.services import issue_key, revoke_key
from billing.models import Plan
from billing.tenant import Tenant
from invorec.lib.tokens import mint_key
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient, assert_nothing_written, assert_refused

SEND_KEY = "Send your API key in the header Authorization: Bearer invr_live_… or invr_test_…"
NOT_VALID = "The provided key is not valid. Check that it was copied whole."


def upload(client: ApiClient, **extra: str):
    return client.post("/v1/invoices", invoice_pdf(), content_type="application/pdf", **extra)


def test_no_key(db):
    response = upload(ApiClient())
    assert_refused(response, 401, "authentication_required", SEND_KEY)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert_nothing_written()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "invr_live_abc", "Bearer a b"])
def test_malformed_header(db, header):
    response = ApiClient().get("/v1/invoices", headers={"authorization": header})
    assert_refused(response, 401, "authentication_required", SEND_KEY)


def test_typing_error_is_refused_without_a_query(token, django_assert_num_queries):
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    with django_assert_num_queries(0):
        response = upload(ApiClient(wrong))
    assert_refused(response, 401, "invalid_api_key", NOT_VALID)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert_nothing_written()


def test_unknown_key(db):
    response = upload(ApiClient(mint_key(livemode=True)))
    assert_refused(response, 401, "invalid_api_key", NOT_VALID)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert_nothing_written()


def test_revoked_key_is_refused_from_the_next_request_on(api):
    revoke_key(key=ApiKey.objects.get())
    assert_refused(upload(api), 401, "invalid_api_key", "The provided key has been revoked.")
    assert_nothing_written()


def test_expired_key(tenant):
    past = timezone.now() - timedelta(seconds=1)
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Old")
    ApiKey.objects.update(expires_at=past)
    assert_refused(upload(ApiClient(token)), 401, "invalid_api_key", "The provided key has expired.")
    assert ApiKey.objects.get().last_used_at is None
    assert_nothing_written()


def test_address_that_is_not_allowed(tenant):
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Office", allowed_ips=["192.0.2.0/24"])
    response = upload(ApiClient(token), REMOTE_ADDR="198.51.100.7")
    assert_refused(response, 403, "insufficient_scope", "The provided key may not be used from 198.51.100.7.")
    assert ApiKey.objects.get().last_used_at is None
    assert_nothing_written()


@pytest.mark.parametrize("address", ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8::1"])
def test_address_that_is_allowed(tenant, address):
    allowed = ["192.0.2.9", "2001:db8::/32"]
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Office", allowed_ips=allowed)
    assert ApiClient(token).get("/v1/invoices", REMOTE_ADDR=address).status_code == 200


def test_forged_forwarded_address_is_not_believed(tenant):
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Office", allowed_ips=["192.0.2.9"])
    forged = {"x-forwarded-for": "192.0.2.9"}
    response = ApiClient(token).get("/v1/invoices", REMOTE_ADDR="198.51.100.7", headers=forged)
    assert response.status_code == 403


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [("192.0.2.9", 200), ("203.0.113.5, 192.0.2.9", 200), ("192.0.2.9, 203.0.113.5", 403), ("nonsense", 403)],
)
def test_trusted_proxy_names_the_client(tenant, settings, forwarded, status):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Office", allowed_ips=["192.0.2.9"])
    response = ApiClient(token).get("/v1/invoices", REMOTE_ADDR="10.1.2.3", headers={"x-forwarded-for": forwarded})
    assert response.status_code == status


@pytest.mark.parametrize("plan", ["free", "starter", "growth"])
def test_plan_without_api_access(api, tenant, plan):
    tenant.workspace.plan = Plan.objects.get(code=plan)
    tenant.workspace.save()
    message = (
        f"API access needs the Business plan; this workspace is on {tenant.workspace.plan.name}. "
        "Upgrade it in the dashboard."
    )
    assert_refused(upload(api), 403, "insufficient_scope", message)
    assert_nothing_written()


def test_missing_scope(tenant):
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Reader", scopes=["invoices:read"])
    client = ApiClient(token)
    assert client.get("/v1/invoices").status_code == 200
    assert_refused(upload(client), 403, "insufficient_scope", "The provided key lacks the scope invoices:write.")
    assert_nothing_written()


def test_use_is_noted_at_most_once_a_minute(tenant: Tenant, django_assert_num_queries):
    key, token = issue_key(workspace=tenant.workspace, livemode=True, name="Live")
    client = ApiClient(token)
    with django_assert_num_queries(3):  # the key, its use, no invoices
        client.get("/v1/invoices")
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None
    with django_assert_num_queries(2):
        client.get("/v1/invoices")
    ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
    client.get("/v1/invoices")
    key.refresh_from_db()
    assert key.last_used_at > first
