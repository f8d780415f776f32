"""Fixtures for the whole suite. Objects are built by the plain functions of `tests/factories.py`."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in embedded mode: in memory, threads share one connection and nothing can collide."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def _documents_in_tmp_path(settings, tmp_path: Path) -> None:
    """Whatever a test stores ends with it."""
    options = {"location": str(tmp_path / "files"), "base_url": None}
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": storage}
