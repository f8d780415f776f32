"""Deliveries, taken and settled. No network here, and no transaction is open while one is under way.

A claim locks endpoints, passing over those that somebody else holds, counts what is in flight to each, and sets a lease
on what it takes; whoever settles shows that lease, so that a process which lost it changes nothing. Order is part of
the claim: of one subject only the earliest pending event is taken, and only while no other is in flight.
Locks are taken on endpoints by id, then on deliveries.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count, zip_longest

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from invorec.lib.encryption import DecryptionFailed
from invorec.lib.ids import new_id
from webhooks.due import due, heads
from webhooks.endpoints import disable_endpoint, signing_keys
from webhooks.models import Attempt, Delivery, WebhookEndpoint
from webhooks.schedule import asked_wait_s, pause_s
from webhooks.transport import Answer

log = structlog.get_logger(__name__)

Status = Delivery.Status
FAILING = (WebhookEndpoint.LastStatus.PENDING, WebhookEndpoint.LastStatus.FAILED)
GONE = 410
INTERRUPTED = "interrupted"  # its process ended before the answer; the receiver may have it


@dataclass(frozen=True, slots=True)
class Claimed:
    """A process's hold on one delivery, and all that it needs to send it. Without `keys` it cannot be signed."""

    delivery_id: str
    endpoint_id: str
    event_id: str
    event_type: str
    url: str
    keys: tuple[str, ...]
    body: bytes
    lease: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt that began at `started_at`."""

    claimed: Claimed
    started_at: datetime
    answer: Answer
    attempt_id: str = field(default_factory=partial(new_id, "att"))  # settled twice, it is on record once


def claim(*, now: datetime, limit: int, reserve: int = 0) -> list[Claimed]:
    """Take at most `limit` deliveries that are due, a fair share for every workspace; `reserve` of them only to
    endpoints whose last attempt did not fail, so that those which hang, however many, never hold every slot."""
    candidates = _candidates(now, limit, reserve)
    if not candidates:  # an idle process asks often: it must not take SQLite's one write lock to learn this
        return []
    with transaction.atomic():
        rows = WebhookEndpoint.objects.select_for_update(skip_locked=True, no_key=True)
        endpoints = {row.id: row for row in rows.filter(id__in=candidates, enabled=True)}
        taken = heads(_shares(endpoints.values(), now, limit, reserve), now)
        lease = new_id("lse")
        _record_interrupted(taken)
        Delivery.objects.filter(id__in=[delivery.id for delivery in taken]).update(
            lease=lease, lease_expires_at=now + timedelta(seconds=settings.WEBHOOK_LEASE_S), updated_at=now
        )
    keys = {endpoint.id: _keys(endpoint, now) for endpoint in endpoints.values()}
    return [
        _claimed(delivery, endpoints[delivery.endpoint_id], keys[delivery.endpoint_id], lease) for delivery in taken
    ]


@transaction.atomic
def settle(outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write down what came of attempts. Of one whose lease is lost only that it was made, of a deleted one nothing."""
    known = WebhookEndpoint.objects.select_for_update(no_key=True).order_by("id")
    endpoints = {row.id: row for row in known.filter(id__in={outcome.claimed.endpoint_id for outcome in outcomes})}
    rows = Delivery.objects.select_for_update(no_key=True).order_by("id")
    leases = dict(rows.filter(id__in=[one.claimed.delivery_id for one in outcomes]).values_list("id", "lease"))
    made = [outcome for outcome in outcomes if outcome.claimed.delivery_id in leases]
    Attempt.objects.bulk_create((_attempt(outcome) for outcome in made), ignore_conflicts=True)
    held = [outcome for outcome in made if leases[outcome.claimed.delivery_id] == outcome.claimed.lease]
    _settle_successes([outcome for outcome in held if outcome.answer.succeeded], endpoints, now)
    _release([outcome for outcome in held if outcome.answer.error == INTERRUPTED], now)
    failures = [one for one in held if not one.answer.succeeded and one.answer.error != INTERRUPTED]
    deliveries = Delivery.objects.defer("body").in_bulk([one.claimed.delivery_id for one in failures])
    for one in failures:
        _settle_failure(deliveries[one.claimed.delivery_id], endpoints[one.claimed.endpoint_id], one, now)


def _candidates(now: datetime, limit: int, reserve: int) -> list[str]:
    """Endpoints with something due and room for it, at most `limit`: one of each workspace, then a second of each…"""
    ready = WebhookEndpoint.objects.filter(Exists(due(now).filter(endpoint=OuterRef("pk"))), enabled=True)
    if limit <= reserve:
        ready = ready.exclude(last_delivery_status__in=FAILING)
    found = list(ready.values_list("id", "workspace_id"))
    if not found:
        return []
    to_endpoint, of_workspace = _in_flight(now)
    by_workspace: dict[str, list[str]] = defaultdict(list)
    for endpoint_id, workspace_id in found:
        full = of_workspace[workspace_id] >= settings.WEBHOOK_PER_WORKSPACE
        if not full and to_endpoint[endpoint_id] < settings.WEBHOOK_PER_ENDPOINT:
            by_workspace[workspace_id].append(endpoint_id)
    return _in_turn(by_workspace.values())[:limit]


def _shares(endpoints: Collection[WebhookEndpoint], now: datetime, limit: int, reserve: int) -> list[tuple[str, int]]:
    """How many deliveries each (locked) endpoint may get, in all at most `limit`, and those that fail not the last
    `reserve` of them: slots are dealt out in turn."""
    to_endpoint, of_workspace = _in_flight(now)
    slots: dict[str, list[str]] = defaultdict(list)
    by_workspace: dict[str, list[list[str]]] = defaultdict(list)
    failing = {endpoint.id for endpoint in endpoints if endpoint.last_delivery_status in FAILING}
    for endpoint in endpoints:
        free = settings.WEBHOOK_PER_ENDPOINT - to_endpoint[endpoint.id]
        by_workspace[endpoint.workspace_id].append([endpoint.id] * free)
    for workspace_id, wanted in by_workspace.items():
        free = max(0, settings.WEBHOOK_PER_WORKSPACE - of_workspace[workspace_id])
        slots[workspace_id] = _in_turn(wanted)[:free]
    for_failing = count()
    dealt = [
        endpoint_id
        for endpoint_id in _in_turn(slots.values())
        if endpoint_id not in failing or next(for_failing) < limit - reserve
    ]
    return list(Counter(dealt[:limit]).items())


def _in_turn(lists: Iterable[list[str]]) -> list[str]:
    """The first of each list, then the second of each…; the lists in no fixed order, so that none is always last."""
    shuffled = list(lists)
    random.shuffle(shuffled)
    return [item for row in zip_longest(*shuffled) for item in row if item is not None]


def _in_flight(now: datetime) -> tuple[Counter[str], Counter[str]]:
    """How many deliveries are under way to each endpoint, and of each workspace."""
    to_endpoint: Counter[str] = Counter()
    of_workspace: Counter[str] = Counter()
    leased = Delivery.objects.exclude(lease="").filter(lease_expires_at__gt=now)
    for endpoint_id, workspace_id, number in leased.values_list("endpoint_id", "endpoint__workspace_id").annotate(
        n=Count("id")
    ):
        to_endpoint[endpoint_id] += number
        of_workspace[workspace_id] += number
    return to_endpoint, of_workspace


def _record_interrupted(taken: Iterable[Delivery]) -> None:
    """An attempt is a row: also one whose process ended. It does not count as a try."""
    Attempt.objects.bulk_create(
        Attempt(
            delivery=delivery,
            started_at=delivery.lease_expires_at - timedelta(seconds=settings.WEBHOOK_LEASE_S),
            duration_ms=0,
            error=INTERRUPTED,
        )
        for delivery in taken
        if delivery.lease and delivery.lease_expires_at
    )


def _keys(endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    try:
        return tuple(signing_keys(endpoint, now))
    except DecryptionFailed:
        log.error("webhook_secret_unreadable", endpoint_id=endpoint.id)
        return ()


def _claimed(delivery: Delivery, endpoint: WebhookEndpoint, keys: tuple[str, ...], lease: str) -> Claimed:
    body = delivery.event.body if delivery.body is None else delivery.body
    return Claimed(
        delivery_id=delivery.id,
        endpoint_id=endpoint.id,
        event_id=delivery.event_id,
        event_type=delivery.event.type,
        url=endpoint.url,
        keys=keys,
        body=body.encode(),
        lease=lease,
    )


def _attempt(outcome: Outcome) -> Attempt:
    answer = outcome.answer
    return Attempt(
        id=outcome.attempt_id,
        delivery_id=outcome.claimed.delivery_id,
        started_at=outcome.started_at,
        duration_ms=round(answer.seconds * 1000),
        status_code=answer.status,
        error=answer.error,
        excerpt=answer.excerpt,
    )


def _settle_successes(outcomes: Sequence[Outcome], endpoints: dict[str, WebhookEndpoint], now: datetime) -> None:
    """All in two statements: this is what happens nearly always."""
    if not outcomes:
        return
    settled = Delivery.objects.filter(id__in=[outcome.claimed.delivery_id for outcome in outcomes])
    settled.update(
        status=Status.SUCCEEDED, next_attempt_at=None, settled_at=now, lease="", lease_expires_at=None, updated_at=now
    )
    reached = {outcome.claimed.endpoint_id for outcome in outcomes}
    told = {
        "last_delivery_at": now,
        "last_delivery_status": WebhookEndpoint.LastStatus.SUCCEEDED,
        "last_success_at": now,
    }
    WebhookEndpoint.objects.filter(id__in=reached).update(**told)
    for endpoint_id in reached:
        endpoints[endpoint_id].last_success_at = now


def _settle_failure(delivery: Delivery, endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    """Plan the next attempt, or give up; then the endpoint is disabled where nothing reached it meanwhile."""
    answer = outcome.answer
    delivery.tries += 1
    delivery.first_attempt_at = delivery.first_attempt_at or outcome.started_at
    wait_s = asked_wait_s(status=answer.status, retry_after=answer.retry_after, now=now)
    pause = pause_s(settings.WEBHOOK_SCHEDULE_S, tries=delivery.tries, wait_s=wait_s)
    delivery.lease, delivery.lease_expires_at = "", None
    if pause is None:
        delivery.status, delivery.next_attempt_at, delivery.settled_at = Status.FAILED, None, now
    else:
        delivery.next_attempt_at = max(now, outcome.started_at + timedelta(seconds=pause))
    delivery.save()
    endpoint.last_delivery_at = now
    endpoint.last_delivery_status = Status.PENDING if pause is not None else Status.FAILED
    endpoint.save(update_fields=["last_delivery_at", "last_delivery_status"])
    unreached = endpoint.last_success_at is None or endpoint.last_success_at < delivery.first_attempt_at
    if endpoint.enabled and answer.status == GONE:
        disable_endpoint(endpoint=endpoint, reason=WebhookEndpoint.DisabledReason.GONE, now=now)
    elif endpoint.enabled and pause is None and unreached:
        disable_endpoint(endpoint=endpoint, reason=WebhookEndpoint.DisabledReason.FAILING, now=now)


def _release(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Let another process have them at once."""
    held = Delivery.objects.filter(id__in=[outcome.claimed.delivery_id for outcome in outcomes])
    held.update(lease="", lease_expires_at=None, updated_at=now)
