"""Liveness and readiness over HTTP."""

import pytest
from django.core.files.storage import default_storage

from invorec import health


@pytest.fixture(autouse=True)
def _fresh_results():
    health.results.cache_clear()
    yield
    health.results.cache_clear()


def test_alive_needs_nothing(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()["status"]) == (200, "ok")


def test_ready_names_every_part(client, db, settings):
    response = client.get("/readyz")
    body = response.json()
    assert {name: check["ok"] for name, check in body["checks"].items()} == dict.fromkeys(
        ["database", "broker", "storage", "tesseract", "poppler"], True
    )
    assert (response.status_code, body["status"]) == (200, "ready")
    assert body["checks"]["tesseract"]["detail"].startswith("tesseract ")
    assert default_storage.listdir("") == ([], [])


def test_a_broker_that_is_down_is_said_without_its_address(client, db, settings):
    settings.CELERY_BROKER_URL = "redis://:hunter2@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert response.json()["checks"]["broker"] == {"ok": False, "detail": "ConnectionError"}
    assert "hunter2" not in response.content.decode()


def test_a_missing_program_is_named(client, db, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["tesseract"] == {"ok": False, "detail": "tesseract is not installed"}
    assert response.json()["checks"]["poppler"] == {"ok": False, "detail": "pdftoppm is not installed"}


def test_a_store_that_cannot_be_written_is_said(client, db, settings, tmp_path):
    (tmp_path / "a-file").write_text("")
    options = {"location": str(tmp_path / "a-file")}
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": storage}
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["storage"]["ok"] is False
    assert str(tmp_path) not in response.content.decode()


def test_asking_often_measures_once(client, db, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "CHECKS", {"part": lambda: asked.append(1) or "fine"})
    monkeypatch.setattr(health.time, "monotonic", lambda: 100.0)
    assert [client.get("/readyz").status_code for _ in range(3)] == [200, 200, 200]
    assert asked == [1]
