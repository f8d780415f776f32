"""GET /v1/credits, and uploads that cannot be paid for."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from api.models import IdempotencyRecord
from api.services import issue_key
from billing import manual
from billing.audit import ledger_faults
from billing.models import CreditAccount, CreditEntry
from extraction.charges import charge_faults
from extraction.models import ExtractionJob, Invoice
from tests.api.documents import invoice_pdf
from tests.api.oracle import ApiClient
from tests.factories import make_endpoint, make_invoice, read
from webhooks.credits import announce_due
from webhooks.models import Delivery, Event

WHO = {"actor": "user:1", "reason": "test"}


@pytest.fixture
def left(tenant):
    """Leaves so many credits."""

    def left(number: int) -> None:
        account = CreditAccount.objects.get(pk=tenant.workspace.pk)
        manual.adjust(workspace=tenant.workspace, subscription=number - account.subscription, **WHO)
        Event.objects.all().delete()

    return left


def upload(api, **headers):
    return api.post("/v1/invoices", invoice_pdf(), content_type="application/pdf", headers=headers)


def test_credits_are_shown(api, tenant):
    manual.top_up(workspace=tenant.workspace, credits=500, **WHO)
    upload(api)
    account = CreditAccount.objects.get(pk=tenant.workspace.pk)
    answer = api.get("/v1/credits")
    assert list(answer.json()) == [
        "subscription", "topUp", "remaining", "planMonthlyAllotment", "plan",
        "object", "reserved", "resets", "resetsAt",
    ]  # fmt: skip
    assert answer.json() == {
        "subscription": 5999,
        "topUp": 500,
        "remaining": 6499,
        "planMonthlyAllotment": 6000,
        "plan": "business",
        "object": "credits",
        "reserved": 1,
        "resets": int(account.resets_at.timestamp()),
        "resetsAt": f"{account.resets_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def test_a_test_key_sees_the_same_and_spends_nothing(tenant):
    api = ApiClient(issue_key(workspace=tenant.workspace, livemode=False, name="Test")[1])
    assert upload(api).status_code == 202
    assert api.get("/v1/credits").json()["remaining"] == 6000
    assert CreditEntry.objects.count() == 1


def test_an_upload_that_cannot_be_paid_for_leaves_nothing(api, left):
    left(0)
    answer = upload(api, **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "insufficient_credits")
    assert answer.json()["error"]["message"].startswith("This document needs 1 credit and none is left. New ones come")
    assert Invoice.objects.count() == ExtractionJob.objects.count() == Event.objects.count() == 0
    assert IdempotencyRecord.objects.count() == 0
    assert stored() == []
    assert ledger_faults() == []


def stored() -> list[str]:
    return [path.name for path in Path(default_storage.location).rglob("inv_*") if path.is_file()]


def test_the_same_key_works_once_there_are_credits(api, tenant, left):
    left(0)
    assert upload(api, **{"Idempotency-Key": "k"}).status_code == 402
    manual.top_up(workspace=tenant.workspace, credits=1, **WHO)
    first = upload(api, **{"Idempotency-Key": "k"})
    again = upload(api, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"]
    assert api.get("/v1/credits").json()["reserved"] == 1


def test_another_look_at_what_was_read_is_free_and_at_what_failed_is_not(api, tenant, left):
    invoice = read(make_invoice(tenant))
    left(0)
    assert api.post(f"/v1/invoices/{invoice.pk}/reprocess", "", content_type="application/json").status_code == 202
    ExtractionJob.objects.filter(invoice=invoice).update(status="failed", result=None)
    Invoice.objects.update(status="failed", error_code="no_text_found")
    answer = api.post(f"/v1/invoices/{invoice.pk}/reprocess", "", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "insufficient_credits")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.jobs.count()) == ("failed", 2)


def test_deleting_what_is_being_read_gives_back(api, tenant):
    invoice = make_invoice(tenant)
    assert api.get("/v1/credits").json()["reserved"] == 1
    assert api.delete(f"/v1/invoices/{invoice.pk}").status_code == 204
    assert (api.get("/v1/credits").json()["reserved"], api.get("/v1/credits").json()["remaining"]) == (0, 6000)
    assert [*ledger_faults(), *charge_faults()] == []


def test_the_upload_that_spends_them_tells_of_it(api, tenant, left):
    left(602)
    make_endpoint(tenant, events=["credits.low", "credits.exhausted"])
    assert (upload(api).status_code, events()) == (202, [])
    upload(api)
    (event,) = Event.objects.filter(type__startswith="credits.")
    assert (event.type, event.subject, event.livemode) == ("credits.low", tenant.workspace.pk, True)
    shown = api.get(f"/v1/events/{event.pk}").json()
    assert shown["data"] == api.get("/v1/credits").json()
    assert Delivery.objects.get().event == event


def events() -> list[str]:
    return list(Event.objects.filter(type__startswith="credits.").order_by("id").values_list("type", flat=True))


def test_what_staff_takes_away_is_told_as_well(api, tenant):
    manual.adjust(workspace=tenant.workspace, subscription=-6000, **WHO)
    assert events() == []
    assert [announce_due(now=timezone.now()) for _ in range(2)] == [2, 0]
    assert events() == ["credits.low", "credits.exhausted"]
