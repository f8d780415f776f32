"""Deliveries a second, beside a bare loop that signs and posts the same bodies to the same receivers.

python -m tests.bench.webhooks [--events 4000] [--rounds 3]

Healthy receivers, PostgreSQL. Each round times the loop, then one, two and four processes on a backlog, and at the end
one process at a steady rate from commit to arrival.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

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


def write(environment: dict[str, str], workspaces: list[str], count: int, *, rate: float = 0) -> dict[str, float]:
    """Record so many events; when each was committed."""
    return dict(json.loads(run(environment, WRITE, json.dumps(workspaces), str(count), str(rate))))


def bare_loop(receivers: Receivers, count: int) -> float:
    """Posts a second of a plain client."""
    secret, data = mint_secret(), {"object": "invoice", "lines": ["x" * 100] * 20, "id": "inv_1"}
    event = {"id": "evt_0", "object": "event", "type": "invoice.updated", "created": 1, "livemode": True, "data": data}
    body = json.dumps(event).encode()
    started = time.perf_counter()
    with httpx.Client(trust_env=False) as client:
        for number in range(count):
            signed = headers(event_id="evt_0", body=body, keys=[secret], at=int(time.time()))
            sent = {"Content-Type": "application/json", **signed}
            client.post(receivers.url(number % len(receivers.ports)), content=body, headers=sent).raise_for_status()
    return count / (time.perf_counter() - started)


def backlog(
    environment: dict[str, str], receivers: Receivers, workspaces: list[str], count: int, processes: int
) -> float:
    """Deliveries a second of so many processes, from the first arrival to the last."""
    before, expected = receivers.accepted(), count * len(GROUPS[0])
    write(environment, workspaces, count)
    with delivering(environment, processes):
        if not wait_for(receivers, before + expected, most_s=300):
            raise SystemExit("not everything was delivered")
    times = [one["at"] for one in receivers.requests() if one["answer"] == "200"][before:]
    return expected / (max(times) - min(times))


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
        print(cpu_note())
        ratios = []
        for number in range(chosen.rounds):
            bare = bare_loop(receivers, 4 * chosen.events)
            ours = {count: backlog(own, receivers, workspaces, chosen.events, count) for count in (1, 2, 4)}
            ratios.append(ours[1] / bare)
            said = ", ".join(f"{count}: {rate:.0f}/s" for count, rate in ours.items())
            print(
                f"round {number + 1}: bare loop {bare:.0f}/s; processes {said}; ratio of one {ratios[-1]:.2f}",
                flush=True,
            )
        print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        with delivering(own, 1):
            time.sleep(4)
            committed = write(own, workspaces, RATE * STEADY_S, rate=RATE)
            time.sleep(2)
        waits = [one["at"] - committed[one["id"]] for one in receivers.requests() if one["id"] in committed]
        print(
            f"steady, {RATE} events and {RATE * 4} deliveries a second: commit to arrival median "
            f"{statistics.median(waits):.3f} s, p95 {percentile(waits, 0.95):.3f} s ({len(waits)} deliveries)"
        )
        everything = receivers.requests()
        assert all(one["signed"] for one in everything if one["id"] != "evt_0"), "a signature was wrong"
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
