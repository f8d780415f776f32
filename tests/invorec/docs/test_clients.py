"""The clients of /docs against a live service, and the verifiers against signatures as the contract makes them."""

from __future__ import annotations

import json
import shutil
import time

import pytest

from extraction.changes import delete_invoice
from extraction.models import Invoice
from invorec.docs.views import contents, topic
from tests.api.documents import invoice_pdf
from tests.factories import make_invoice
from webhooks.signing import headers

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = ["python", pytest.param("js", marks=pytest.mark.skipif(shutil.which("node") is None, reason="needs node"))]
OTHER = "whsec_b3RoZXI="
SECRET = "whsec_" + "c2VjcmV0IGtleSBvZiAzMiBieXRlcyBvciBzbyE="
BODY = '{"id": "evt_01HFAB7Z5K8C4M2N7Y9P3R6V0X", "type": "invoice.succeeded", "name": "Müller"}'
VERIFY = {
    "python": "import json, sys\nfrom client import verify\nprint(verify(*json.loads(sys.argv[1]))['id'])".replace(
        "*json.loads(sys.argv[1])", "(a := json.loads(sys.argv[1]))[0], a[1].encode(), a[2]"
    ),
    "js": 'import { verify } from "./client.mjs";\n'
    "const [header, body, secret] = JSON.parse(process.argv[2]);\n"
    "console.log(verify(header, Buffer.from(body), secret).id);",
}
PUBLISHED = {
    "python": "import json, sys\nfrom published import verify_webhook\n"
    "a = json.loads(sys.argv[1])\nverify_webhook({'InvoRec-Signature': a[0]}, a[1].encode())\nprint('evt_')",
    "js": 'import { verifyWebhook } from "./published.mjs";\nconst [header, body] = JSON.parse(process.argv[2]);\n'
    'verifyWebhook({ headers: { "invorec-signature": header } }, body);\nconsole.log("evt_");',
}


def client_text(language: str) -> str:
    guide = topic("guides", {"python": "python", "js": "node"}[language])
    return next(code.text for sample in guide.samples for code in sample if code.language == language)


def signature(body: str = BODY, *, at: float | None = None, secrets: tuple[str, ...] = (SECRET,)) -> str:
    """As the service signs."""
    signed = headers(event_id="evt_1", body=body.encode(), keys=secrets, at=int(at or time.time()))
    return signed["InvoRec-Signature"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_client_uploads_waits_and_pages(service, run, language):
    first = make_invoice(service.tenant)
    columns = {field.attname: getattr(first, field.attname) for field in Invoice._meta.concrete_fields}
    columns |= {"status": Invoice.Status.SUCCEEDED}
    del columns["id"]
    Invoice.objects.bulk_create([Invoice(**columns) for _ in range(101)])  # more than one page
    delete_invoice(invoice=first)  # a worker may be reading it: the locks must be taken in the service's order
    (service.folder / "second.pdf").write_bytes(invoice_pdf(pages=2))
    done = run(language, client_text(language), "invoice.pdf", "second.pdf", name="client")
    assert done.returncode == 0, done.stderr
    first, second, counted = done.stdout.splitlines()
    newest = list(Invoice.objects.order_by("-id")[:2])
    assert [line.split()[:2] for line in (second, first)] == [[invoice.id, "succeeded"] for invoice in newest]
    assert counted == "103 invoices have been read"


@pytest.mark.parametrize("language", LANGUAGES)
def test_client_tells_of_a_refusal_by_its_code(service, run, language):
    (service.folder / "empty.pdf").write_bytes(b"")
    done = run(language, client_text(language), "empty.pdf", name="client")
    assert done.returncode != 0
    assert "InvoRecError" in done.stderr and "The file is empty." in done.stderr
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_client_verifies_webhooks(service, run, language):
    now = time.time()
    run(language, client_text(language), name="client")

    def verdict(header: str, body: str = BODY) -> str:
        done = run(language, VERIFY[language], json.dumps([header, body, SECRET]), name="verify")
        assert (done.returncode == 0) == bool(done.stdout.strip())
        return done.stdout.strip()

    event = "evt_01HFAB7Z5K8C4M2N7Y9P3R6V0X"
    assert verdict(signature()) == event
    assert verdict(signature(secrets=(OTHER, SECRET))) == event
    assert verdict(signature(), BODY.replace("succeeded", "failed")) == ""
    assert verdict(signature(secrets=(OTHER,))) == ""
    assert verdict(signature(at=now - 400)) == ""
    assert verdict(signature(at=now + 400)) == ""
    assert verdict("v1=00") == ""
    assert verdict(signature().replace("v1=", "v0=")) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_published_verifier_takes_the_contracts_header(service, run, language):
    (sample,) = next(each.samples for each in contents()["webhooks"] if each.anchor.startswith("signature"))
    run(language, next(code.text for code in sample if code.language == language), name="published", SECRET=SECRET)

    def accepts(header: str, body: str = BODY) -> bool:
        return run(language, PUBLISHED[language], json.dumps([header, body]), SECRET=SECRET).returncode == 0

    assert accepts(signature())
    assert accepts(signature(secrets=(SECRET, OTHER)))
    assert not accepts(signature(), BODY + " ")
    assert not accepts(signature(secrets=(OTHER, SECRET)))
    assert not accepts(signature(at=time.time() - 400))
