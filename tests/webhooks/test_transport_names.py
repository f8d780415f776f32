"""Which address a name leads to, and which certificate proves it."""

from __future__ import annotations

import asyncio
import ssl
import threading

import pytest
import trustme

from tests.webhooks import receivers
from tests.webhooks.posting import outcome, run
from tests.webhooks.receivers import Receiver, listening
from webhooks import transport
from webhooks.transport import Stream


@pytest.fixture(autouse=True)
def _this_machine(settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.WEBHOOK_TIMEOUT_S = 0.6


def test_a_name_that_does_not_exist():
    async def test(post, _) -> None:
        assert outcome(await post(url="https://nowhere.invalid/")) == (None, "name_not_resolved")

    run(listening(receivers.healthy), test)


def test_a_name_is_resolved_once_and_its_address_pinned(settings):
    """The name server's second answer, which leads inside, is never asked for."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    async def test(post, server) -> None:
        url = f"http://rebinding.example:{server.port}/"
        assert outcome(await post(url=url)) == (200, "")
        assert asked == ["rebinding.example"]
        assert outcome(await post(url=url, endpoint="whk_2")) == (None, "address_refused")

    asked: list[str] = []
    run(listening(receivers.healthy), test, resolve=resolve)


def test_one_forbidden_address_among_several_refuses_all():
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "192.168.0.1"]

    async def test(post, server) -> None:
        assert outcome(await post(url=f"http://mixed.example:{server.port}/")) == (None, "address_refused")
        assert server.connections == 0

    run(listening(receivers.healthy), test, resolve=resolve)


def test_the_next_address_is_tried_where_one_does_not_answer(free_tcp_port):
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]  # the receiver listens on the second only

    async def test(post, server) -> None:
        assert (await post(url=f"http://two.example:{server.port}/")).succeeded

    run(listening(receivers.healthy), test, resolve=resolve)


def test_an_address_that_leads_nowhere_leaves_time_for_the_next(monkeypatch):
    monkeypatch.setattr(transport, "CONNECT_S", 0.1)

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "127.0.0.3"]  # the first is that whose queue is full

    async def test(post, server) -> None:
        second = await asyncio.start_server(Receiver(receivers.healthy).serve, "127.0.0.3", server.port)
        answer = await post(url=f"http://two.example:{server.port}/")
        assert outcome(answer) == (200, "") and answer.seconds > 0.1
        second.close()

    run(receivers.never_accepting(), test, resolve=resolve)


def test_name_servers_that_hang_hold_up_no_other_name(monkeypatch, settings):
    settings.WEBHOOK_SLOTS = 48
    answered = threading.Event()

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host.startswith("hangs"):
            answered.wait(30)
        return [(0, 0, 0, "", ("127.0.0.1", port))]

    async def test(post, server) -> None:
        hung = [asyncio.create_task(post(url=f"http://hangs{n}.example:{server.port}/")) for n in range(47)]
        await asyncio.sleep(0.1)
        assert (await post(url=f"http://quick.example:{server.port}/")).succeeded
        assert {outcome(answer) for answer in await asyncio.gather(*hung)} == {(None, "timed_out")}
        answered.set()

    monkeypatch.setattr(transport.socket, "getaddrinfo", look_up)
    run(listening(receivers.healthy), test)


def test_a_name_server_that_hangs_is_within_the_deadline():
    async def resolve(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    async def test(post, _) -> None:
        assert outcome(await post(url="https://slow.example/")) == (None, "timed_out")

    run(listening(receivers.healthy), test, resolve=resolve)


# -- TLS


async def to_this_machine(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def contexts(*names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server with a certificate for these names, and of a client that trusts its authority."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(*names).configure_cert(server)
    authority.configure_trust(client)
    return server, client


def test_tls_keeps_the_name_of_the_url():
    server_side, client_side = contexts("hooks.example")
    shown: list[str] = []
    server_side.sni_callback = lambda connection, name, context: shown.append(name)
    sent = []

    async def keep(reader, writer) -> None:
        sent.append(await receivers.read_request(reader))
        writer.write(receivers.OK)

    async def test(post, server) -> None:
        assert outcome(await post(url=f"https://hooks.example:{server.port}/")) == (200, "")
        assert shown == ["hooks.example"] and f"Host: hooks.example:{server.port}\r\n".encode() in sent[0]

    run(listening(keep, tls=server_side), test, resolve=to_this_machine, tls=client_side)


def test_a_certificate_of_another_name_or_authority_is_refused():
    server_side, client_side = contexts("other.example")

    async def test(post, server) -> None:
        assert outcome(await post(url=f"https://hooks.example:{server.port}/")) == (None, "tls_failed")

    run(listening(receivers.healthy, tls=server_side), test, resolve=to_this_machine, tls=client_side)
    server_side, _ = contexts("hooks.example")
    run(listening(receivers.healthy, tls=server_side), test, resolve=to_this_machine)


def test_what_comes_before_tls_is_no_answer(monkeypatch):
    """Somebody on the way could slip it in, without any certificate."""
    server_side, client_side = contexts("hooks.example")
    dial = Stream.to

    async def dial_slowly(address: str, port: int) -> Stream:
        stream = await dial(address, port)
        await asyncio.sleep(0.1)
        return stream

    async def slip_in(reader, writer) -> None:
        writer.write(receivers.OK)
        await writer.drain()
        await writer.start_tls(server_side)
        await receivers.silent(reader, writer)

    async def test(post, server) -> None:
        assert outcome(await post(url=f"https://hooks.example:{server.port}/")) == (None, "tls_failed")

    monkeypatch.setattr(Stream, "to", dial_slowly)
    run(listening(slip_in), test, resolve=to_this_machine, tls=client_side)


def test_tls_that_stalls_and_tls_that_is_none():
    async def mute(reader, writer) -> None:
        await asyncio.sleep(60)

    async def test(post, server) -> None:
        assert outcome(await post(url=f"https://hooks.example:{server.port}/")) == (None, "timed_out")

    run(listening(mute), test, resolve=to_this_machine)

    async def plain(reader, writer) -> None:
        writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")

    async def none(post, server) -> None:
        assert outcome(await post(url=f"https://hooks.example:{server.port}/")) == (None, "tls_failed")

    run(listening(plain), none, resolve=to_this_machine)
