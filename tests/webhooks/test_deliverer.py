"""The process that delivers, against a receiver on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import OperationalError, connections

from billing.tenant import Tenant
from tests.factories import make_endpoint, make_event, make_tenant
from webhooks import deliverer
from webhooks.deliverer import Deliverer
from webhooks.models import Attempt, Delivery, WebhookEndpoint

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20
ONE = "inv_01HFAB6ZQ3K7X9N2T4M5Y8R0PD"


@dataclass
class Receiver:
    """Answers what `answers` says of the request's number, else 200; keeps what it was sent."""

    answers: dict[int, bytes] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    hangs: bool = False
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")[1:-2]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.requests.append((headers, body))
            if self.hangs:
                await asyncio.sleep(60)
            writer.write(self.answers.get(len(self.requests), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
            await writer.drain()


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture(autouse=True)
def _quick(settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.WEBHOOK_POLL_S = 0.02
    settings.WEBHOOK_SCHEDULE_S = [0.05] * 3


def deliver(*receivers: Receiver, until: Callable[[], bool]) -> None:
    """Run one deliverer and the receivers until the condition holds."""

    async def run() -> None:
        stop = asyncio.Event()
        servers = [await asyncio.start_server(one.serve, "127.0.0.1", one.port) for one in receivers]
        worker = asyncio.create_task(Deliverer(stop=stop).run())
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await asyncio.to_thread(checked) and not worker.done():
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            await worker
            for server in servers:
                server.close()

    def checked() -> bool:
        try:
            return until()
        finally:
            connections.close_all()

    asyncio.run(run())


def endpoint_at(receiver: Receiver, tenant: Tenant, free_tcp_port_factory, **values) -> WebhookEndpoint:
    receiver.port = free_tcp_port_factory()
    return make_endpoint(tenant, url=f"http://127.0.0.1:{receiver.port}/in?a=1", **values)


def nothing_pending() -> bool:
    return not Delivery.objects.filter(status="pending").exists()


def test_events_arrive_signed_and_in_order(tenant, free_tcp_port_factory):
    receiver = Receiver(answers={1: b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"})
    endpoint_at(receiver, tenant, free_tcp_port_factory)
    events = [make_event(tenant, subject=ONE) for _ in range(3)]
    deliver(receiver, until=nothing_pending)
    assert [json.loads(body)["id"] for _, body in receiver.requests] == [events[0].id, *(event.id for event in events)]
    headers, body = receiver.requests[-1]
    delivery = Delivery.objects.get(event=events[2])
    assert body.decode() == events[2].body
    assert (headers["host"], headers["content-type"]) == (f"127.0.0.1:{receiver.port}", "application/json")
    assert (headers["user-agent"], headers["invorec-event"]) == ("InvoRec/1 (+webhooks)", "invoice.updated")
    assert (headers["invorec-delivery"], headers["webhook-id"]) == (delivery.id, events[2].id)
    assert list(Attempt.objects.order_by("id").values_list("status_code", flat=True)) == [500, 200, 200, 200]
    times = [headers["invorec-signature"].split(",")[0] for headers, _ in receiver.requests]
    assert all(time.startswith("t=1") for time in times)


def test_a_receiver_that_hangs_holds_up_nobody_and_is_handed_back_at_the_end(
    tenant, free_tcp_port_factory, monkeypatch
):
    monkeypatch.setattr(deliverer, "STOP_S", 0.1)
    stuck, fine = Receiver(hangs=True), Receiver()
    endpoint_at(stuck, tenant, free_tcp_port_factory, events=["invoice.created"])
    endpoint_at(fine, tenant, free_tcp_port_factory, events=["invoice.updated"])
    for _ in range(9):
        make_event(tenant, "invoice.created")
    make_event(tenant, "invoice.updated")

    deliver(
        stuck, fine, until=lambda: Delivery.objects.filter(status="succeeded").exists() and len(stuck.requests) == 4
    )
    assert len(stuck.requests) == 4
    interrupted = Attempt.objects.filter(error="interrupted")
    assert interrupted.count() == 4
    assert not Delivery.objects.exclude(lease="").exists()


def test_a_database_that_is_away_for_a_moment_loses_nothing(tenant, free_tcp_port_factory, monkeypatch):
    receiver = Receiver()
    endpoint_at(receiver, tenant, free_tcp_port_factory)
    make_event(tenant)
    real, calls = deliverer.settle, []

    def settle(outcomes, *, now):
        calls.append(outcomes)
        if len(calls) < 3:
            raise OperationalError("the server closed the connection")
        real(outcomes, now=now)

    monkeypatch.setattr(deliverer, "settle", settle)
    monkeypatch.setattr(deliverer, "AFTER_ACCIDENT_S", 0.05)
    deliver(receiver, until=nothing_pending)
    assert len(receiver.requests) == 1 and len(calls) == 3
    assert Attempt.objects.count() == 1


def test_an_outcome_that_cannot_be_stored_spoils_no_other(tenant, free_tcp_port_factory, monkeypatch):
    receiver = Receiver()
    endpoint_at(receiver, tenant, free_tcp_port_factory)
    bad, good = make_event(tenant), make_event(tenant)
    real = deliverer.settle

    def settle(outcomes, *, now):
        if any(outcome.claimed.event_id == bad.id for outcome in outcomes):
            raise ValueError("a fault of ours")
        real(outcomes, now=now)

    monkeypatch.setattr(deliverer, "settle", settle)
    deliver(receiver, until=lambda: Delivery.objects.get(event=good).status == "succeeded")
    assert Delivery.objects.get(event=bad).status == "pending"


def test_what_cannot_be_signed_is_not_sent(tenant, free_tcp_port_factory):
    receiver = Receiver()
    endpoint = endpoint_at(receiver, tenant, free_tcp_port_factory)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(secret="spoiled")
    make_event(tenant)
    deliver(receiver, until=lambda: Attempt.objects.exists())
    assert receiver.requests == []
    assert Attempt.objects.first().error == "secret_unreadable"
