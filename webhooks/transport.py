"""One POST to an address that was checked, within a deadline, with bounds on all that comes back.

The connection is ours: it resolves, has the addresses judged, and dials a judged one, while the Host header, SNI and
the certificate's name stay those of the url. HTTP/1.1 over it is httpcore's, which by itself follows no redirects,
asks no proxies and decompresses nothing.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import certifi
import httpcore
from django.conf import settings

from webhooks.addresses import LOW_PORTS, Destination, UrlRefused, judged, parse_url

KEEP_ALIVE_S = 20.0
MAX_KEPT = 512  # connections that may be used again
READ_BYTES = 64 * 1024
HEAD_BYTES = 16 * 1024  # of an answer's head, with all that says 100 Continue before it
MAX_PARTS = 256  # of a body that is read: chunks of a byte each would cost a thousand times what they weigh
EXCERPT_BYTES = 1024
CONNECT_S = 4.0  # for an address after which there is another: IPv6 that leads nowhere must not use up the deadline

Key = tuple[str, str, str, int]  # endpoint, scheme, host, port
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


class TooLong(httpcore.RemoteProtocolError):
    """More came than is read of an answer."""


class Transport:
    """Sends, and keeps connections for the next time, of each endpoint its own. One per process and event loop."""

    def __init__(self, *, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None) -> None:
        # As many look-ups as there may be attempts: name servers that hang hold up nobody else's.
        self._executor = ThreadPoolExecutor(settings.WEBHOOK_SLOTS, thread_name_prefix="resolver")
        self._resolve = resolve or self._look_up
        self._tls = tls or trusted()
        self._kept: OrderedDict[Connection, Key] = OrderedDict()  # idle ones, that used longest ago first
        self._by_key: defaultdict[Key, list[Connection]] = defaultdict(list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in list(self._kept):
            await connection.aclose()
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
                await self._exchange(
                    (endpoint_id, place.scheme, place.host, place.port), _request(place, headers, body), seen
                )
        except TimeoutError:
            error = "timed_out"
        except UrlRefused:
            error = "address_refused"
        except Unreachable as unreachable:
            error = unreachable.args[0]
        except (httpcore.RemoteProtocolError, httpcore.LocalProtocolError) as fault:
            error = "response_invalid" if seen.status is not None or not _hung_up(fault) else "connection_failed"
        except Exception:
            error = "connection_failed"
        return Answer(seen.status, error, seen.retry_after, seen.text(), time.monotonic() - started)

    async def _exchange(self, key: Key, request: httpcore.Request, seen: _Seen) -> None:
        """On a kept connection where there is one. That may end in the moment it is used again: where no byte of an
        answer came, once more on a new one. The receiver may see the event twice, which it has to expect anyway."""
        if kept := await self._take(key):
            try:
                return await self._send(key, kept, request, seen)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as fault:
                if seen.status is not None or (isinstance(fault, httpcore.RemoteProtocolError) and not _hung_up(fault)):
                    raise
        return await self._send(key, await self._connect(key, request.url.origin), request, seen)

    async def _send(self, key: Key, connection: Connection, request: httpcore.Request, seen: _Seen) -> None:
        connection.wire.allow(HEAD_BYTES)
        try:
            response = await connection.handle_async_request(request)
            connection.wire.allow(settings.WEBHOOK_MAX_RESPONSE_BYTES)
            try:
                await seen.read(response)
            finally:
                await response.aclose()  # of one that was not read to its end, the connection is closed
        finally:
            if connection.is_idle():
                await self._keep(key, connection)
            else:
                await connection.aclose()

    async def _take(self, key: Key) -> Connection | None:
        """A connection of this endpoint that can be used again."""
        kept, expired, found = self._by_key.pop(key, []), [], None
        while kept and found is None:
            connection = kept.pop()
            del self._kept[connection]
            if connection.has_expired():
                expired.append(connection)
            else:
                found = connection
        if kept:
            self._by_key[key] = kept
        for connection in expired:
            await connection.aclose()
        return found

    async def _keep(self, key: Key, connection: Connection) -> None:
        """Keep it, and let go of those used longest ago: too many, or idle for too long."""
        self._kept[connection] = key
        self._by_key[key].append(connection)
        while self._kept and (len(self._kept) > MAX_KEPT or next(iter(self._kept)).has_expired()):
            oldest, its_key = self._kept.popitem(last=False)
            self._by_key[its_key].remove(oldest)
            if not self._by_key[its_key]:
                del self._by_key[its_key]
            await oldest.aclose()

    async def _connect(self, key: Key, origin: httpcore.Origin) -> Connection:
        """Raises UrlRefused, Unreachable."""
        _, scheme, host, port = key
        host = host.strip("[]")
        addresses = judged(await self._resolve(host, port), plain=scheme == "http")
        for address in addresses:
            with suppress(OSError):
                async with asyncio.timeout(None if address == addresses[-1] else CONNECT_S):
                    stream = await Stream.to(address, port)
                if scheme == "https":
                    await stream.start_tls(self._tls, host)
                return Connection(origin, stream)
        raise Unreachable("connection_failed")

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


class Connection(httpcore.AsyncHTTP11Connection):
    """HTTP/1.1 over a stream of ours."""

    def __init__(self, origin: httpcore.Origin, stream: Stream) -> None:
        super().__init__(origin, stream, KEEP_ALIVE_S)
        self.wire = stream


class Stream(httpcore.AsyncNetworkStream):
    """A TCP connection, of asyncio's. Time-outs are the caller's: one deadline over everything."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._allowed = 0

    @classmethod
    async def to(cls, address: str, port: int) -> Stream:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        reader = _Reader(limit=READ_BYTES, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await loop.create_connection(lambda: protocol, address, port)
        return cls(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: Any = None
    ) -> Any:
        """Raises Unreachable."""
        try:
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except (OSError, ssl.SSLError, ValueError):
            self.abort()
            raise Unreachable("tls_failed") from None
        except BaseException:
            self.abort()
            raise
        if self._reader.unread:  # it came before the handshake, from anybody
            self.abort()
            raise Unreachable("tls_failed")
        return self

    def allow(self, size: int) -> None:
        """So many bytes may be read from now on, whatever they turn out to be."""
        self._allowed = size

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._allowed <= 0:
            raise TooLong("More came than is read of an answer.")
        try:
            data = await self._reader.read(min(max_bytes, self._allowed))
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        self._allowed -= len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self.abort()

    def abort(self) -> None:
        """At once: what a receiver does not take or say any more is not waited for."""
        self._writer.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """`is_readable`: something came, or the end, that nobody asked for."""
        return self._reader.has_news() if info == "is_readable" else None


class _Reader(asyncio.StreamReader):
    """Knows whether something came that was not read."""

    unread = 0

    def feed_data(self, data: Any) -> None:
        self.unread += len(data)
        super().feed_data(data)

    async def read(self, n: int = -1) -> bytes:
        data = await super().read(n)
        self.unread -= len(data)
        return data

    def has_news(self) -> bool:
        return self.unread > 0 or self.at_eof() or self.exception() is not None


class _Seen:
    """What was read of an answer, also of one that was cut off."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.retry_after: str | None = None
        self._body = bytearray()

    async def read(self, response: httpcore.Response) -> None:
        """Read the answer as far as is allowed: its status stands, however much more there is."""
        self.status = response.status
        self.retry_after = next(
            (value.decode("latin-1") for name, value in response.headers if name.lower() == b"retry-after"), None
        )
        parts = 0
        with suppress(TooLong):
            async for part in response.aiter_stream():
                self._body += part[: max(0, EXCERPT_BYTES - len(self._body))]
                parts += 1
                if parts == MAX_PARTS:
                    return

    def text(self) -> str:
        return _unprintable.sub("\N{REPLACEMENT CHARACTER}", self._body.decode("utf-8", "replace"))


def trusted() -> ssl.SSLContext:
    """TLS 1.2 or later, with the authorities of this machine (which an operator may add to) and those of Mozilla."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _request(place: Destination, given: dict[str, str], body: bytes) -> httpcore.Request:
    host = place.host if place.port == LOW_PORTS[place.scheme] else f"{place.host}:{place.port}"
    fields = {"Host": host, **given, "Content-Length": str(len(body)), "Accept": "*/*", "Accept-Encoding": "identity"}
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in fields.items()]
    url = httpcore.URL(scheme=place.scheme, host=place.host.strip("[]"), port=place.port, target=place.target)
    return httpcore.Request("POST", url, headers=headers, content=body)


def _hung_up(fault: Exception) -> bool:
    """Whether the other side closed the connection and said nothing (httpcore tells it by words alone)."""
    return "without sending" in str(fault)
