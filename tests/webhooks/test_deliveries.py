from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from billing.tenant import Tenant
from invorec.lib.encryption import decrypt
from tests.factories import make_endpoint, make_event, make_tenant
from webhooks.deliveries import INTERRUPTED, Claimed, Outcome, claim, settle
from webhooks.endpoints import PURPOSE, delete_endpoint, rotate_secret, update_endpoint
from webhooks.events import resend_event
from webhooks.models import Attempt, Delivery, Event, WebhookEndpoint
from webhooks.transport import Answer

pytestmark = pytest.mark.django_db
ONE, OTHER = "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD", "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PE"


def answer(status: int | None = 200, error: str = "", **values) -> Answer:
    fields = {"retry_after": None, "excerpt": "ok", "seconds": 0.25}
    return Answer(status=status, error=error, **{**fields, **values})


def take(limit: int = 100, *, now=None) -> list[Claimed]:
    return claim(now=now or timezone.now(), limit=limit)


def end(claimed: Claimed | list[Claimed], with_answer: Answer | None = None, *, at=None) -> None:
    several = claimed if isinstance(claimed, list) else [claimed]
    now = at or timezone.now()
    settle([Outcome(one, now, with_answer or answer()) for one in several], now=now)


def states() -> list[str]:
    return list(Delivery.objects.order_by("event_id").values_list("status", flat=True))


def test_a_claim_carries_all_that_is_needed(tenant):
    endpoint = make_endpoint(tenant)
    event = make_event(tenant, subject=ONE)
    (claimed,) = take()
    delivery = Delivery.objects.get()
    assert claimed == Claimed(
        delivery_id=delivery.id,
        endpoint_id=endpoint.id,
        event_id=event.id,
        event_type="invoice.updated",
        url="https://hooks.example.com/in",
        keys=(decrypt(endpoint.secret, purpose=PURPOSE),),
        body=event.body.encode(),
        lease=delivery.lease,
    )
    assert delivery.lease.startswith("lse_") and take() == []


def test_only_what_is_due_of_enabled_endpoints(tenant):
    make_endpoint(tenant, enabled=False)
    later = make_endpoint(tenant)
    make_event(tenant)
    Delivery.objects.filter(endpoint=later).update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    assert take() == []
    assert [one.endpoint_id for one in take(now=timezone.now() + timedelta(minutes=2))] == [later.id]


def test_success(tenant, settings):
    endpoint = make_endpoint(tenant)
    make_event(tenant)
    now = timezone.now()
    end(take(), answer(204, excerpt="thanks"), at=now)
    delivery, attempt = Delivery.objects.get(), Attempt.objects.get()
    assert (delivery.status, delivery.next_attempt_at, delivery.settled_at, delivery.lease) == (
        "succeeded",
        None,
        now,
        "",
    )
    assert (attempt.delivery_id, attempt.started_at, attempt.duration_ms) == (delivery.id, now, 250)
    assert (attempt.status_code, attempt.error, attempt.excerpt) == (204, "", "thanks")
    endpoint.refresh_from_db()
    assert (endpoint.last_delivery_at, endpoint.last_delivery_status, endpoint.last_success_at) == (
        now,
        "succeeded",
        now,
    )


@pytest.mark.parametrize(
    "failure",
    [answer(500), answer(301), answer(404), answer(None, "timed_out"), answer(None, "address_refused"), answer(199)],
)
def test_a_failure_is_tried_again_by_the_schedule(tenant, settings, failure):
    endpoint = make_endpoint(tenant)
    make_event(tenant)
    now = started = timezone.now()
    for tries, step in enumerate(settings.WEBHOOK_SCHEDULE_S, start=1):
        (claimed,) = take(now=now)
        end(claimed, failure, at=now)
        delivery = Delivery.objects.get()
        assert (delivery.status, delivery.tries, delivery.first_attempt_at) == ("pending", tries, started)
        assert step <= (delivery.next_attempt_at - now).total_seconds() <= step * 1.1
        endpoint.refresh_from_db()
        assert (endpoint.last_delivery_status, endpoint.enabled) == ("pending", True)
        assert take(now=delivery.next_attempt_at - timedelta(seconds=1)) == []
        now = delivery.next_attempt_at
    end(take(now=now), failure, at=now)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.next_attempt_at, delivery.settled_at) == ("failed", None, now)
    assert Attempt.objects.count() == 7


def test_retry_after_lengthens_the_pause(tenant):
    make_endpoint(tenant)
    make_event(tenant)
    now = timezone.now()
    end(take(now=now), answer(503, retry_after="100"), at=now)
    assert Delivery.objects.get().next_attempt_at == now + timedelta(seconds=100)


def test_an_endpoint_that_fails_throughout_is_disabled_and_the_others_are_told(tenant, settings):
    settings.WEBHOOK_SCHEDULE_S = []
    failing, other = make_endpoint(tenant), make_endpoint(tenant)
    silent = make_endpoint(tenant, events=["invoice.created"])
    make_event(tenant)
    mine = [one for one in take() if one.endpoint_id == failing.id]
    now = timezone.now()
    end(mine, answer(500), at=now)
    failing.refresh_from_db()
    assert (failing.enabled, failing.disabled_reason, failing.disabled_at) == (False, "failing", now)
    assert (failing.owners_told_at, failing.last_delivery_status) == (None, "failed")
    told = Event.objects.get(type="webhook.disabled")
    assert [one.endpoint_id for one in told.deliveries.all()] == [other.id]
    assert failing.id in told.body and "whsec_" not in told.body and failing.secret not in told.body
    assert silent.deliveries.count() == 0


def test_a_success_in_between_keeps_the_endpoint_enabled(tenant, settings):
    settings.WEBHOOK_SCHEDULE_S = [60]
    endpoint = make_endpoint(tenant)
    first, now = make_event(tenant), timezone.now()
    end(take(now=now), answer(500), at=now)
    make_event(tenant)
    later = timezone.now() + timedelta(seconds=10)
    end(take(now=later), answer(200), at=later)
    much_later = later + timedelta(seconds=100)
    end(take(now=much_later), answer(500), at=much_later)
    assert Delivery.objects.get(event=first).status == "failed"
    endpoint.refresh_from_db()
    assert endpoint.enabled and not Event.objects.filter(type="webhook.disabled").exists()


def test_gone_disables_at_once_and_enabling_resumes(tenant):
    endpoint = make_endpoint(tenant)
    make_event(tenant)
    end(take(), answer(410))
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "gone")
    make_event(tenant)  # while it is disabled: not skipped
    far = timezone.now() + timedelta(hours=1)
    assert take(now=far) == []
    update_endpoint(endpoint=endpoint, enabled=True)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_reason, endpoint.disabled_at) == ("", None)
    assert len(take(now=far)) == 2


def test_events_of_an_invoice_wait_for_each_other_and_nothing_else_does(tenant):
    make_endpoint(tenant)
    first, second = (make_event(tenant, subject=ONE).id for _ in range(2))
    apart = make_event(tenant, subject=OTHER).id
    loose = {make_event(tenant).id for _ in range(2)}
    claimed = {one.event_id: one for one in take()}
    assert claimed.keys() == {first, apart, *loose}
    end([claimed[one] for one in (apart, *loose)])
    assert take() == []
    now = timezone.now()
    end(claimed[first], answer(500), at=now)
    assert take(now=now + timedelta(seconds=1)) == []  # the second is due, and waits for the first
    (again,) = take(now=now + timedelta(seconds=100))
    assert again.event_id == first
    end(again)
    assert [one.event_id for one in take()] == [second]


def test_after_a_final_failure_the_next_event_goes(tenant, settings):
    settings.WEBHOOK_SCHEDULE_S = []
    make_endpoint(tenant)
    WebhookEndpoint.objects.update(last_success_at=timezone.now() + timedelta(hours=1))  # so that it stays enabled
    second = [make_event(tenant, subject=ONE).id for _ in range(2)][1]
    end(take(), answer(500))
    assert [one.event_id for one in take()] == [second]


def test_an_event_sent_again_does_not_overtake_what_is_in_flight(tenant):
    make_endpoint(tenant)
    first = make_event(tenant, subject=ONE)
    end(take())
    second = make_event(tenant, subject=ONE)
    (flying,) = take()
    resend_event(event=first)
    assert take() == []
    end(flying)
    assert [one.event_id for one in take()] == [first.id]
    assert flying.event_id == second.id


def test_order_is_kept_per_endpoint(tenant):
    slow, fast = make_endpoint(tenant), make_endpoint(tenant)
    make_event(tenant, subject=ONE)
    second = make_event(tenant, subject=ONE)
    end([one for one in take() if one.endpoint_id == fast.id])
    assert [(one.endpoint_id, one.event_id) for one in take()] == [(fast.id, second.id)]
    assert slow.deliveries.filter(status="pending").count() == 2


def test_at_most_four_in_flight_to_an_endpoint(tenant):
    endpoint = make_endpoint(tenant)
    for _ in range(9):
        make_event(tenant)
    first = take()
    assert len(first) == 4 and take() == []
    end(first[:3])
    assert len(take()) == 3
    assert Delivery.objects.filter(endpoint=endpoint, status="pending").count() == 6


def test_workspaces_share_fairly(tenant, settings):
    settings.WEBHOOK_PER_WORKSPACE = 6
    greedy = [make_endpoint(tenant) for _ in range(5)]
    modest = make_tenant("Modest")
    make_endpoint(modest)
    for _ in range(10):
        make_event(tenant)
    make_event(modest)
    owners = Counter(WebhookEndpoint.objects.get(pk=one.endpoint_id).workspace.name for one in take())
    assert owners == {"Acme": 6, "Modest": 1}
    assert take() == [] and len(greedy) == 5


def test_few_slots_are_dealt_out_in_turn(tenant):
    tenants = [tenant, *(make_tenant(name) for name in "BCD")]
    for one in tenants:
        make_endpoint(one)
        for _ in range(4):
            make_event(one)
    claimed = take(limit=8)
    assert Counter(one.endpoint_id for one in claimed) == dict.fromkeys({one.endpoint_id for one in claimed}, 2)
    assert len({one.endpoint_id for one in claimed}) == 4


def test_endpoints_that_fail_never_get_the_last_slots(tenant):
    failing = [make_endpoint(one) for one in (tenant, *(make_tenant(name) for name in "BCD"))]
    WebhookEndpoint.objects.update(last_delivery_status="pending")
    well, fresh = make_endpoint(make_tenant("E")), make_endpoint(make_tenant("F"))
    WebhookEndpoint.objects.filter(pk=well.pk).update(last_delivery_status="succeeded")
    for endpoint in (*failing, well, fresh):
        for _ in range(4):
            make_event(Tenant(endpoint.workspace, endpoint.livemode))
    now = timezone.now()
    some = Counter(one.endpoint_id for one in claim(now=now, limit=9, reserve=6))
    assert sum(count for endpoint_id, count in some.items() if endpoint_id not in (well.id, fresh.id)) <= 3
    assert some[well.id] + some[fresh.id] >= 6
    rest = Counter(one.endpoint_id for one in claim(now=now, limit=6, reserve=6))
    assert set(rest) <= {well.id, fresh.id} and some[well.id] + rest[well.id] == 4
    assert claim(now=now, limit=6, reserve=6) == []
    assert {one.endpoint_id for one in claim(now=now, limit=20, reserve=6)} == {endpoint.id for endpoint in failing}


def test_what_a_dead_process_held_is_taken_again_and_the_attempt_is_on_record(tenant, settings):
    make_endpoint(tenant)
    make_event(tenant)
    now = timezone.now()
    (lost,) = take(now=now)
    after = now + timedelta(seconds=settings.WEBHOOK_LEASE_S)
    assert take(now=after - timedelta(seconds=1)) == []
    (again,) = take(now=after)
    assert (again.delivery_id, again.body) == (lost.delivery_id, lost.body) and again.lease != lost.lease
    attempt = Attempt.objects.get()
    assert (attempt.started_at, attempt.status_code, attempt.error) == (now, None, INTERRUPTED)
    assert Delivery.objects.get().tries == 0
    end(lost, answer(500), at=after)  # it was not dead, only late: on record, and nothing else
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries, delivery.lease) == ("pending", 0, again.lease)
    end(again, answer(200), at=after)
    assert states() == ["succeeded"] and Attempt.objects.count() == 3


def test_what_is_settled_twice_is_on_record_once(tenant):
    """As after a commit whose answer was lost."""
    make_endpoint(tenant)
    make_event(tenant)
    now = timezone.now()
    outcome = Outcome(take()[0], now, answer(500))
    for _ in range(2):
        settle([outcome], now=now)
    assert (Attempt.objects.count(), Delivery.objects.get().tries) == (1, 1)


def test_an_interrupted_attempt_is_handed_back(tenant):
    make_endpoint(tenant)
    make_event(tenant)
    end(take(), answer(None, INTERRUPTED))
    delivery = Delivery.objects.get()
    assert (delivery.tries, delivery.lease, Attempt.objects.get().error) == (0, "", INTERRUPTED)
    assert len(take()) == 1


def test_an_endpoint_deleted_meanwhile_leaves_nothing_to_settle(tenant):
    endpoint, other = make_endpoint(tenant), make_endpoint(tenant)
    make_event(tenant)
    claimed = take()
    delete_endpoint(endpoint=endpoint)
    end(claimed)
    assert [(one.endpoint_id, one.status) for one in Delivery.objects.all()] == [(other.id, "succeeded")]
    assert Attempt.objects.count() == 1


def test_through_a_rotation_both_secrets_sign_then_the_new_one(tenant, settings):
    endpoint = make_endpoint(tenant)
    old = decrypt(endpoint.secret, purpose=PURPOSE)
    _, new = rotate_secret(endpoint=endpoint)
    make_event(tenant)
    now = timezone.now()
    (claimed,) = take(now=now)
    assert claimed.keys == (old, new)
    end(claimed, answer(500), at=now)
    (claimed,) = take(now=now + timedelta(seconds=settings.WEBHOOK_OVERLAP_S))
    assert claimed.keys == (new,)


def test_a_secret_that_cannot_be_read_claims_without_keys(tenant):
    WebhookEndpoint.objects.filter(pk=make_endpoint(tenant).pk).update(secret="spoiled")
    make_event(tenant)
    assert [one.keys for one in take()] == [()]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_processes_never_take_the_same_nor_more_than_allowed():
    tenant: Tenant = make_tenant()
    for _ in range(3):
        make_endpoint(tenant)
    for number in range(20):
        make_event(tenant, subject=f"inv_{number % 5}")

    def work(_: int) -> list[Claimed]:
        try:
            return take(limit=50)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claimed = [one for batch in pool.map(work, range(24)) for one in batch]
    assert len({one.delivery_id for one in claimed}) == len(claimed)
    assert Counter(one.endpoint_id for one in claimed).most_common(1)[0][1] == 4 and len(claimed) == 12
    subjects = Counter((one.endpoint_id, Delivery.objects.get(pk=one.delivery_id).subject) for one in claimed)
    assert set(subjects.values()) == {1}
