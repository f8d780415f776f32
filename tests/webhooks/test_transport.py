"""One POST against receivers of every kind."""

from __future__ import annotations

import asyncio
import time

import h11
import pytest

from tests.webhooks import receivers
from tests.webhooks.posting import outcome, run
from tests.webhooks.receivers import answering, listening
from webhooks import transport
from webhooks.transport import Stream, Transport

TIMEOUT_S = 0.6


@pytest.fixture(autouse=True)
def _this_machine(settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.WEBHOOK_TIMEOUT_S = TIMEOUT_S


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


def test_connections_that_are_idle_for_long_are_closed(monkeypatch):
    monkeypatch.setattr(transport, "KEEP_ALIVE_S", 0.1)
    ended = []

    async def until_the_end(reader, writer) -> None:
        try:
            await receivers.healthy(reader, writer)
        except asyncio.IncompleteReadError:
            ended.append(writer.get_extra_info("peername"))

    async def test(post, server) -> None:
        for endpoint in ("whk_1", "whk_2"):
            assert (await post(endpoint=endpoint)).succeeded
        await asyncio.sleep(0.15)
        assert ended == []
        assert (await post(endpoint="whk_3")).succeeded
        await asyncio.sleep(0.05)
        assert (len(set(ended)), server.connections) == (2, 3)

    run(listening(until_the_end), test)


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


@pytest.mark.parametrize(
    "handle", [receivers.endless_body, receivers.gzip_bomb, receivers.tiny_chunks, receivers.long_extensions]
)
def test_of_an_answer_without_end_a_little_is_read(handle, monkeypatch, settings):
    sizes: list[int] = []
    read = Stream.read

    async def counted(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await read(self, max_bytes, timeout)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(Stream, "read", counted)

    async def test(post, server) -> None:
        answer = await post()
        assert (answer.status, answer.error) == (200, "") and len(answer.excerpt) <= 1024
        assert 0 < sum(sizes) <= transport.HEAD_BYTES + settings.WEBHOOK_MAX_RESPONSE_BYTES
        await post()
        assert server.connections == 2  # what was not read to its end is not used again

    run(listening(handle), test)


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        (receivers.continue_at_once, (None, "response_invalid")),
        (receivers.endless_head, (None, "response_invalid")),
        (receivers.tiny_chunks, (200, "")),
        (receivers.long_extensions, (200, "")),
    ],
)
def test_no_answer_takes_the_processor_from_others(handle, expected, monkeypatch, settings):
    """Reading one is a bounded number of steps, long before the deadline."""
    settings.WEBHOOK_TIMEOUT_S = 15
    steps = 0
    step = h11.Connection.next_event

    def counted(self):
        nonlocal steps
        steps += 1
        return step(self)

    async def test(post, _) -> None:
        answer = await post()
        assert outcome(answer) == expected
        assert 0 < steps < 1500 and answer.seconds < 5

    monkeypatch.setattr(h11.Connection, "next_event", counted)
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


def test_proxies_of_the_environment_are_not_asked(monkeypatch, free_tcp_port):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_tcp_port}")

    async def test(post, server) -> None:
        assert (await post()).succeeded

    run(listening(receivers.healthy), test)
