"""A service with endpoints at local receivers, deliverers that can be killed, and events to send."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.soak.webhook_receivers import Receivers

ROOT = Path(__file__).resolve().parents[2]
OPEN = """
import json, sys
from billing.services import open_workspace
from billing.tenant import Tenant
from webhooks.endpoints import create_endpoint
made = []
for group in json.loads(sys.argv[1]):
    tenant = Tenant(open_workspace(name="Soak", plan="business"), True)
    made.append([tenant.workspace.pk, [create_endpoint(tenant=tenant, url=url)[1] for url in group]])
print(json.dumps(made))
"""


def settings_of(environment: dict[str, str], **variables: str) -> dict[str, str]:
    """The environment of a service that may send to this machine."""
    return environment | {
        "DJANGO_SETTINGS_MODULE": "invorec.settings",
        "INVOREC_LOG_LEVEL": "ERROR",
        "INVOREC_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        **variables,
    }


def run(environment: dict[str, str], code: str, *arguments: str) -> str:
    """What a piece of Python prints that runs with the service's settings."""
    code = f"import django; django.setup()\n{code}"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def migrated(environment: dict[str, str]) -> None:
    """Make the tables."""
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, cwd=ROOT, check=True)


def open_workspaces(environment: dict[str, str], receivers: Receivers, groups: list[list[int]]) -> list[str]:
    """A workspace for each group of receivers, with an endpoint at each of them; the workspaces' ids."""
    made = json.loads(run(environment, OPEN, json.dumps([[receivers.url(one) for one in group] for group in groups])))
    numbers = [number for group in groups for number in group]
    receivers.trust(dict(zip(numbers, [secret for _, secrets in made for secret in secrets], strict=True)))
    return [workspace for workspace, _ in made]


class Deliverers:
    """So many processes of `deliver_webhooks`; one that was killed is started again."""

    def __init__(self, environment: dict[str, str], count: int) -> None:
        self.environment = environment
        self.processes = [self.start() for _ in range(count)]
        self.killed = 0

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "deliver_webhooks"]
        return subprocess.Popen(command, env=self.environment, cwd=ROOT)

    def kill(self, number: int) -> None:
        """SIGKILL, and another in its place."""
        self.processes[number].send_signal(signal.SIGKILL)
        self.processes[number].wait()
        self.processes[number] = self.start()
        self.killed += 1

    def died(self) -> int:
        """How many ended by themselves."""
        return sum(process.poll() is not None for process in self.processes)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def delivering(environment: dict[str, str], count: int) -> Iterator[Deliverers]:
    """Deliverers, stopped at the end."""
    deliverers = Deliverers(environment, count)
    try:
        yield deliverers
    finally:
        deliverers.stop()


def wait_for(receivers: Receivers, count: int, *, most_s: float) -> bool:
    """Until so many requests were accepted; False where that took longer."""
    deadline = time.monotonic() + most_s
    while receivers.accepted() < count:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu_note() -> str:
    return f"{os.cpu_count()} cores, shared by deliverers, receivers, PostgreSQL and whoever writes events"
