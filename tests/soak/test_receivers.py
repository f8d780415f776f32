"""The receivers of the heavy runs write down what came and what it got, and count what is under way."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from pathlib import Path

from tests.soak.webhook_fairness import most_at_once
from tests.soak.webhook_receivers import Temper, receiving
from tests.soak.webhook_world import wait_for
from webhooks.signing import headers, mint_secret

SECRET = mint_secret()


def request(event: str) -> bytes:
    body = f'{{"id":"{event}"}}'.encode()
    signed = {**headers(event_id=event, body=body, keys=[SECRET], at=1), "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
    return f"POST /in HTTP/1.1\r\n{head}\r\n".encode() + body


def test_receivers_count_what_is_under_way(tmp_path: Path):
    with (
        receiving([Temper(slow_s=0.2), Temper(hangs=1), Temper()], tmp_path / "log") as receivers,
        ExitStack() as stack,
    ):
        receivers.trust({0: SECRET, 1: SECRET, 2: mint_secret()})
        lines = [
            stack.enter_context(socket.create_connection(("127.0.0.1", receivers.ports[number])))
            for number in (0, 0, 1, 1, 2)
        ]
        for number, line in enumerate(lines):
            line.sendall(request(f"evt_{number}"))
        assert [lines[number].recv(99).partition(b"\r\n")[0] for number in (0, 1, 4)] == [b"HTTP/1.1 200 OK"] * 3
        assert wait_for(receivers, 3, most_s=5)
        found = {one["id"]: one for one in receivers.requests()}
    assert {event: one["answer"] for event, one in found.items()} == {
        "evt_0": "200", "evt_1": "200", "evt_2": "hang", "evt_3": "hang", "evt_4": "200"
    }  # fmt: skip
    assert sorted(found[event]["flying"] for event in ("evt_0", "evt_1")) == [1, 2]
    assert sorted(found[event]["flying"] for event in ("evt_2", "evt_3")) == [1, 2]
    assert [event for event, one in found.items() if not one["signed"]] == ["evt_4"]
    assert found["evt_2"]["answered"] is None
    assert all(one["arrived"] < one["answered"] for one in found.values() if one["answer"] == "200")


def test_a_client_that_went_has_no_answer(tmp_path: Path):
    with receiving([Temper(slow_s=0.5)], tmp_path / "log") as receivers:
        receivers.trust({0: SECRET})
        with socket.create_connection(("127.0.0.1", receivers.ports[0])) as line:
            line.sendall(request("evt_0"))
        deadline = time.monotonic() + 5
        while not receivers.requests() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [one["answer"] for one in receivers.requests()] == ["gone"]
        assert receivers.accepted() == 0


def test_hanging_at_once_is_counted_by_overlap():
    assert most_at_once([]) == 0
    assert most_at_once([0, 1, 2, 15.2, 16, 30.5], lasting_s=15) == 3
    assert most_at_once([0, 15, 30], lasting_s=15) == 1
