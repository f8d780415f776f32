"""Local receivers for the heavy tests of webhooks, in a process of their own: fast, and each request on record.

Their log is the judge: one JSON line a request, with its place in the order of all arrivals and answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import multiprocessing
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

OK, NO = (f"HTTP/1.1 {text}\r\nContent-Length: 0\r\n\r\n".encode() for text in ("200 OK", "500 No"))


@dataclass(frozen=True)
class Temper:
    """The share of requests that a receiver answers with 500, resets, or leaves without an answer, and the most
    seconds that it takes for an answer."""

    fails: float = 0
    resets: float = 0
    hangs: float = 0
    slow_s: float = 0

    def answer(self, chance: float) -> str:
        if chance < self.fails:
            return "500"
        if chance < self.fails + self.resets:
            return "reset"
        return "hang" if chance < self.fails + self.resets + self.hangs else "200"


@dataclass
class Receivers:
    """What the parent knows: the ports, and the log once it asks for it."""

    ports: list[int]
    pipe: Connection
    log: Path

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.ports[number]}/in"

    def trust(self, secrets: dict[int, str]) -> None:
        """Tell each receiver the secret that what it is sent must be signed with."""
        self.pipe.send(secrets)
        self.pipe.recv()

    def requests(self) -> list[dict[str, Any]]:
        """All requests so far."""
        self.pipe.send("flush")
        self.pipe.recv()
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def accepted(self) -> int:
        """How many requests were answered with 200 so far."""
        self.pipe.send("accepted")
        return int(self.pipe.recv())


@dataclass
class World:
    """What the receivers share in their process."""

    log: Any
    secrets: dict[int, str] = field(default_factory=dict)
    flying: Counter[int] = field(default_factory=Counter)  # requests without an answer, by receiver
    ticks: Iterator[int] = field(default_factory=count)  # arrivals and answers in their order
    accepted: int = 0
    random: random.Random = field(default_factory=lambda: random.Random(47))


class Receiver(asyncio.Protocol):
    """One connection to receiver `number`."""

    def __init__(self, number: int, temper: Temper, world: World) -> None:
        self.number, self.temper, self.world = number, temper, world
        self.data = b""
        self.hanging = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        while b"\r\n\r\n" in self.data:
            head, _, rest = self.data.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
            length = int(headers["Content-Length"])
            if len(rest) < length:
                return
            self.data = rest[length:]
            self.request(headers, rest[:length])

    def request(self, headers: dict[str, str], body: bytes) -> None:
        world = self.world
        world.flying[self.number] += 1
        record, answer = self.record(headers, body), self.temper.answer(world.random.random())
        if answer == "hang":
            self.hanging += 1
            world.log.write(json.dumps(record | {"answer": answer, "answered": None}) + "\n")
        elif self.temper.slow_s:
            wait_s = world.random.random() * self.temper.slow_s
            asyncio.get_running_loop().call_later(wait_s, self.answer, record, answer)
        else:
            self.answer(record, answer)

    def answer(self, record: dict[str, Any], answer: str) -> None:
        """Give it and write it down; a client that is gone by now has no answer."""
        world = self.world
        world.flying[self.number] -= 1
        answer = "gone" if self.transport.is_closing() else answer
        world.log.write(json.dumps(record | {"answer": answer, "answered": next(world.ticks)}) + "\n")
        if answer == "reset":
            linger = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.transport.abort()
        elif answer != "gone":
            world.accepted += answer == "200"
            self.transport.write(OK if answer == "200" else NO)

    def record(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        return {
            "at": time.time(),
            "arrived": next(self.world.ticks),
            "receiver": self.number,
            "id": json.loads(body)["id"],
            "sha256": hashlib.sha256(body).hexdigest(),
            "signed": is_signed(headers["InvoRec-Signature"], body, self.world.secrets.get(self.number, "")),
            "flying": self.world.flying[self.number],
        }

    def connection_lost(self, error: Exception | None) -> None:
        self.world.flying[self.number] -= self.hanging


def is_signed(header: str, body: bytes, secret: str) -> bool:
    """Whether the first signature is by this secret."""
    moment, signature = (part.split("=")[1] for part in header.split(",")[:2])
    return hmac.compare_digest(hmac.digest(secret.encode(), f"{moment}.".encode() + body, "sha256").hex(), signature)


@contextmanager
def receiving(tempers: list[Temper], log: Path) -> Iterator[Receivers]:
    """So many receivers, each of its temper."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(tempers, log, theirs), daemon=True)
    process.start()
    try:
        yield Receivers(ours.recv(), ours, log)
    finally:
        process.kill()
        process.join()


def _serve(tempers: list[Temper], log: Path, pipe: Connection) -> None:
    asyncio.run(_serve_all(tempers, log, pipe))


async def _serve_all(tempers: list[Temper], log: Path, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    with log.open("w") as file:
        world, ports = World(file), []
        for number, temper in enumerate(tempers):
            server = await loop.create_server(
                lambda number=number, temper=temper: Receiver(number, temper, world), "127.0.0.1", 0, backlog=512
            )
            ports.append(server.sockets[0].getsockname()[1])
        pipe.send(ports)
        while True:
            asked = await asyncio.to_thread(pipe.recv)
            if isinstance(asked, dict):
                world.secrets.update(asked)
            file.flush()
            pipe.send(world.accepted)
