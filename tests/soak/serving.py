"""Web processes of their own for the heavy tests: embedded, or on a private PostgreSQL and Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.services import embedded_environment, free_port, production_services

ROOT = Path(__file__).resolve().parents[2]
START_S = 60
KEY = """
import django; django.setup()
from api.services import issue_key
from billing import manual
from billing.services import open_workspace
workspace = open_workspace(name="Soak", plan="business")
manual.top_up(workspace=workspace, credits=10**7, actor="soak", reason="as much as a soak may want")
print(issue_key(workspace=workspace, livemode=True, name="Soak")[1])
"""


@dataclass(frozen=True)
class Served:
    """A running service, and a live key for it."""

    url: str
    key: str
    environment: dict[str, str]

    def client(self, **options: object) -> httpx.Client:
        """A client with the key."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=60, **options)

    def run(self, code: str) -> str:
        """What a piece of Python prints that runs with the service's settings."""
        code = f"import django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


@contextmanager
def environment_of(mode: str) -> Iterator[dict[str, str]]:
    """An environment of the "embedded" or "production" kind, with what it needs running."""
    with tempfile.TemporaryDirectory(prefix="invorec-soak-", ignore_cleanup_errors=True) as folder:
        if mode == "embedded":
            yield embedded_environment(Path(folder))
            return
        with production_services(Path(folder)) as environment:
            yield environment


@contextmanager
def serving(
    environment: dict[str, str], *, processes: int, app: str = "invorec.wsgi", **variables: str
) -> Iterator[Served]:
    """A migrated database with a key, and so many web processes on a free port."""
    own = environment | {
        "DJANGO_SETTINGS_MODULE": "invorec.settings",
        "PORT": str(free_port()),
        "INVOREC_WEB_WORKERS": str(processes),
        "INVOREC_LOG_LEVEL": "ERROR",
        **variables,
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=own, cwd=ROOT, check=True)
    served = Served(f"http://127.0.0.1:{own['PORT']}", "", own)
    served = Served(served.url, served.run(KEY), own)
    with subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:invorec.gunicorn", app], env=own, cwd=ROOT
    ) as web:
        try:
            _wait_until_up(served)
            yield served
        finally:
            web.terminate()
            web.wait(30)


def _wait_until_up(served: Served) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{served.url}/healthz", timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise SystemExit("the service did not start")


def verdict(claims: dict[str, bool]) -> int:
    """Prints what held and what did not; the exit code."""
    for claim, held in claims.items():
        print(f"{'ok  ' if held else 'FAIL'} {claim}")
    return 0 if all(claims.values()) else 1


def cores() -> int:
    """How many processes make sense at once."""
    return os.cpu_count() or 1
