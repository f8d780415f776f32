"""Production as it is deployed: gunicorn, a Celery worker and beat as processes, PostgreSQL and Redis between them."""

import io
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from reportlab.pdfgen.canvas import Canvas

from invorec.supervisor import Child, Supervisor

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.skipif(
        "INVOREC_TEST_RUN" not in os.environ, reason="writes to the database itself: only tests.services"
    ),
]
SEED = """
import django; django.setup()
from api.services import issue_key
from billing.services import open_workspace
print(issue_key(workspace=open_workspace(name="E2E", plan="business"), livemode=True, name="E2E")[1])
"""


@pytest.fixture(scope="module")
def environment():
    """The run's own production environment, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    unlimited = {"INVOREC_REQUESTS_PER_MINUTE": "1000000"}  # the tests below ask again and again
    return dict(os.environ, PORT=str(port), DJANGO_SETTINGS_MODULE="invorec.settings", **unlimited)


@pytest.fixture(scope="module")
def key(environment):
    """A live key in a migrated database."""
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    seeded = subprocess.run([sys.executable, "-c", SEED], env=environment, check=True, capture_output=True, text=True)
    return seeded.stdout.strip()


@pytest.fixture(scope="module")
def service(environment, tmp_path_factory):
    """web, worker and beat; {name: Child}."""
    schedule = str(tmp_path_factory.mktemp("beat") / "schedule")
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "-A", "invorec"]
    children = [
        Child("web", [sys.executable, "-m", "gunicorn", "-c", "python:invorec.gunicorn", "invorec.wsgi"]),
        Child("worker", [*celery, "worker", "--concurrency", "1"]),
        Child("beat", [*celery, "beat", "--schedule", schedule]),
    ]
    supervisor = Supervisor(children, environment)
    supervisor.tick()
    yield {child.name: child for child in children}
    supervisor.stop()


@pytest.fixture
def client(environment, key, service):
    """An HTTP client with the key; the service answers."""
    with httpx.Client(
        base_url=f"http://127.0.0.1:{environment['PORT']}", headers={"Authorization": f"Bearer {key}"}, timeout=60
    ) as client:
        wait_for(lambda: answers(client))
        yield client


def answers(client):
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def an_invoice(number):
    """A one-page PDF with a text layer."""
    page = io.BytesIO()
    canvas = Canvas(page, invariant=1)
    lines = ["Northwind Tools Ltd", "INVOICE", f"Invoice number: {number}", "Invoice date: 3 March 2026"]
    lines += ["Subtotal: EUR 100.00", "VAT 19%: EUR 19.00", "Total: EUR 119.00"]
    for position, line in enumerate(lines):
        canvas.drawString(72, 760 - 24 * position, line)
    canvas.save()
    return {"file": ("bill.pdf", page.getvalue(), "application/pdf")}


def test_an_upload_is_read_by_the_worker(client):
    invoice = client.post("/v1/invoices", files=an_invoice("N-1001"), headers={"Prefer": "wait=30"}).json()
    assert (invoice["status"], invoice["invoiceNumber"], invoice["totalAmount"]) == ("succeeded", "N-1001", 11900)
    assert client.get(f"/v1/invoices/{invoice['id']}/file").content == an_invoice("N-1001")["file"][1]


def test_a_killed_worker_and_a_flushed_broker_lose_nothing(client, service, environment):
    worker = service["worker"].process
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    invoice = client.post("/v1/invoices", files=an_invoice("N-1002")).json()
    assert invoice["status"] == "processing"
    flush = "import redis, os; redis.Redis.from_url(os.environ['REDIS_URL']).flushdb()"
    subprocess.run([sys.executable, "-c", flush], env=environment, check=True)
    again = Supervisor([Child("worker", service["worker"].command)], environment)
    again.tick()
    try:
        wait_for(lambda: client.get(f"/v1/invoices/{invoice['id']}").json()["status"] != "processing", seconds=90)
        done = client.get(f"/v1/invoices/{invoice['id']}").json()
        assert (done["status"], done["invoiceNumber"]) == ("succeeded", "N-1002")
    finally:
        again.stop()
