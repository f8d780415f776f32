"""`python -m tests.bench.api`: the API beside bare Django views that do the same SELECTs, INSERTs and JSON.

Both run under the service's own gunicorn on one PostgreSQL and Redis, made for the run, and are asked in turns, so that
both see the same machine. Without a reading worker: what is measured is the door. Exits 1 below the target.
"""

from __future__ import annotations

import argparse
import http.client
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from tests.invoices import generate
from tests.services import free_port, production_services

START_S, TARGET = 30, 0.5
UNLIMITED = dict.fromkeys(("INVOREC_REQUESTS_PER_MINUTE", "INVOREC_UPLOADS_PER_HOUR"), "1000000000")
SEED = """
import django; django.setup()
import random
from tests.factories import make_tenant
from tests.soak.pagination import fill
from api.services import issue_key
from billing.payments import TopUp, apply
from extraction.models import Invoice
tenant = make_tenant()
fill(tenant, {rows}, random.Random(1))
apply(TopUp(workspace=tenant.workspace, reference="bench", credits=10**6, actor="bench", reason="many uploads"))
from django.db import connection
connection.cursor().execute("VACUUM ANALYZE")
print(issue_key(workspace=tenant.workspace, livemode=True, name="Bench")[1], Invoice.objects.latest("pk").pk)
"""


@dataclass(frozen=True)
class Load:
    """One request, over and over."""

    name: str
    method: str
    path: str
    status: int
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True)
class Measured:
    """Requests a second and the 95th percentile in milliseconds."""

    rate: float
    p95_ms: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.api", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5000, help="invoices in the database")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--only", default="", help="requests whose name contains this")
    parser.add_argument("--clients", type=int, default=4, help="requests at once")
    args = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="invorec-bench-", ignore_cleanup_errors=True) as folder,
        production_services(Path(folder)) as made,
    ):
        environment = made | UNLIMITED | {"INVOREC_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "invorec.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        seeded = subprocess.run(
            [sys.executable, "-c", SEED.format(rows=args.rows)], env=environment, check=True, capture_output=True
        )
        token, invoice_id = seeded.stdout.decode().split()
        bare = environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.bare_settings"}
        with serving(environment, token) as api_port, serving(bare, token) as bare_port:
            ratios = [
                compared(load, api_port, bare_port, token, args) for load in loads(invoice_id) if args.only in load.name
            ]
    return 0 if min(ratios) >= TARGET else 1


def loads(invoice_id: str) -> list[Load]:
    """The three requests of which a client's day is made."""
    pdf = padded(generate(1).pdf, 40_000)
    boundary = b"--bench"
    head = (
        b'\r\nContent-Disposition: form-data; name="file"; filename="bill.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    )
    form = b"--" + boundary + head + pdf + b"\r\n--" + boundary + b"--\r\n"
    return [
        Load("GET /v1/invoices/{id}", "GET", f"/v1/invoices/{invoice_id}", 200),
        Load("GET /v1/invoices?limit=100", "GET", "/v1/invoices?limit=100", 200),
        Load("POST /v1/invoices", "POST", "/v1/invoices", 202, form, "multipart/form-data; boundary=--bench"),
    ]


def padded(pdf: bytes, size: int) -> bytes:
    """The PDF with a comment after its first line, so that it has about so many bytes; readers mend the offsets."""
    return pdf + b"\n%" + b" " * max(0, size - len(pdf) - 3) + b"\n"


@contextmanager
def serving(environment: dict[str, str], token: str) -> Iterator[int]:
    """A gunicorn with this environment; yields its port once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:invorec.gunicorn", "invorec.wsgi"]
    process = subprocess.Popen(command, env=environment | {"PORT": str(port)})
    try:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                ask(http.client.HTTPConnection("127.0.0.1", port), Load("", "GET", "/v1/invoices?limit=1", 200), token)
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def compared(load: Load, api_port: int, bare_port: int, token: str, args: argparse.Namespace) -> float:
    """Both under `load`, in turns; prints the medians and returns the ratio of their rates."""
    found: dict[int, list[Measured]] = {api_port: [], bare_port: []}
    for port in found:
        measure(load, port, token, args.seconds / 3, args.clients)  # what only the first requests pay for
    for _ in range(args.turns):
        for port, measured in found.items():
            measured.append(measure(load, port, token, args.seconds, args.clients))
    ratios = [api.rate / bare.rate for api, bare in zip(found[api_port], found[bare_port], strict=True)]
    api, bare = (
        Measured(median(one.rate for one in turns), median(one.p95_ms for one in turns)) for turns in found.values()
    )
    spread = f"{median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})"
    print(
        f"{load.name:28} {api.rate:6.0f}/s p95 {api.p95_ms:5.1f} ms; "
        f"bare {bare.rate:6.0f}/s p95 {bare.p95_ms:5.1f} ms: {spread}",
        flush=True,
    )
    return median(ratios)


def measure(load: Load, port: int, token: str, seconds: float, clients: int) -> Measured:
    """So many clients for so many seconds, each on a connection of its own."""
    taken: list[float] = []
    faults: list[Exception] = []
    end = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while (started := time.perf_counter()) < end:
            try:
                ask(connection, load, token)
            except Exception as fault:
                return faults.append(fault)
            taken.append(time.perf_counter() - started)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return Measured(len(taken) / seconds, quantiles(taken, n=20)[-1] * 1000)


def ask(connection: http.client.HTTPConnection, load: Load, token: str) -> None:
    """One request. Raises ValueError for an answer that is not the expected one: a refusal is quick, and no measure."""
    headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": load.content_type} if load.body else {})
    connection.request(load.method, load.path, body=load.body or None, headers=headers)
    response = connection.getresponse()
    content = response.read()
    if response.status != load.status:
        raise ValueError(f"{load.method} {load.path}: {response.status} {content[:300]!r}")


if __name__ == "__main__":
    sys.exit(main())
