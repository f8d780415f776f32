"""One POST to an address that was checked, within a deadline, with bounds on all that comes back.

On httpcore, whose network backend is ours: it resolves, has the addresses judged, and dials a judged address itself,
while the Host header, SNI and the certificate's name stay those of the url. Redirects are not followed, proxies not
asked, contents not decompressed: httpcore does none of it by itself.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import certifi
import httpcore
from django.conf import settings

from webhooks.addresses import Destination, UrlRefused, judged, parse_url

KEEP_ALIVE_S = 20.0
MAX_POOLS = 512  # endpoints with connections that may be used again
EXCERPT_BYTES = 1024
RESOLVERS = 32  # look-ups at once: a name server that hangs holds one of them, long after its attempt has ended

Resolve = Callable[[str, int], Awaitable[list[str]]]

_unprintable = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a POST. `status` is None where no answer began; `error` is empty or one of: timed_out,
    address_refused, name_not_resolved, connection_failed, tls_failed, response_invalid."""

    status: int | None
    error: str
    retry_after: str | None
    excerpt: str
    seconds: float

    @property
    def succeeded(self) -> bool:
        return not self.error and self.status is not None and 200 <= self.status < 300


class Unreachable(Exception):
    """No connection; `args[0]` is the error's code."""


class Transport:
    """Sends, and keeps connections for the next time, of each endpoint its own. One per process and event loop."""

    def __init__(self, *, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._executor = ThreadPoolExecutor(max_workers=RESOLVERS, thread_name_prefix="resolver")
        self._resolve = resolve or self._look_up
        self._tls = tls or trusted()
        self._pools: OrderedDict[tuple[str, str], httpcore.AsyncConnectionPool] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for pool in self._pools.values():
            with suppress(Exception):
                await pool.aclose()
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def post(self, *, endpoint_id: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer, or why there was none; raises nothing but CancelledError. WEBHOOK_TIMEOUT_S is the deadline over
        all of it, from the look-up of the name to the last byte that is read."""
        started = time.monotonic()
        seen = _Seen()
        error = ""
        try:
            place = parse_url(url)
            async with asyncio.timeout(settings.WEBHOOK_TIMEOUT_S):
                await self._exchange(endpoint_id, place, _headers(place, headers, body), body, seen)
        except TimeoutError:
            error = "timed_out"
        except UrlRefused:
            error = "address_refused"
        except Unreachable as unreachable:
            error = unreachable.args[0]
        except (httpcore.RemoteProtocolError, httpcore.LocalProtocolError):
            error = "response_invalid" if seen.began or not seen.hung_up else "connection_failed"
        except Exception:
            error = "connection_failed"
        return Answer(seen.status, error, seen.retry_after, seen.text(), time.monotonic() - started)

    async def _exchange(
        self, endpoint_id: str, place: Destination, headers: list[tuple[bytes, bytes]], body: bytes, seen: _Seen
    ) -> None:
        pool = await self._pool(endpoint_id, place.scheme)
        url = httpcore.URL(scheme=place.scheme, host=place.host.strip("[]"), port=place.port, target=place.target)
        for may_be_stale in (bool(pool.connections), False):
            try:
                response = await pool.handle_async_request(httpcore.Request("POST", url, headers=headers, content=body))
                break
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as error:
                # A kept connection may end in the moment it is used again. No byte of an answer came: once more, on a
                # new one. The receiver may see the event twice, which it has to expect anyway.
                seen.hung_up = "without sending" in str(error)
                nothing_came = seen.hung_up or not isinstance(error, httpcore.RemoteProtocolError)
                if not (may_be_stale and nothing_came):
                    raise
        try:
            await seen.read(response)
        finally:
            await response.aclose()  # one that was not read to its end closes the connection

    async def _pool(self, endpoint_id: str, scheme: str) -> httpcore.AsyncConnectionPool:
        key = (endpoint_id, scheme)
        if key not in self._pools:
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=None,
                max_keepalive_connections=settings.WEBHOOK_PER_ENDPOINT,
                keepalive_expiry=KEEP_ALIVE_S,
                network_backend=_Backend(self._resolve, plain=scheme == "http"),
            )
            await self._drop_idle(but=key)
        self._pools.move_to_end(key)
        return self._pools[key]

    async def _drop_idle(self, *, but: tuple[str, str]) -> None:
        """Forget the pools used longest ago, but none with something under way."""
        for key, pool in list(self._pools.items()):
            if len(self._pools) <= MAX_POOLS:
                return
            if key != but and all(connection.is_idle() for connection in pool.connections):
                self._pools.pop(key, None)
                await pool.aclose()

    async def _look_up(self, host: str, port: int) -> list[str]:
        """Raises Unreachable."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._executor, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError):
            raise Unreachable("name_not_resolved") from None
        return [str(entry[4][0]) for entry in found]


class _Seen:
    """What was read of an answer, also of one that was cut off."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.retry_after: str | None = None
        self.hung_up = False
        self.began = False
        self._body = bytearray()

    async def read(self, response: httpcore.Response) -> None:
        """Read the answer up to WEBHOOK_MAX_RESPONSE_BYTES: its status stands, however much more there is."""
        self.began, self.status = True, response.status
        self.retry_after = next(
            (value.decode("latin-1") for name, value in response.headers if name.lower() == b"retry-after"), None
        )
        size = 0
        async for chunk in response.aiter_stream():
            size += len(chunk)
            self._body += chunk[: max(0, EXCERPT_BYTES - len(self._body))]
            if size >= settings.WEBHOOK_MAX_RESPONSE_BYTES:
                return

    def text(self) -> str:
        return _unprintable.sub("\N{REPLACEMENT CHARACTER}", self._body.decode("utf-8", "replace"))


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were judged, and to nothing else."""

    def __init__(self, resolve: Resolve, *, plain: bool) -> None:
        self._resolve = resolve
        self._plain = plain
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises UrlRefused, Unreachable."""
        addresses = judged(await self._resolve(host, port), plain=self._plain)
        for address in addresses:
            with suppress(httpcore.ConnectError):
                return _Stream(await self._inner.connect_tcp(address, port, timeout, None, socket_options))
        raise Unreachable("connection_failed")


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that tells a failed handshake from a failed connect."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self.read, self.write = inner.read, inner.write  # type: ignore[method-assign]
        self.aclose, self.get_extra_info = inner.aclose, inner.get_extra_info  # type: ignore[method-assign]

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Raises Unreachable."""
        try:
            return await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except (httpcore.ConnectError, ssl.SSLError, OSError, ValueError):
            raise Unreachable("tls_failed") from None


def trusted() -> ssl.SSLContext:
    """TLS 1.2 or later, with the authorities of this machine (which an operator may add to) and those of Mozilla."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _headers(place: Destination, given: dict[str, str], body: bytes) -> list[tuple[bytes, bytes]]:
    usual = {"http": 80, "https": 443}[place.scheme]
    host = place.host if place.port == usual else f"{place.host}:{place.port}"
    headers = {"Host": host, **given, "Content-Length": str(len(body)), "Accept": "*/*", "Accept-Encoding": "identity"}
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
