"""What travels between the service and the processes of `zygote`, all over Unix sockets.

A call, to the zygote: how long the document may take, and with it the socket of the request. On that socket a request,
to the worker: a JSON object and the document's bytes. Back comes one answer: how it ended, and the worker's JSON.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

Json = dict[str, Any]

CALL = struct.Struct("!d")  # seconds on the wall clock
ANSWER = struct.Struct("!cI")  # one of the three ends, and how many bytes follow
ANSWERED, TIMED_OUT, CRASHED = b"a", b"t", b"c"

MAX_ANSWER_BYTES = 32 * 1024 * 1024
_MAX_REQUEST_BYTES = 1024 * 1024 * 1024  # the sender is trusted; the engine's own limits are far lower
_REQUEST = struct.Struct("!II")  # lengths of the JSON header and of the bytes that follow it


def send_request(connection: socket.socket, header: Json, data: bytes) -> None:
    """Raises OSError where the other side is gone."""
    head = json.dumps(header).encode()
    connection.sendall(_REQUEST.pack(len(head), len(data)) + head)
    connection.sendall(data)


def receive_request(connection: socket.socket) -> tuple[Json, bytes]:
    """Raises EOFError or OSError where the other side is gone, ValueError for a frame that is none of ours."""
    head, size = _REQUEST.unpack(receive(connection, _REQUEST.size))
    if head + size > _MAX_REQUEST_BYTES:
        raise ValueError("request too long")
    header = json.loads(receive(connection, head))
    if not isinstance(header, dict):
        raise ValueError("header is not an object")
    return header, receive(connection, size)


def receive(connection: socket.socket, size: int, deadline: float | None = None) -> bytes:
    """Exactly `size` bytes. Raises EOFError or OSError where the other side is gone, TimeoutError past `deadline`, a
    time of the monotonic clock, however slowly they trickle in."""
    buffer = bytearray(size)
    view, done = memoryview(buffer), 0
    while done < size:
        if deadline is not None:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
        count = connection.recv_into(view[done:])
        if count == 0:
            raise EOFError
        done += count
    return bytes(buffer)
