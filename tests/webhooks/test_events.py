import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from billing.tenant import Tenant
from invorec.lib import ids, versions
from tests.factories import make_endpoint, make_tenant
from webhooks.events import record_event, resend_event, resend_failed
from webhooks.models import Delivery, Event

pytestmark = pytest.mark.django_db
SUBJECT = "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"
DATA = {"object": "invoice", "id": SUBJECT, "vendorName": "Müller & Söhne", "total": 1}


def record(tenant: Tenant, type: str = "invoice.updated", subject: str = SUBJECT) -> Event:
    with transaction.atomic():
        return record_event(workspace=tenant.workspace, livemode=tenant.livemode, type=type, subject=subject, data=DATA)


def test_the_body_is_frozen_as_it_is_sent(tenant):
    event = record(tenant)
    created = int(event.created_at.timestamp())
    assert Event.objects.get().body == (
        f'{{"id":"{event.id}","object":"event","type":"invoice.updated","created":{created},"livemode":true,'
        f'"data":{{"object":"invoice","id":"{SUBJECT}","vendorName":"Müller & Söhne","total":1}}}}'
    )


def test_it_goes_to_the_endpoints_of_its_tenant_that_want_it(tenant):
    other_mode = Tenant(tenant.workspace, not tenant.livemode)
    wanting = [
        make_endpoint(tenant),
        make_endpoint(tenant, events=["invoice.updated", "invoice.failed"]),
        make_endpoint(tenant, enabled=False),  # waits until it is enabled
    ]
    make_endpoint(tenant, events=["invoice.failed"])
    make_endpoint(other_mode)
    make_endpoint(make_tenant())
    event = record(tenant)
    rows = Delivery.objects.values_list("endpoint_id", "event_id", "subject", "status", "tries", "next_attempt_at")
    expected = {(one.id, event.id, SUBJECT, "pending", 0, event.created_at) for one in wanting}
    assert set(rows) == expected and len(rows) == 3


def test_a_plan_without_webhooks_gets_no_deliveries(tenant):
    make_endpoint(tenant)
    tenant.workspace.plan.webhooks = False
    tenant.workspace.plan.save()
    record(tenant)
    assert Event.objects.count() == 1 and not Delivery.objects.exists()


def test_an_unknown_type_is_refused(tenant):
    with pytest.raises(ValueError, match=r"invoice\.read"):
        record(tenant, "invoice.read")
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_event_without_a_transaction(tenant):
    with pytest.raises(transaction.TransactionManagementError):
        record_event(workspace=tenant.workspace, livemode=True, type="invoice.updated", subject="", data={})
    assert not Event.objects.exists()


def test_ids_of_a_subject_rise_though_a_machine_with_a_fast_clock_wrote_the_last(tenant):
    ahead = Event(workspace=tenant.workspace, livemode=True, type="invoice.updated", subject=SUBJECT, body="{}")
    moment = ids.ULIDGenerator().generate(timezone.now() + timedelta(minutes=5))
    ahead.id = f"evt_{moment}"
    ahead.save(force_insert=True)
    second, third = record(tenant), record(tenant)
    assert ahead.id < second.id < third.id
    assert record(tenant, subject="inv_other").id < ahead.id  # of another subject nothing is known
    assert json.loads(third.body)["id"] == third.id


def test_an_endpoint_of_an_older_version_has_a_body_of_its_own(tenant, monkeypatch):
    def older(invoice):
        return {**invoice, "total": str(invoice["total"])}

    table = (versions.Version("2025-01-01", resources={"invoice": older}), *versions.VERSIONS)
    monkeypatch.setattr(versions, "VERSIONS", table)
    old, new = make_endpoint(tenant, version="2025-01-01"), make_endpoint(tenant)
    event = record(tenant)
    bodies = dict(Delivery.objects.values_list("endpoint_id", "body"))
    assert bodies[new.id] is None
    assert json.loads(bodies[old.id]) == json.loads(event.body) | {"data": DATA | {"total": "1"}}


def failed(event: Event, **values) -> Delivery:
    delivery = event.deliveries.get()
    now = timezone.now()
    changes = {"status": "failed", "tries": 7, "first_attempt_at": now, "next_attempt_at": None, "settled_at": now}
    Delivery.objects.filter(pk=delivery.pk).update(**{**changes, **values})
    return delivery


def state(delivery: Delivery) -> tuple:
    delivery.refresh_from_db()
    return delivery.status, delivery.tries, delivery.first_attempt_at, delivery.settled_at, delivery.lease


ANEW = ("pending", 0, None, None, "")


@pytest.mark.parametrize("status", ["failed", "succeeded", "pending"])
def test_resending_begins_the_schedule_anew(tenant, status):
    make_endpoint(tenant)
    delivery = failed(event := record(tenant), status=status)
    assert [one.pk for one in resend_event(event=event)] == [delivery.pk]
    assert state(delivery) == ANEW
    assert delivery.next_attempt_at <= timezone.now()


def test_resending_reaches_endpoints_that_are_new_and_not_those_that_want_no_such_event(tenant):
    event = record(tenant)
    new = make_endpoint(tenant)
    stranger = make_endpoint(tenant, events=["invoice.deleted"])
    make_endpoint(make_tenant())
    assert [one.endpoint_id for one in resend_event(event=event)] == [new.id]
    assert {one.endpoint_id for one in resend_event(event=event, endpoint=stranger)} == {stranger.id}


def test_resending_leaves_what_is_in_flight_alone(tenant):
    make_endpoint(tenant)
    event = record(tenant)
    lease = {"lease": "lse_1", "lease_expires_at": timezone.now() + timedelta(seconds=30)}
    delivery = failed(event, status="pending", tries=3, **lease)
    resend_event(event=event)
    assert state(delivery)[0:2] == ("pending", 3) and delivery.lease == "lse_1"


def test_all_that_failed_since_a_time_is_sent_again(tenant):
    endpoint = make_endpoint(tenant)
    old, young, fine = (failed(record(tenant)) for _ in range(3))
    Delivery.objects.filter(pk=fine.pk).update(status="succeeded")
    Event.objects.filter(pk=old.event_id).update(created_at=timezone.now() - timedelta(days=2))
    elsewhere = make_endpoint(tenant)
    assert resend_failed(endpoint=elsewhere, since=timezone.now() - timedelta(days=9)) == 0
    assert resend_failed(endpoint=endpoint, since=timezone.now() - timedelta(days=1)) == 1
    assert [state(one)[0] for one in (old, young, fine)] == ["failed", "pending", "succeeded"]
