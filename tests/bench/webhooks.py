"""Deliveries a second, beside a bare loop that signs and posts the same bodies to the same receivers.

python -m tests.bench.webhooks [--events 1000] [--rounds 3]

Healthy receivers, PostgreSQL. First what the receivers can take. Then each round times one process on a backlog, the
loop before and after it, and two and four processes; at the end one process at a steady rate from commit to arrival.
CPU milliseconds a delivery say what limits.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.soak.serving import environment_of
from tests.soak.webhook_receivers import Receivers, Temper, receiving
from tests.soak.webhook_world import (
    cpu_note,
    delivering,
    migrated,
    open_workspaces,
    percentile,
    run,
    settings_of,
    wait_for,
)
from webhooks.signing import headers, mint_secret

GROUPS = [[4 * group + one for one in range(4)] for group in range(5)]  # five workspaces of four endpoints
PROCESSES = (1, 2, 4)
START_S = 5
RATE, STEADY_S = 20, 20  # events a second: each goes to four endpoints
WRITE = """
import json, sys, time
from django.db import transaction
from billing.models import Workspace
from webhooks.events import record_event
workspaces, count, rate = json.loads(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
data, started = {"object": "invoice", "lines": ["x" * 100] * 20}, time.monotonic()
found = []
for number in range(count):
    if rate:
        time.sleep(max(0, started + number / rate - time.monotonic()))
    subject = f"inv_{number}"
    with transaction.atomic():
        event = record_event(
            workspace=workspaces[number % len(workspaces)], livemode=True, type="invoice.updated", subject=subject,
            data=data | {"id": subject},
        )
    found.append([event.pk, time.time()])
print(json.dumps(found))
"""


ENABLE = """
import sys, time
from webhooks.models import WebhookEndpoint
print(time.time())
WebhookEndpoint.objects.update(enabled=bool(sys.argv[1]))
"""


class Backlog(NamedTuple):
    """How a backlog was delivered: deliveries a second and the p95 of arrivals, both from the moment when it was let
    go, and the CPU milliseconds of the deliverers for each delivery."""

    rate: float
    p95_s: float
    cpu_ms: float


def write(environment: dict[str, str], workspaces: list[str], count: int, *, rate: float = 0) -> dict[str, float]:
    """Record so many events; when each was committed."""
    return dict(json.loads(run(environment, WRITE, json.dumps(workspaces), str(count), str(rate))))


def bare_loop(receivers: Receivers, count: int) -> float:
    """Posts a second of a plain client."""
    body, secret = _body(), mint_secret()
    started = time.perf_counter()
    with httpx.Client(trust_env=False) as client:
        for number in range(count):
            sent = _signed(body, secret)
            client.post(receivers.url(number % len(receivers.ports)), content=body, headers=sent).raise_for_status()
    return count / (time.perf_counter() - started)


def ceiling(receivers: Receivers, count: int) -> float:
    """Requests a second that the receivers take from a sender that does next to nothing."""
    body = _body()
    head = "".join(f"{name}: {value}\r\n" for name, value in _signed(body, mint_secret()).items())
    request = f"POST /in HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for port in receivers.ports]
        started = time.perf_counter()
        for _ in range(count // len(lines)):
            for line in lines:
                line.sendall(request)
            for line in lines:
                assert line.recv(4096).startswith(b"HTTP/1.1 200")
        return count // len(lines) * len(lines) / (time.perf_counter() - started)


def backlog(
    environment: dict[str, str], receivers: Receivers, workspaces: list[str], count: int, processes: int
) -> Backlog:
    """So many events wait at endpoints that are disabled, so many processes idle; then all are enabled at once."""
    before, expected = receivers.accepted(), count * len(GROUPS[0])
    run(environment, ENABLE, "")
    write(environment, workspaces, count)
    with delivering(environment, processes) as deliverers:
        time.sleep(START_S)
        pids = [process.pid for process in deliverers.processes]
        idle_s = sum(map(cpu_seconds, pids))
        enabled = float(run(environment, ENABLE, "on"))
        if not wait_for(receivers, before + expected, most_s=300):
            raise SystemExit("not everything was delivered")
        cpu_s = sum(map(cpu_seconds, pids)) - idle_s
    waits = [at - enabled for at in (one["at"] for one in receivers.requests()) if at > enabled]
    return Backlog(expected / max(waits), percentile(waits, 0.95), cpu_s * 1000 / expected)


def steady(environment: dict[str, str], receivers: Receivers, workspaces: list[str]) -> list[float]:
    """Seconds from commit to arrival with one process that keeps up."""
    with delivering(environment, 1):
        time.sleep(START_S)
        committed = write(environment, workspaces, RATE * STEADY_S, rate=RATE)
        time.sleep(2)
    waits = [one["at"] - committed[one["id"]] for one in receivers.requests() if one["id"] in committed]
    assert len(waits) == len(committed) * len(GROUPS[0]), "not everything was delivered"
    return waits


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _body() -> bytes:
    data = {"object": "invoice", "lines": ["x" * 100] * 20, "id": "inv_1"}
    event = {"id": "evt_0", "object": "event", "type": "invoice.updated", "created": 1, "livemode": True, "data": data}
    return json.dumps(event).encode()


def _signed(body: bytes, secret: str) -> dict[str, str]:
    signed = headers(event_id="evt_0", body=body, keys=[secret], at=int(time.time()))
    return {"Content-Type": "application/json", **signed}


def compare(
    environment: dict[str, str], receivers: Receivers, workspaces: list[str], *, events: int, rounds: int
) -> None:
    """Rounds of the loop and of the deliverers, side by side."""
    ratios = []
    for number in range(rounds):
        before = bare_loop(receivers, 2 * events)
        ours = {1: backlog(environment, receivers, workspaces, events, 1)}
        bare = statistics.mean([before, bare_loop(receivers, 2 * events)])
        for count in PROCESSES[1:] if number % 2 == 0 else PROCESSES[:0:-1]:
            ours[count] = backlog(environment, receivers, workspaces, events, count)
        ratios.append(ours[1].rate / bare)
        said = "; ".join(
            f"{count}: {ours[count].rate:.0f}/s, p95 {ours[count].p95_s:.1f} s, {ours[count].cpu_ms:.1f} ms CPU each"
            for count in PROCESSES
        )
        print(f"round {number + 1}: bare loop {bare:.0f}/s; processes {said}; ratio of one {ratios[-1]:.2f}")
        sys.stdout.flush()
    print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.webhooks")
    parser.add_argument("--events", type=int, default=1000, help="each goes to four endpoints")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    log = Path(tempfile.mkdtemp(prefix="invorec-bench-")) / "log"
    with environment_of("production") as environment, receiving([Temper()] * 20, log) as receivers:
        own = settings_of(environment)
        migrated(own)
        workspaces = open_workspaces(own, receivers, GROUPS)
        print(f"{cpu_note()}; the receivers take {ceiling(receivers, 10_000):.0f}/s", flush=True)
        compare(own, receivers, workspaces, events=chosen.events, rounds=chosen.rounds)
        waits = steady(own, receivers, workspaces)
        print(
            f"steady, {RATE} events and {RATE * 4} deliveries a second: commit to arrival median "
            f"{statistics.median(waits):.3f} s, p95 {percentile(waits, 0.95):.3f} s ({len(waits)} deliveries)"
        )
        everything = receivers.requests()
        assert all(one["signed"] for one in everything if one["id"] != "evt_0"), "a signature was wrong"
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
