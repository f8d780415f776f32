"""A live service with a test key, and objects under the ids of the examples."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction

from api import examples, examples_webhooks
from api.services import issue_key
from extraction.changes import delete_invoice
from extraction.models import ExtractionJob, Invoice, LineItem, Schema
from extraction.worker import work_once
from invorec.docs.views import PUBLISHED
from tests.api.documents import invoice_pdf
from tests.factories import make_endpoint, make_event, make_invoice, make_schema, make_tenant, read
from webhooks.endpoints import rotate_secret
from webhooks.models import Event, WebhookEndpoint

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = {"sh": ["sh", "-e"], "python": [str(ROOT / ".venv/bin/python")], "js": ["node", "--import=./server.mjs"]}
# what a receiver's own program would have: the sample of the retry policy hangs itself into it
SERVER = """
const request = { body: { id: "evt_1" } };
globalThis.app = { post: (path, handler) => handler(request, { json: (body) => console.log(path, body) }) };
globalThis.seen = async () => false;
globalThis.handle = async (event) => console.log(event.id);
"""


@pytest.fixture
def address(transactional_db):
    """Where the application is served."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def service(address, settings, tmp_path):
    """The address, a test key, and a folder with `invoice.pdf`; a worker reads what is uploaded."""
    settings.REQUESTS_PER_MINUTE = settings.UPLOADS_PER_HOUR = 10**6
    tenant = make_tenant(livemode=False)
    _, key = issue_key(workspace=tenant.workspace, livemode=False, name="Docs")
    (tmp_path / "invoice.pdf").write_bytes(invoice_pdf())
    (tmp_path / "server.mjs").write_text(SERVER)
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")
    over = threading.Event()
    worker = threading.Thread(target=keep_working, args=(over,))
    worker.start()
    yield SimpleNamespace(url=address, key=key, tenant=tenant, folder=tmp_path)
    over.set()
    worker.join()


@pytest.fixture
def run(service) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a sample as a reader would: in a folder with `invoice.pdf`, with the key in INVOREC_KEY."""

    def run(language: str, text: str, *arguments: str, name: str = "sample", **variables: str):
        program = service.folder / (name + {"sh": ".sh", "python": ".py", "js": ".mjs"}[language])
        program.write_text(text.replace(PUBLISHED, service.url))
        environment = {"INVOREC_KEY": service.key, "CURL_HOME": str(service.folder), "PATH": os.environ["PATH"]}
        return subprocess.run(
            [*PROGRAMS[language], program.name, *arguments], cwd=service.folder, env=environment | variables,
            capture_output=True, text=True, errors="replace", timeout=60,
        )  # fmt: skip

    return run


def keep_working(over: threading.Event) -> None:
    """Read test documents until `over`."""
    while not over.wait(0.05):
        work_once(worker="docs")
    connection.close()


def example_objects(tenant) -> None:
    """The invoice (read), the schema, the webhook and the event whose ids the examples name; no others."""
    for invoice in Invoice.objects.all():
        delete_invoice(invoice=invoice)  # a worker may be reading it
    Schema.objects.all().delete()
    WebhookEndpoint.objects.all().delete()
    Event.objects.all().delete()
    schema = make_schema(tenant)
    Schema.objects.filter(pk=schema.pk).update(id=examples.SCHEMA["id"])
    with transaction.atomic():
        invoice = read(make_invoice(tenant, data=invoice_pdf()))
        Invoice.objects.filter(pk=invoice.pk).update(id=examples.ACCEPTED["id"])
        for child in (ExtractionJob, LineItem):
            child.objects.filter(invoice_id=invoice.pk).update(invoice_id=examples.ACCEPTED["id"])
    event, (endpoint, _) = make_event(tenant), rotate_secret(endpoint=make_endpoint(tenant))
    Event.objects.filter(pk=event.pk).update(id=examples_webhooks.EVENT["id"])
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(id=examples_webhooks.WEBHOOK["id"])
