"""Receivers that do what no client hopes for, on this machine. Each handles one connection; all count theirs."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Handle = Callable[[Reader, Writer], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FOREVER_S = 120


async def read_request(reader: Reader) -> bytes:
    """Head and body of one POST."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return head + await reader.readexactly(length)


async def healthy(reader: Reader, writer: Writer) -> None:
    while True:
        await read_request(reader)
        writer.write(OK)
        await writer.drain()


async def silent(reader: Reader, writer: Writer) -> None:
    """Takes the request and says nothing."""
    await read_request(reader)
    await asyncio.sleep(FOREVER_S)


async def drip_body(reader: Reader, writer: Writer) -> None:
    """A byte a second: no single read ever takes long."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    await _drip(writer, b"x" * FOREVER_S)


async def drip_head(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    await _drip(writer, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * FOREVER_S)


async def slow_reader(reader: Reader, writer: Writer) -> None:
    """Never reads: what is sent fills the buffers and stays there."""
    await asyncio.sleep(FOREVER_S)


async def endless_body(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def gzip_bomb(reader: Reader, writer: Writer) -> None:
    """A GiB of zeros, a thousandth of it on the wire, as gzip's members."""
    await read_request(reader)
    packed = gzip.compress(bytes(4 * 2**20))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (256 * len(packed)))
    for _ in range(256):
        writer.write(packed)
        await writer.drain()


async def endless_head(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Long: " + b"x" * 8000 + b"\r\n")
        await writer.drain()


async def always_continue(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def continue_at_once(reader: Reader, writer: Writer) -> None:
    """As many of them as the wire takes: each costs whoever reads it far more than to send."""
    await read_request(reader)
    while True:
        writer.write(b"HTTP/1.1 100 \r\n\r\n" * 4000)
        await writer.drain()


async def tiny_chunks(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n" * 4000)
        await writer.drain()


async def long_extensions(reader: Reader, writer: Writer) -> None:
    """Chunks of a byte, each with 90 KB of what a client passes over."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1;a=" + b"b" * 90_000 + b"\r\nx\r\n")
        await writer.drain()


async def not_http(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    writer.write(b"SSH-2.0-OpenSSH_9.7\r\n\r\n")
    await writer.drain()


async def half_an_answer(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()


async def reset(reader: Reader, writer: Writer) -> None:
    await read_request(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def one_answer_then_closed(reader: Reader, writer: Writer) -> None:
    """Says that the connection may be used again, and closes it."""
    await read_request(reader)
    writer.write(OK)
    await writer.drain()


def redirect_to(url: str, status: int = 308) -> Handle:
    async def redirect(reader: Reader, writer: Writer) -> None:
        while True:
            await read_request(reader)
            writer.write(f"HTTP/1.1 {status} Elsewhere\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()

    return redirect


def answering(text: bytes) -> Handle:
    """Always says this."""

    async def answer(reader: Reader, writer: Writer) -> None:
        while True:
            await read_request(reader)
            writer.write(text)
            await writer.drain()

    return answer


class Receiver:
    """A listening receiver: its port, and how often somebody connected."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.connections = 0
        self.port = 0

    async def serve(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        with suppress(OSError, EOFError, ssl.SSLError, asyncio.IncompleteReadError):
            await self.handle(reader, writer)
        with suppress(OSError):
            writer.close()


@asynccontextmanager
async def listening(handle: Handle, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on 127.0.0.1."""
    receiver = Receiver(handle)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


@asynccontextmanager
async def never_accepting() -> AsyncIterator[Receiver]:
    """A listener whose queue is full: connections hang half-open."""
    receiver = Receiver(silent)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, socket.socket() as first:
        receiver.port = listener.getsockname()[1]
        fillers = [first]
        first.connect(("127.0.0.1", receiver.port))
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", receiver.port))
            fillers.append(filler)
        try:
            yield receiver
        finally:
            for filler in fillers:
                filler.close()


async def _drip(writer: Writer, data: bytes) -> None:
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)
