"""What holds at the edge: request ids, versions, and no key in clear."""

from __future__ import annotations

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client, RequestFactory

from invorec.lib.ids import is_id
from tests.api.oracle import ApiClient, assert_refused

IN_CLEAR = "Use https://. The key of this request travelled in clear: replace it."


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/v1/openapi.json"])
def test_every_answer_has_a_request_id_of_its_own(db, path):
    first, second = Client().get(path), Client().get(path)
    assert is_id(first.headers["Request-Id"], "req")
    assert is_id(second.headers["Request-Id"], "req")
    assert first.headers["Request-Id"] != second.headers["Request-Id"]


def test_a_client_cannot_choose_the_request_id(api):
    response = api.get("/v1/invoices", headers={"request-id": "req_01HFAB7Z5K8C4M2N7Y9P3R6V0X"})
    assert response.headers["Request-Id"] != "req_01HFAB7Z5K8C4M2N7Y9P3R6V0X"


def test_plain_http_is_refused_where_https_is_demanded(api, settings, django_assert_num_queries):
    settings.REQUIRE_HTTPS = settings.SECURE_SSL_REDIRECT = True
    with django_assert_num_queries(0):
        response = api.get("/v1/invoices")
    assert_refused(response, 400, "invalid_request_error", IN_CLEAR)
    assert api.get("/v1/invoices", secure=True).status_code == 200


def test_a_proxy_may_say_that_it_was_https(api, settings):
    settings.REQUIRE_HTTPS = settings.SECURE_SSL_REDIRECT = True
    forwarded = {"x-forwarded-proto": "https"}
    assert api.get("/v1/invoices", headers=forwarded).status_code == 400
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert api.get("/v1/invoices", headers=forwarded).status_code == 200


def test_known_version(api):
    assert api.get("/v1/invoices", headers={"invorec-version": "2026-04-08"}).status_code == 200


@pytest.mark.parametrize("version", ["2025-01-01", "latest", ""])
def test_unknown_version(api, version):
    response = api.get("/v1/invoices", headers={"invorec-version": version})
    message = f"Unknown InvoRec-Version {version!r}. Known: 2026-04-08."
    assert_refused(response, 400, "invalid_request_error", message, "InvoRec-Version")


def test_the_site_beside_the_api_has_no_version():
    assert "InvoRec-Version" not in Client().get("/healthz").headers


@pytest.mark.parametrize("path", ["/v1/invoices", "/v1/nothing"])
def test_answers_are_neither_guessed_at_nor_kept(api, path):
    headers = api.get(path).headers
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize("path", ["/v1/invoices", "/v1/nothing", "/v1/openapi.json"])
def test_head_is_get_without_a_body(token, path):
    request = RequestFactory().head(path, headers={"authorization": f"Bearer {token}"})
    headed = get_wsgi_application().get_response(request)  # the test client would drop the body by itself
    got = ApiClient(token).get(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert headed.headers["Content-Length"] == str(len(got.content))
