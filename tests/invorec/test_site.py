"""The home page, and what every answer of the site carries."""

import re


def test_the_home_page_needs_nothing_from_elsewhere(client):
    response = client.get("/")
    html = response.content.decode()
    assert response.status_code == 200
    assert "curl http://testserver/v1/invoices" in html
    assert re.findall(r'(?:src|href)="((?!/|data:,)[^"]*)"', html) == []
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_every_link_of_the_home_page_leads_somewhere(client, db):
    links = re.findall(r'href="(/[^"]*)"', client.get("/").content.decode())
    assert links == ["/docs", "/v1/openapi.json", "/readyz", "/healthz"]
    assert [client.get(link).status_code for link in links] == [200, 200, 200, 200]


def test_the_home_page_is_only_read(client):
    assert client.post("/").status_code == 405


def test_plain_http_is_redirected_on_the_site_but_not_where_a_key_or_probe_comes(client, db, settings):
    settings.REQUIRE_HTTPS = settings.SECURE_SSL_REDIRECT = True
    assert client.get("/").headers["Location"] == "https://testserver/"
    assert client.get("/v1/invoices").status_code == 400
    assert client.get("/healthz").status_code == 200


def test_https_is_told_by_the_configured_proxy_header(client, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    assert client.get("/", headers={"X-Forwarded-Proto": "http"}).status_code == 301


def test_a_foreign_host_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
