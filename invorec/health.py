"""Liveness and readiness, for load balancers and for the person who asks why nothing works.

Live: this process answers. Ready: everything a request or a job needs is there. Answers name versions and kinds of
failure, never hosts, paths or messages of drivers: those go to the log.
"""

import shutil
import subprocess
import time
import uuid
from collections.abc import Callable
from functools import lru_cache

import redis
import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, JsonResponse

log = structlog.get_logger(__name__)

KEPT_S = 2  # anyone may ask, so asking often must not mean writing to the document store as often
PROGRAM_TIMEOUT_S = 5
BROKER_TIMEOUT_S = 2


class NotReady(Exception):
    """A part is not usable; the text may be shown to anyone."""


def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": "ok", "version": settings.VERSION})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is usable, else 503; `checks` says which part is not."""
    checks = results(int(time.monotonic() // KEPT_S))
    ready = all(check["ok"] for check in checks.values())
    body = {"status": "ready" if ready else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if ready else 503)


@lru_cache(maxsize=1)
def results(moment: int) -> dict[str, dict[str, object]]:
    """{part: {"ok", "detail"}} for every part, measured once per `moment`."""
    return {name: result(name, check) for name, check in CHECKS.items()}


def result(name: str, check: Callable[[], str]) -> dict[str, object]:
    """One part's {"ok", "detail"}; whatever the check raises becomes a short detail and a log line."""
    try:
        return {"ok": True, "detail": check()}
    except NotReady as error:
        return {"ok": False, "detail": str(error)}
    except Exception as error:
        log.warning("not_ready", part=name, exc_info=error)
        return {"ok": False, "detail": type(error).__name__}


def database() -> str:
    """The database's kind, after a query that needs the schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
    return connection.display_name


def broker() -> str:
    """Whether the broker answers; embedded mode has none."""
    if not settings.CELERY_BROKER_URL:
        return "none, workers poll the database"
    timeouts = {"socket_timeout": BROKER_TIMEOUT_S, "socket_connect_timeout": BROKER_TIMEOUT_S}
    with redis.Redis.from_url(settings.CELERY_BROKER_URL, **timeouts) as client:
        client.ping()
    return "Redis"


def storage() -> str:
    """The document store's kind, after writing, reading and deleting a probe."""
    content = uuid.uuid4().bytes
    name = default_storage.save(f".readyz-{uuid.uuid4()}", ContentFile(content))
    try:
        with default_storage.open(name) as file:
            if file.read() != content:
                raise NotReady("a file came back different")
    finally:
        default_storage.delete(name)
    return type(default_storage._wrapped).__name__  # type: ignore[attr-defined]


def tesseract() -> str:
    """Version and languages of the OCR program."""
    version = program_output("tesseract", "--version").split("\n")[0]
    languages = program_output("tesseract", "--list-langs").split("\n")[1:]
    return f"{version} ({' '.join(sorted(set(languages) - {'osd', ''}))})"


def poppler() -> str:
    """Version of the PDF renderer."""
    return program_output("pdftoppm", "-v").split("\n")[0]


def program_output(name: str, *arguments: str) -> str:
    """What a program prints, on either stream. Raises NotReady when it is not installed or fails."""
    path = shutil.which(name)
    if not path:
        raise NotReady(f"{name} is not installed")
    command = [path, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_TIMEOUT_S)  # noqa: S603
    if done.returncode:
        raise NotReady(f"{name} fails with exit code {done.returncode}")
    return done.stdout or done.stderr


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "broker": broker,
    "storage": storage,
    "tesseract": tesseract,
    "poppler": poppler,
}
