"""One POST against receivers of every kind."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
import trustme

from tests.webhooks import receivers
from tests.webhooks.receivers import Receiver, answering, listening
from webhooks import transport
from webhooks.transport import Answer, Transport

TIMEOUT_S = 0.6
Post = Callable[..., Awaitable[Answer]]


@pytest.fixture(autouse=True)
def _this_machine(settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.WEBHOOK_TIMEOUT_S = TIMEOUT_S


def run(receiver: AbstractAsyncContextManager[Receiver], test: Callable[[Post, Receiver], Awaitable[None]], **options):
    """Run the test with a function that posts to the receiver, through one transport."""

    async def all_of_it() -> None:
        async with receiver as server, Transport(**options) as sender:

            async def post(
                *, url: str = f"http://127.0.0.1:{server.port}/in?a=1", body: bytes = b"{}", endpoint: str = "whk_1"
            ) -> Answer:
                return await sender.post(endpoint_id=endpoint, url=url, headers={"X-Test": "ü"}, body=body)

            await test(post, server)

    asyncio.run(all_of_it())


def outcome(answer: Answer) -> tuple[int | None, str]:
    return answer.status, answer.error


def test_what_is_sent():
    sent = []

    async def keep(reader, writer) -> None:
        sent.append(await receivers.read_request(reader))
        writer.write(receivers.OK)

    async def test(post, server) -> None:
        answer = await post(body=b'{"a": 1}')
        assert (answer.status, answer.error, answer.excerpt, answer.succeeded) == (200, "", "ok", True)
        assert 0 < answer.seconds < TIMEOUT_S
        assert sent[0].decode("latin-1") == (
            f"POST /in?a=1 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Test: ü\r\nContent-Length: 8\r\n"
            'Accept: */*\r\nAccept-Encoding: identity\r\n\r\n{"a": 1}'
        )

    run(listening(keep), test)


def test_a_connection_is_used_again_by_its_endpoint_alone():
    async def test(post, server) -> None:
        for endpoint in ("whk_1", "whk_1", "whk_2", "whk_1", "whk_2"):
            assert (await post(endpoint=endpoint)).succeeded
        assert server.connections == 2

    run(listening(receivers.healthy), test)


def test_only_so_many_endpoints_keep_connections(monkeypatch):
    monkeypatch.setattr(transport, "MAX_KEPT", 2)

    async def test(post, server) -> None:
        for endpoint in ("whk_1", "whk_2", "whk_3", "whk_3", "whk_2", "whk_1"):
            assert (await post(endpoint=endpoint)).succeeded
        assert server.connections == 4  # the first was dropped when the third came

    run(listening(receivers.healthy), test)


def test_a_kept_connection_that_ended_is_replaced():
    async def test(post, server) -> None:
        for _ in range(3):
            assert (await post()).succeeded
        assert server.connections == 3

    run(listening(receivers.one_answer_then_closed), test)


@pytest.mark.parametrize(
    ("status", "succeeded"), [(200, True), (204, True), (299, True), (300, False), (404, False), (503, False)]
)
def test_only_2xx_is_a_success(status, succeeded):
    async def test(post, _) -> None:
        answer = await post()
        assert (answer.status, answer.error, answer.succeeded) == (status, "", succeeded)
        assert answer.retry_after == "7"

    text = f"HTTP/1.1 {status} X\r\nretry-after: 7\r\nContent-Length: 0\r\n\r\n" if status != 204 else (
        "HTTP/1.1 204 X\r\nRetry-After: 7\r\n\r\n"
    )  # fmt: skip
    run(listening(answering(text.encode())), test)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status):
    async def both() -> None:
        async with listening(receivers.healthy) as trap:
            elsewhere = f"http://127.0.0.1:{trap.port}/"
            async with listening(receivers.redirect_to(elsewhere, status)) as server, Transport() as sender:
                url = f"http://127.0.0.1:{server.port}/"
                answer = await sender.post(endpoint_id="whk_1", url=url, headers={}, body=b"{}")
            assert (answer.status, answer.succeeded, trap.connections) == (status, False, 0)

    asyncio.run(both())


@pytest.mark.parametrize(
    ("handle", "status"),
    [
        (receivers.silent, None),
        (receivers.drip_head, None),
        (receivers.drip_body, 200),
        (receivers.slow_reader, None),
        (receivers.always_continue, None),
    ],
)
def test_the_deadline_is_one_of_the_clock(handle, status):
    async def test(post, _) -> None:
        started = time.monotonic()
        answer = await post(body=b"x" * 20_000_000 if handle is receivers.slow_reader else b"{}")
        assert (answer.status, answer.error, answer.succeeded) == (status, "timed_out", False)
        assert TIMEOUT_S - 0.01 < answer.seconds <= time.monotonic() - started < TIMEOUT_S + 0.5

    run(listening(handle), test)


def test_a_listener_that_never_accepts():
    async def test(post, _) -> None:
        assert outcome(await post()) == (None, "timed_out")

    run(receivers.never_accepting(), test)


@pytest.mark.parametrize("handle", [receivers.endless_body, receivers.gzip_bomb])
def test_of_an_answer_without_end_a_little_is_read(handle):
    async def test(post, server) -> None:
        answer = await post()
        assert (answer.status, answer.error) == (200, "") and len(answer.excerpt) <= 1024
        await post()
        assert server.connections == 2  # what was not read to its end is not used again

    run(listening(handle), test)


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        (receivers.endless_head, (None, "response_invalid")),
        (receivers.not_http, (None, "response_invalid")),
        (receivers.half_an_answer, (200, "response_invalid")),
        (receivers.reset, (None, "connection_failed")),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), (None, "response_invalid")),
    ],
)
def test_answers_that_are_none(handle, expected):
    async def test(post, _) -> None:
        answer = await post()
        assert outcome(answer) == expected and not answer.succeeded

    run(listening(handle), test)


def test_an_excerpt_can_be_stored():
    body = b"a\x00b\xff\x1b[0m" + b"z" * 2000

    async def test(post, _) -> None:
        assert (await post()).excerpt == "a\ufffdb\ufffd\ufffd[0m" + "z" * 1016

    run(listening(answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))), test)


def test_nobody_listens(free_tcp_port):
    async def test(post, _) -> None:
        answer = await post(url=f"http://127.0.0.1:{free_tcp_port}/")
        assert outcome(answer) == (None, "connection_failed")

    run(listening(receivers.healthy), test)


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


def test_proxies_of_the_environment_are_not_asked(monkeypatch, free_tcp_port):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_tcp_port}")

    async def test(post, server) -> None:
        assert (await post()).succeeded

    run(listening(receivers.healthy), test)
