"""So many requests a minute and uploads an hour; told in every answer, true for all web processes, never in the way."""

from __future__ import annotations

import time
import zlib

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from api import ratelimit
from api.ratelimit import ON_THE_CLOCK, Bucket, network_of
from api.services import issue_key
from extraction.models import Invoice
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient, assert_nothing_written
from tests.factories import make_tenant

NOWHERE = "/v1/invoices/inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"


@pytest.fixture(autouse=True)
def _within_one_window(monkeypatch):
    """The clock stands: a test must not begin in one minute and end in the next."""
    monkeypatch.setattr(time, "time", lambda: 1_716_638_425.5)
    monkeypatch.setattr(ratelimit, "_store_rests_until", 0.0)


@pytest.fixture
def client(tenant, token) -> ApiClient:
    """A live key's client that has asked nothing yet; its workspace may ask three times a minute."""
    tenant.workspace.requests_per_minute = 3
    tenant.workspace.save()
    return ApiClient(token)


def quota(response) -> tuple[int, ...]:
    return tuple(int(response.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))


def test_the_quota_of_a_workspace(client):
    answers = [client.get("/v1/invoices") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [quota(answer) for answer in answers] == [(3, left, 1_716_638_460) for left in (2, 1, 0, 0, 0)]
    assert answers[3].headers["Retry-After"] == "35"
    error = answers[3].json()["error"]
    assert (error["code"], error["message"]) == ("rate_limited", "Slow down — retry in 35s.")


def test_the_next_minute_starts_anew(client, monkeypatch):
    for _ in range(4):
        client.get("/v1/invoices")
    monkeypatch.setattr(time, "time", lambda: 1_716_638_459.9)
    last = client.get("/v1/invoices")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "1")
    monkeypatch.setattr(time, "time", lambda: 1_716_638_460.0)
    assert quota(client.get("/v1/invoices")) == (3, 2, 1_716_638_520)


def test_windows_are_the_clocks():
    assert zlib.crc32(ON_THE_CLOCK.encode()) % 3600 == 3599


def test_what_is_refused_is_counted_and_does_nothing(client):
    for _ in range(3):
        client.get("/v1/invoices")
    refused = client.post("/v1/invoices", invoice_pdf(), content_type="application/pdf")
    assert refused.status_code == 429
    assert_nothing_written()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("get", NOWHERE, {}, 404),
        ("put", "/v1/invoices", {}, 405),
        ("get", "/v1/invoices", {"accept": "text/csv"}, 406),
        ("get", "/v1/invoices?limit=0", {}, 400),
        ("get", "/v1/invoices", {"invorec-version": "1999-01-01"}, 400),
    ],
)
def test_errors_of_a_key_count_for_its_workspace(client, method, path, headers, status):
    response = client.generic(method.upper(), path, headers=headers)
    assert (response.status_code, quota(response)[:2]) == (status, (3, 2))


def test_a_key_without_rights_counts_for_its_workspace(client, tenant):
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Reader", scopes=["credits:read"])
    response = ApiClient(token).get("/v1/invoices")
    assert (response.status_code, quota(response)[:2]) == (403, (3, 2))


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/v1/invoices", None, 401),
        ("/v1/invoices", "invr_live_typo", 401),
        ("/v1/nothing", None, 404),
        ("/v1", None, 404),
        ("/v1/openapi.json", None, 200),
    ],
)
def test_who_shows_no_valid_key_is_limited_by_address(db, settings, path, token, status):
    settings.REQUESTS_PER_MINUTE = 2
    client = ApiClient(token)
    answers = [client.get(path, REMOTE_ADDR="192.0.2.1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 429]
    assert [quota(answer)[:2] for answer in answers] == [(2, 1), (2, 0), (2, 0)]
    assert client.get(path, REMOTE_ADDR="192.0.2.2").status_code == status


def test_refused_hosts_and_plain_http_count_as_well(db, settings):
    settings.REQUESTS_PER_MINUTE = 1
    assert ApiClient().get("/v1/invoices", headers={"host": "evil.example"}).status_code == 400
    settings.REQUIRE_HTTPS = True
    assert ApiClient().get("/v1/invoices").status_code == 429


def test_an_address_full_of_wrong_keys_does_not_shut_out_a_right_one(client, settings):
    settings.REQUESTS_PER_MINUTE = 1
    for _ in range(3):
        ApiClient().get("/v1/invoices")
    assert client.get("/v1/invoices").status_code == 200


def test_a_forged_forwarded_address_changes_nothing(db, settings):
    settings.REQUESTS_PER_MINUTE = 1
    answers = [ApiClient().get("/v1/invoices", headers={"x-forwarded-for": f"192.0.2.{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [401, 429, 429]


def test_behind_a_trusted_proxy_each_client_counts_alone(db, settings):
    settings.REQUESTS_PER_MINUTE = 1
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    forged = ["9.9.9.1, 192.0.2.1", "9.9.9.2, 192.0.2.1", "192.0.2.2"]
    answers = [ApiClient().get("/v1/invoices", headers={"x-forwarded-for": hops}) for hops in forged]
    assert [answer.status_code for answer in answers] == [401, 429, 401]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", "None"),
    ],
)
def test_what_is_counted_of_an_address(address, counted):
    assert network_of(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


def test_keys_of_a_workspace_share_its_quota(client, tenant):
    _, other = issue_key(workspace=tenant.workspace, livemode=False, name="Test")
    answers = [ApiClient(other).get("/v1/invoices") for _ in range(2)] + [client.get("/v1/invoices") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_workspaces_at_one_address_have_their_own_quota_under_the_address_ceiling(client, settings):
    settings.IP_REQUESTS_PER_MINUTE = 4
    other = ApiClient(issue_key(workspace=make_tenant("Other").workspace, livemode=True, name="Other")[1])
    answers = [each.get("/v1/invoices") for each in (client, client, other, other, other)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert [quota(answer)[:2] for answer in answers] == [(3, 2), (3, 1), (4, 1), (4, 0), (4, 0)]
    assert other.get("/v1/invoices", REMOTE_ADDR="192.0.2.9").status_code == 200


def test_uploads_have_a_limit_by_the_hour(client, tenant):
    tenant.workspace.requests_per_minute, tenant.workspace.uploads_per_hour = 10, 2
    tenant.workspace.save()
    answers = [client.post("/v1/invoices", invoice_pdf(), content_type="application/pdf") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert [quota(answer) for answer in answers] == [(2, left, 1_716_638_400 + 3600) for left in (1, 0, 0)]
    assert answers[2].headers["Retry-After"] == str(3600 - 25)
    assert Invoice.objects.count() == 2
    reading = client.get("/v1/invoices")
    assert (reading.status_code, quota(reading)[:2]) == (200, (10, 6))


def test_an_upload_refused_by_the_minute_is_not_counted_by_the_hour(client, tenant, monkeypatch):
    tenant.workspace.requests_per_minute, tenant.workspace.uploads_per_hour = 1, 2
    tenant.workspace.save()

    def upload():
        return client.post("/v1/invoices", invoice_pdf(), content_type="application/pdf").status_code

    assert [upload(), upload(), upload()] == [202, 429, 429]
    monkeypatch.setattr(time, "time", lambda: 1_716_638_465.5)
    assert upload() == 202


def test_staff_raise_the_limit_of_a_plan(client, tenant):
    tenant.workspace.requests_per_minute = None
    tenant.workspace.plan.requests_per_minute = 7
    tenant.workspace.plan.save()
    tenant.workspace.save()
    assert quota(client.get("/v1/invoices"))[:2] == (7, 6)


def test_a_limit_of_nothing(client, tenant):
    tenant.workspace.requests_per_minute = 0
    tenant.workspace.save()
    response = client.get("/v1/invoices")
    assert (response.status_code, quota(response)[:2]) == (429, (0, 0))


def test_a_store_that_is_down_lets_everything_through(client, settings, caplog):
    settings.CACHES = settings.CACHES | {"limits": {"BACKEND": "tests.api.broken_store.BrokenCache"}}
    before = ratelimit.store_failures._value.get()
    answers = [client.get("/v1/invoices") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert {quota(answer) for answer in answers} == {(3, 3, 1_716_638_460)}
    logged = [record.msg for record in caplog.records if record.name == "api.ratelimit"]
    assert [(line["event"], line["level"]) for line in logged] == [("rate_limit_store_down", "error")]
    assert ratelimit.store_failures._value.get() - before == 10  # two limits on each request
    assert ApiClient().get("/v1/nothing").status_code == 404


def test_a_store_that_comes_back_counts_again(client, settings, monkeypatch):
    working = settings.CACHES
    settings.CACHES = working | {"limits": {"BACKEND": "tests.api.broken_store.BrokenCache"}}
    client.get("/v1/invoices")
    settings.CACHES = working
    assert quota(client.get("/v1/invoices"))[1] == 3
    later = time.monotonic() + ratelimit.STORE_REST_S
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert quota(client.get("/v1/invoices"))[1] == 2


def test_names_that_run_into_numbers_are_counted_apart(rf):
    request = Request(rf.get("/"))._request
    assert ratelimit._used(request, Bucket("a", 11, 60)).remaining == 10
    assert ratelimit._used(request, Bucket("a1", 1, 60)).remaining == 0
    assert ratelimit._used(request, Bucket("a", 11, 60)).remaining == 9
