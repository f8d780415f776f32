"""Counters, for those who may see them."""

from __future__ import annotations

import pytest
from django.test import Client

from api.ratelimit import store_failures


@pytest.fixture(autouse=True)
def _for_this_machine(settings):
    settings.METRICS_FROM = ["127.0.0.1"]


def test_nobody_sees_them_by_default(db, settings):
    settings.METRICS_FROM = []
    assert Client().get("/metrics").status_code == 404


def test_counters_are_shown(db):
    store_failures.inc()
    response = Client().get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert f"\ninvorec_rate_limit_store_failures_total {store_failures._value.get()}\n" in response.content.decode()


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", ""])
def test_others_see_nothing(db, address):
    assert Client().get("/metrics", REMOTE_ADDR=address).status_code == 404


def test_a_proxy_on_this_machine_does_not_open_it(db, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert Client().get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 404


def test_who_may_ask_is_a_setting(db, settings):
    settings.METRICS_FROM = ["192.0.2.0/24"]
    assert Client().get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 200
    assert Client().get("/metrics").status_code == 404
