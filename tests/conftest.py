"""Fixtures for the whole suite. Objects are built by the plain functions of `tests/factories.py`."""

import os
import uuid
from pathlib import Path

import pytest
from django.conf import settings as django_settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `postgres` or `redis` run where those are, and say so where they are not."""
    absent = {}
    if django_settings.DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        absent["postgres"] = pytest.mark.skip(reason="needs PostgreSQL")
    if not django_settings.CELERY_BROKER_URL:
        absent["redis"] = pytest.mark.skip(reason="needs Redis")
    for item in items:
        for name, skip in absent.items():
            if item.get_closest_marker(name):
                item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the run could not cover (see `tests.services`)."""
    if note := os.environ.get("INVOREC_TEST_NOTE"):
        terminalreporter.section(note, yellow=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in embedded mode: in memory, threads share one connection and nothing can collide."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def _own_files_and_cache(settings, tmp_path: Path) -> None:
    """Each test has a document store and a cache of its own; a shared Redis is never flushed."""
    options = {"location": str(tmp_path / "files"), "base_url": None}
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": storage}
    own = {"KEY_PREFIX": f"test-{uuid.uuid4()}"}
    caches = {name: cache | own for name, cache in settings.CACHES.items()}
    if caches["limits"]["BACKEND"].endswith(".FileCounters"):
        caches["limits"]["LOCATION"] = str(tmp_path / "limits.sqlite3")
    settings.CACHES = caches
