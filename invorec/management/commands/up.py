"""`make up`: everything on this machine, with a first invoice read before your eyes."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from invorec import demo
from invorec.supervisor import Child, Supervisor

HOST = "127.0.0.1"
TICK_S = 0.1
MAX_READERS = 4  # documents at once: each may take ENGINE_MEMORY_BYTES


class Command(BaseCommand):
    help = "Migrate, start web and worker on this machine, show a sample invoice, and keep serving."
    requires_system_checks = ()  # they cost half a second; the suite runs them

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            sys.exit("`up` runs the embedded mode, and the environment asks for production: see README.md, Production.")
        port = free_port_or_exit(os.environ.get("PORT", "8000"))
        on_signal(interrupt)
        call_command("migrate", verbosity=0)
        supervisor = Supervisor(children(), dict(os.environ, PORT=str(port)))
        try:
            self.run(supervisor, f"http://{HOST}:{port}")
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
        finally:
            on_signal(signal.SIG_IGN)  # stopping takes seconds at most; a second Ctrl-C must not cut it short
            supervisor.stop()

    def run(self, supervisor: Supervisor, url: str) -> None:
        """Serve until interrupted. What the first start shows comes through HTTP, as a client would see it."""

        def pause() -> None:
            supervisor.tick()
            time.sleep(TICK_S)

        keys = demo.demo_keys(settings.VAR_DIR / "demo_keys.json")
        try:
            demo.wait_until_up(url, pause)
            if invoice := demo.first_invoice(url, keys["live"], pause):
                self.show_invoice(invoice)
        except demo.DemoFailed as failure:
            self.stderr.write(self.style.ERROR(str(failure)))
        self.show_address(url, keys)
        while True:
            pause()

    def show_invoice(self, invoice: dict[str, Any]) -> None:
        """The sample's result, as the API gave it."""
        self.stdout.write(f"\nThe sample, {demo.SAMPLE.relative_to(settings.BASE_DIR)}, was read:\n")
        self.stdout.write(json.dumps(invoice, indent=2, ensure_ascii=False))

    def show_address(self, url: str, keys: dict[str, str]) -> None:
        """Where it runs and a first request to paste."""
        sample = demo.SAMPLE.relative_to(settings.BASE_DIR)
        self.stdout.write(
            f"\nInvoRec is running at {url}  (Ctrl-C stops it; your data stays in {settings.VAR_DIR})\n\n"
            f"  live key  {keys['live']}\n"
            f"  test key  {keys['test']}  (answers from fixtures: README.md, Test mode)\n\n"
            "Read an invoice of your own, in place of the sample:\n\n"
            f"  curl -H 'Authorization: Bearer {keys['live']}' -H 'Prefer: wait=30' \\\n"
            f"       -F file=@{sample} {url}/v1/invoices\n"
        )
        self.stdout.flush()


def children() -> list[Child]:
    """The processes of the embedded mode."""
    web = [sys.executable, "-m", "gunicorn", "--config", "python:invorec.gunicorn", "invorec.wsgi"]
    at_once = min(MAX_READERS, max(1, (os.cpu_count() or 1) - 1))
    worker = [sys.executable, "manage.py", "run_worker", "--concurrency", str(at_once)]
    webhooks = [sys.executable, "manage.py", "deliver_webhooks"]
    return [Child("web", web), Child("worker", worker), Child("webhooks", webhooks)]


def free_port_or_exit(text: str) -> int:
    """The port to serve on; ends the process with a hint when it is not a port or somebody has it."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT={text} is not a port; choose one from 1024 to 65535: PORT=8001 make up")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just closed is free
        try:
            probe.bind((HOST, port))
        except OSError as error:
            free = port + 1 if port < 65535 else 8000
            sys.exit(f"Port {port} is in use ({error.strerror}); choose another: PORT={free} make up")
    return port


def on_signal(handler: Callable[..., object] | signal.Handlers) -> None:
    """What Ctrl-C and a service manager's stop do from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def interrupt(*_: object) -> None:
    """SIGTERM ends what Ctrl-C ends."""
    raise KeyboardInterrupt
