"""A request under an Idempotency-Key is done once; its retries are answered with what was answered first."""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction
from django.test import override_settings
from django.test.client import encode_multipart
from django.utils import timezone

from api import idempotency
from api.models import ApiKey, IdempotencyRecord
from api.services import issue_key
from api.tasks import purge_idempotency_records
from extraction.models import ExtractionJob, Invoice
from invorec.lib.encryption import decrypt
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient, assert_nothing_written, assert_refused, stored_files
from tests.factories import make_invoice, make_tenant

OTHER_REQUEST = "This Idempotency-Key was used for another request. Choose a new one for each operation."
STILL_RUNNING = "The first request under this Idempotency-Key is still running. Send it again in a second."
MALFORMED = "The Idempotency-Key has 1 to 255 printable ASCII characters, for example a UUID."
PDF = invoice_pdf()


def keyed(key: str = "k-1", **headers: str) -> dict[str, str]:
    return {"idempotency-key": key, **headers}


def upload(client: ApiClient, key: str = "k-1", **headers: str):
    return client.post("/v1/invoices", PDF, content_type="application/pdf", headers=keyed(key, **headers))


def form(parts: list[tuple[str, bytes]], boundary: str = "b") -> dict[str, object]:
    """A multipart body of parts that are given by their headers and contents."""
    body = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts)
    return {
        "data": body + f"--{boundary}--\r\n".encode(),
        "content_type": f"multipart/form-data; boundary={boundary}",
    }


def part(name: str, content: bytes | str, file_name: str | None = None, kind: str = "") -> tuple[str, bytes]:
    head = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name else "")
    return head + (f"\r\nContent-Type: {kind}" if kind else ""), content.encode() if isinstance(
        content, str
    ) else content


def test_a_retry_is_answered_with_the_first_answer(api):
    first, again = upload(api), upload(api)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == {**first.json(), "_meta": {"idempotent_replay": True}}
    assert list(again.json())[:-1] == list(first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Location"] == first.headers["Location"] == f"/v1/invoices/{first.json()['id']}"
    assert Invoice.objects.count() == ExtractionJob.objects.count() == len(stored_files()) == 1


def test_without_a_key_everything_happens_each_time(api):
    for _ in range(2):
        api.post("/v1/invoices", PDF, content_type="application/pdf")
    assert Invoice.objects.count() == 2
    assert not IdempotencyRecord.objects.exists()


def test_another_key_is_another_invoice(api):
    assert upload(api, "a").json()["id"] != upload(api, "b").json()["id"]


def test_a_replay_says_what_was_then_and_not_what_is_now(api):
    first = upload(api)
    Invoice.objects.update(status="failed", error_code="no_text")
    assert upload(api).json()["status"] == first.json()["status"] == "processing"


@pytest.mark.parametrize("key", ["x" * 255, " ", "req_2026_05_25_a1b2", '"quoted"', "~!@#$%^&*()"])
def test_keys_that_are_fine(api, key):
    assert upload(api, key).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\tb", "\x7f"])
def test_keys_that_are_not(api, key):
    assert_refused(upload(api, key), 400, "invalid_request_error", MALFORMED, "Idempotency-Key")
    assert_nothing_written()
    assert not IdempotencyRecord.objects.exists()


def test_a_key_on_get_means_nothing(api):
    assert api.get("/v1/invoices", headers=keyed("")).status_code == 200
    assert api.get("/v1/invoices", headers=keyed()).status_code == 200
    assert not IdempotencyRecord.objects.exists()


def test_workspaces_and_modes_have_keys_of_their_own(tenant, api):
    others = [
        issue_key(workspace=make_tenant("Other").workspace, livemode=True, name="Other")[1],
        issue_key(workspace=tenant.workspace, livemode=False, name="Test")[1],
    ]
    ids = {upload(client).json()["id"] for client in [api, *map(ApiClient, others)]}
    assert len(ids) == 3


def test_every_key_of_the_workspace_replays(tenant, api):
    _, other = issue_key(workspace=tenant.workspace, livemode=True, name="Other")
    assert upload(ApiClient(other)).json()["id"] == upload(api).json()["id"]


def test_a_retry_needs_the_scope_as_well(tenant, api):
    upload(api)
    _, reader = issue_key(workspace=tenant.workspace, livemode=True, name="Reader", scopes=["invoices:read"])
    assert upload(ApiClient(reader)).status_code == 403


# What a client library may do differently when it sends the same again: (path, body, headers).
FILE = part("file", PDF, "a.pdf", "application/pdf")
TEXTS = [part("metadata", '{"order": "1"}'), part("note", "x")]
FIRST = ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS]), {})
SAME = {
    "as it was": FIRST,
    "boundary": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS], "----WebKitFormBoundary7MA4YWxkTrZu0gW"), {}),
    "boundary in quotes": (
        "/v1/invoices?filename=b.pdf",
        form([FILE, *TEXTS]) | {"content_type": 'multipart/form-data; boundary="b"'},
        {},
    ),
    "part order": ("/v1/invoices?filename=b.pdf", form([*TEXTS, FILE]), {}),
    "part order, reversed": ("/v1/invoices?filename=b.pdf", form([*TEXTS[::-1], FILE]), {}),
    "part type left out": ("/v1/invoices?filename=b.pdf", form([part("file", PDF, "a.pdf"), *TEXTS]), {}),
    "another part type": ("/v1/invoices?filename=b.pdf", form([part("file", PDF, "a.pdf", "x/y"), *TEXTS]), {}),
    "text part with a type": (
        "/v1/invoices?filename=b.pdf",
        form([FILE, part("metadata", '{"order": "1"}', kind="text/plain; charset=utf-8"), TEXTS[1]]),
        {},
    ),
    "case of part headers": (
        "/v1/invoices?filename=b.pdf",
        form([(FILE[0].replace("Content-", "content-"), PDF), *TEXTS]),
        {},
    ),
    "blanks in part headers": (
        "/v1/invoices?filename=b.pdf",
        form([(FILE[0].replace("; ", ";  "), PDF), *TEXTS]),
        {},
    ),
    "further part header": (
        "/v1/invoices?filename=b.pdf",
        form([(FILE[0] + "\r\nContent-Length: " + str(len(PDF)), PDF), *TEXTS]),
        {},
    ),
    "file name in RFC 5987": (
        "/v1/invoices?filename=b.pdf",
        form([(FILE[0].replace('filename="a.pdf"', "filename*=UTF-8''a.pdf"), PDF), *TEXTS]),
        {},
    ),
    "parameter of the media type": (
        "/v1/invoices?filename=b.pdf",
        form([FILE, *TEXTS]) | {"content_type": "multipart/form-data; charset=utf-8; boundary=b"},
        {},
    ),
    "case of headers": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS]), {"IDEMPOTENCY-KEY": "k-1"}),
    "query in escapes": ("/v1/invoices?filenam%65=%62.pdf", form([FILE, *TEXTS]), {}),
    "slash at the end": ("/v1/invoices/?filename=b.pdf", form([FILE, *TEXTS]), {}),
    "empty pair in the query": ("/v1/invoices?&filename=b.pdf&", form([FILE, *TEXTS]), {}),
    "accept": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS]), {"accept": "application/json"}),
    "user agent": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS]), {"user-agent": "another/2"}),
    "version said": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS]), {"invorec-version": "2026-04-08"}),
    "preference": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS]), {"prefer": "wait=1"}),
    "preamble before the form": (
        "/v1/invoices?filename=b.pdf",
        {"data": b"ignored\r\n" + form([FILE, *TEXTS])["data"], "content_type": "multipart/form-data; boundary=b"},
        {},
    ),
}
OTHER_BYTE = PDF[:-1] + b" "
CHANGED = {
    "one byte of the file": ("/v1/invoices?filename=b.pdf", form([part("file", OTHER_BYTE, "a.pdf"), *TEXTS])),
    "one byte more": ("/v1/invoices?filename=b.pdf", form([part("file", PDF + b"\n", "a.pdf"), *TEXTS])),
    "one byte less": ("/v1/invoices?filename=b.pdf", form([part("file", PDF[:-1], "a.pdf"), *TEXTS])),
    "no file": ("/v1/invoices?filename=b.pdf", form(TEXTS)),
    "file twice": ("/v1/invoices?filename=b.pdf", form([FILE, FILE, *TEXTS])),
    "name of the file": ("/v1/invoices?filename=b.pdf", form([part("file", PDF, "c.pdf"), *TEXTS])),
    "case of the name": ("/v1/invoices?filename=b.pdf", form([part("file", PDF, "A.pdf"), *TEXTS])),
    "name of the part": ("/v1/invoices?filename=b.pdf", form([part("document", PDF, "a.pdf"), *TEXTS])),
    "file as text": ("/v1/invoices?filename=b.pdf", form([part("file", "x"), *TEXTS])),
    "text": ("/v1/invoices?filename=b.pdf", form([FILE, part("metadata", '{"order": "2"}'), TEXTS[1]])),
    "text left out": ("/v1/invoices?filename=b.pdf", form([FILE, TEXTS[0]])),
    "text more": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS, part("more", "")])),
    "text twice": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS, TEXTS[1]])),
    "names exchanged": ("/v1/invoices?filename=b.pdf", form(
        [FILE, part("note", '{"order": "1"}'), part("metadata", "x")]
    )),
    "schema in the form": ("/v1/invoices?filename=b.pdf", form([FILE, *TEXTS, part("schema_id", "sch_1")])),
    "schema in the query": ("/v1/invoices?filename=b.pdf&schema_id=sch_1", form([FILE, *TEXTS])),
    "filename": ("/v1/invoices?filename=c.pdf", form([FILE, *TEXTS])),
    "no query": ("/v1/invoices", form([FILE, *TEXTS])),
    "query twice": ("/v1/invoices?filename=b.pdf&filename=b.pdf", form([FILE, *TEXTS])),
    "raw body": ("/v1/invoices?filename=b.pdf", {"data": PDF, "content_type": "application/pdf"}),
    "path": (
        "/v1/invoices/inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD/reprocess", {"data": b"", "content_type": "application/json"}
    ),
}  # fmt: skip


def send(client: ApiClient, path: str, body: dict[str, object], headers: dict[str, str] | None = None):
    return client.post(path, **body, headers=keyed() | (headers or {}))


@pytest.mark.parametrize("how", SAME)
def test_the_same_in_another_form_replays(api, how):
    first = send(api, *FIRST)
    assert first.status_code == 202
    again = send(api, *SAME[how])
    assert (again.json()["id"], again.headers.get("Idempotent-Replayed")) == (first.json()["id"], "true")
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("what", CHANGED)
def test_something_else_conflicts(api, what):
    assert send(api, *FIRST).status_code == 202
    assert_refused(send(api, *CHANGED[what]), 409, "idempotency_conflict", OTHER_REQUEST)
    assert Invoice.objects.count() == len(stored_files()) == 1


def test_the_lists_are_long_enough():
    assert len(SAME) > 20
    assert len(CHANGED) > 20


def test_json_is_compared_by_its_meaning(tenant, api):
    invoice = make_invoice(tenant)
    Invoice.objects.update(status="succeeded")
    texts = ['{"notes": "a", "vendorName": "b"}', '{ "vendorName":"\\u0062", "notes":"a" }', '{"notes": "a"}']
    answers = [
        api.patch(f"/v1/invoices/{invoice.pk}", text, content_type="application/json", headers=keyed())
        for text in texts
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true", None]


def test_method_is_part_of_it(tenant, api):
    invoice = make_invoice(tenant)
    Invoice.objects.update(status="succeeded")
    path = f"/v1/invoices/{invoice.pk}"
    assert api.patch(path, "{}", content_type="application/json", headers=keyed()).status_code == 200
    assert_refused(api.delete(path, headers=keyed()), 409, "idempotency_conflict", OTHER_REQUEST)
    assert Invoice.objects.count() == 1


def test_delete_replays_without_a_body(tenant, api):
    path = f"/v1/invoices/{make_invoice(tenant).pk}"
    first, again = (api.delete(path, headers=keyed()) for _ in range(2))
    assert (first.status_code, again.status_code) == (204, 204)
    assert (first.content, again.content) == (b"", b"")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert api.delete(path, headers=keyed("k-2")).status_code == 404


def test_an_error_is_not_stored_and_the_key_stays_free(api):
    wrong = api.post("/v1/invoices", b"no invoice", content_type="application/pdf", headers=keyed())
    assert wrong.status_code == 422
    assert_nothing_written()
    assert not IdempotencyRecord.objects.exists()
    assert upload(api).status_code == 202


def test_a_wrong_method_claims_nothing(api):
    assert api.patch("/v1/invoices", "{}", content_type="application/json", headers=keyed()).status_code == 405
    assert not IdempotencyRecord.objects.exists()


def test_a_crash_after_the_effect_undoes_it_and_frees_the_key(api, monkeypatch):
    real = idempotency._kept
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_kept", lambda record, response: 1 / 0)
        assert upload(api).status_code == 500
    assert_nothing_written()
    assert not IdempotencyRecord.objects.exists()
    assert idempotency._kept is real
    assert upload(api).status_code == 202


def test_what_is_stored_under_a_preference_is_the_202(api, monkeypatch):
    depth = len(connection.savepoint_ids)  # of the test's own transaction

    def ready(invoice: Invoice, seconds: float) -> bool:
        assert len(connection.savepoint_ids) == depth, "waits within the request's transaction"
        invoice.status = "succeeded"
        return True

    monkeypatch.setattr("api.views.invoices.became_final", ready)
    first, again = upload(api, prefer="wait=5"), upload(api, prefer="wait=5")
    assert (first.status_code, first.json()["status"], first.headers["Preference-Applied"]) == (
        200,
        "succeeded",
        "wait=5",
    )
    assert (again.status_code, again.json()["status"]) == (202, "processing")
    assert "Preference-Applied" not in again.headers


def test_a_key_may_be_used_anew_after_a_day(api):
    first = upload(api)
    day = timezone.now() - timedelta(hours=24)
    IdempotencyRecord.objects.update(created_at=day + timedelta(minutes=1))
    assert upload(api).json()["id"] == first.json()["id"]
    IdempotencyRecord.objects.update(created_at=day)
    again = upload(api)
    assert (again.status_code, again.json()["id"] != first.json()["id"]) == (202, True)
    assert IdempotencyRecord.objects.count() == 1


def test_purge_removes_what_has_ended(api):
    for key in ("old", "new"):
        upload(api, key)
    IdempotencyRecord.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=24))
    purge_idempotency_records()
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["new"]


def test_only_a_digest_of_the_request_is_kept_and_the_answer_encrypted(api):
    upload(api)
    record = IdempotencyRecord.objects.get()
    assert (record.key, len(record.fingerprint), record.status) == ("k-1", 64, 202)
    assert list(record.headers) == ["Location", "InvoRec-Version"]
    assert json.loads(decrypt(record.body, purpose=idempotency.PURPOSE))["object"] == "invoice"


@pytest.mark.django_db(transaction=True)
def test_racing_twins_make_one_invoice():
    """On both databases: requests that pass the first look together meet at the insert."""
    workspace = make_tenant().workspace
    _, token = issue_key(workspace=workspace, livemode=True, name="Live")
    ApiKey.objects.update(last_used_at=timezone.now())
    barrier, answers = Barrier(6), []

    def request() -> None:
        barrier.wait()
        answers.append(upload(ApiClient(token)))
        connections.close_all()

    threads = [Thread(target=request) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [202] * 6
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotent-Replayed", "") for answer in answers) == ["", *["true"] * 5]
    assert Invoice.objects.count() == ExtractionJob.objects.count() == len(stored_files()) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_twin_that_does_not_end_is_waited_for_and_then_409(monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT_S", 1)
    tenant = make_tenant()
    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Live")
    answers = []

    def request() -> None:
        answers.append(upload(ApiClient(token)))
        connections.close_all()

    with transaction.atomic():
        IdempotencyRecord.objects.create(
            workspace=tenant.workspace, livemode=True, key="k-1", fingerprint="f" * 64, status=202
        )
        thread = Thread(target=request)
        thread.start()
        thread.join()
    assert_refused(answers[0], 409, "idempotency_conflict", STILL_RUNNING)
    assert answers[0].headers["Retry-After"] == "1"
    assert_nothing_written()


def test_an_upload_on_disk_is_hashed_by_chunks_and_stored_whole(api):
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=100):
        body = encode_multipart("b", {"file": _named(PDF, "a.pdf")})
        again = [
            api.post("/v1/invoices", body, content_type="multipart/form-data; boundary=b", headers=keyed())
            for _ in range(2)
        ]
    assert [answer.status_code for answer in again] == [202, 202]
    assert Invoice.objects.get().file_size == len(PDF)


def _named(data: bytes, name: str):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, data)
