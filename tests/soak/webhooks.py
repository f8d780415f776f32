"""Events to twenty receivers that often fail, while everything beneath is killed or restarted.

python -m tests.soak.webhooks [--events 10000] [--processes 2]
python -m tests.soak.webhooks --flush

On a private PostgreSQL and Redis. 30 % of requests are answered with 500, 5 % reset, 2 % never answered. A deliverer is
killed every 30 s; Redis is flushed once and restarted once, PostgreSQL restarted once. Two processes write, by the real
services, to the same invoices, and roll back now and then. The receivers' log and the table of events are the judges.

With `--flush`: a thousand deliveries are due, Redis loses everything, and all must arrive within 90 s.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.soak.serving import environment_of, verdict
from tests.soak.webhook_receivers import Receivers, Temper, receiving
from tests.soak.webhook_world import Deliverers, delivering, migrated, open_workspaces, run, settings_of, wait_for

ROOT = Path(__file__).resolve().parents[2]
RECEIVERS, WORKSPACES, WRITERS = 20, 10, 2
BAD = Temper(fails=0.30, resets=0.05, hangs=0.02)
SCHEDULE = ",".join(["1", "2", "3", "4"] + ["5"] * 26)  # so long that nothing runs out: 0.37 ** 31
KILL_EVERY_S = 30
MOST_S = 1500
WRITE = """
import json, random, sys, time
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from billing.models import Workspace
from extraction.announce import announce_created
from extraction.changes import delete_invoice
from extraction.edits import edit_invoice
from extraction.models import Invoice
number, count, invoices = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance, done, undone = random.Random(number), 0, 0
workspaces = list(Workspace.objects.all())
class Undo(Exception):
    pass
def once(ids):
    close_old_connections()
    if len(ids) < invoices:
        with transaction.atomic():
            workspace = chance.choice(workspaces)
            invoice = Invoice(workspace=workspace, livemode=True, status="succeeded", file_name="x.pdf",
                file_sha256="0" * 64, file_size=1, content_type="application/pdf", page_count=1)
            invoice.save(force_insert=True)
            announce_created(invoice)
        return "made"
    invoice = Invoice.objects.filter(pk=chance.choice(ids)).first()
    if invoice is None:
        return "gone"
    with transaction.atomic():
        if chance.random() < 0.002:
            delete_invoice(invoice=invoice)
        else:
            edit_invoice(invoice=invoice, given={"notes": f"{number} {time.time_ns()}"}, actor="soak")
        if chance.random() < 0.02:
            raise Undo
    return "changed"
ids = []
while done < count:
    try:
        what = once(ids)
        done += what != "gone"
    except Undo:
        undone += 1
    except Invoice.DoesNotExist:
        what = "gone"
    except (OperationalError, InterfaceError):
        time.sleep(0.3)  # whether it was committed, the table of events knows
        continue
    if len(ids) < invoices or what == "gone":
        close_old_connections()
        try:
            ids = list(Invoice.objects.order_by("pk").values_list("pk", flat=True)[:invoices])
        except (OperationalError, InterfaceError):
            pass
print(json.dumps({"done": done, "undone": undone}))
"""
TRUTH = """
import json
from webhooks.models import Attempt, Delivery, Event
from django.db.models import Count
print(json.dumps({
    "events": list(Event.objects.order_by("id").values_list("id", "subject", "workspace_id")),
    "statuses": dict(Delivery.objects.values_list("status").annotate(n=Count("id"))),
    "deliveries": Delivery.objects.count(),
    "attempts": dict(Attempt.objects.values_list("error").annotate(n=Count("id"))),
}))
"""


def judge(
    requests: Iterable[dict[str, Any]], events: list[tuple[str, str, str]], at: dict[str, list[int]]
) -> Counter[str]:
    """What the receivers' log says: `events` as (id, subject, workspace) in order of ids, `at` the receivers of each
    workspace. Counts of lost, doubled, changed, unknown, unsigned and overtaking events, and the most that hung."""
    found: Counter[str] = Counter(dict.fromkeys(("lost", "doubled", "changed", "unknown", "unsigned", "overtaking"), 0))
    before: dict[str, list[str]] = defaultdict(list)  # of each event, the earlier ones of its subject
    last: dict[str, str] = {}
    for event, subject, _ in events:
        if subject:
            before[event] = [last[subject]] if subject in last else []
            last[subject] = event
    known, texts = {event for event, _, _ in events}, {}
    accepted: Counter[tuple[int, str]] = Counter()
    for request in requests:
        event, receiver = request["id"], request["receiver"]
        found["requests"] += 1
        found["unknown"] += event not in known
        found["unsigned"] += not request["signed"]
        found["changed"] += texts.setdefault(event, request["sha256"]) != request["sha256"]
        found["overtaking"] += any(not accepted[receiver, earlier] for earlier in before[event])
        found["most hanging"] = max(found["most hanging"], request["hanging"])
        accepted[receiver, event] += request["answer"] == "200"
    expected = [(receiver, event) for event, _, workspace in events for receiver in at[workspace]]
    found["expected"] = len(expected)
    found["lost"] = sum(not accepted[each] for each in expected)
    found["doubled"] = sum(count - 1 for count in accepted.values() if count > 1)
    return found


def restart_postgres(url: str) -> None:
    """Stops it at once and starts it again, on the same data."""
    with psycopg.connect(url) as connection:
        data = Path(str(connection.execute("SHOW data_directory").fetchone()[0]))  # type: ignore[index]
    pid = int((data / "postmaster.pid").read_text().split()[0])
    _restart(
        pid, signal.SIGINT, lambda: psycopg.connect(url, connect_timeout=2).close(), (data / "postmaster.pid").exists
    )


def restart_redis(url: str) -> None:
    client = redis.Redis.from_url(url)
    _restart(int(client.info()["process_id"]), signal.SIGTERM, lambda: redis.Redis.from_url(url).ping(), lambda: False)


def _restart(pid: int, number: signal.Signals, works: Callable[[], object], still: Callable[[], bool]) -> None:
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    folder, owner = Path(f"/proc/{pid}/cwd").resolve(), Path(f"/proc/{pid}").stat().st_uid
    os.kill(pid, number)
    deadline = time.monotonic() + 30
    while still() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)  # a while without it
    if command[0].startswith("redis-server"):  # it renames itself: "redis-server 127.0.0.1:6379"
        command = ["redis-server", "--port", command[0].rsplit(":", 1)[1], "--bind", "127.0.0.1", "--save", ""]
    user = owner if os.getuid() == 0 and owner else None
    server = subprocess.Popen(command, cwd=folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(server.send_signal, number)
    while time.monotonic() < deadline:
        try:
            works()
            return
        except (psycopg.Error, redis.RedisError):
            time.sleep(0.1)
    raise SystemExit(f"{command[0]} did not come back")


def disturb(environment: dict[str, str], deliverers: Deliverers, seconds: float, done: set[str]) -> None:
    """Does what is to be done by so many seconds after the start."""
    while (deliverers.killed + 1) * KILL_EVERY_S < seconds:
        deliverers.kill(deliverers.killed % len(deliverers.processes))
    steps: dict[str, tuple[float, Callable[[], object]]] = {
        "Redis flushed": (20, lambda: redis.Redis.from_url(environment["REDIS_URL"]).flushall()),
        "Redis restarted": (40, lambda: restart_redis(environment["REDIS_URL"])),
        "PostgreSQL restarted": (65, lambda: restart_postgres(environment["DATABASE_URL"])),
    }
    for name, (when, step) in steps.items():
        if seconds > when and name not in done:
            print(f"  {seconds:4.0f} s  {name}", flush=True)
            step()
            done.add(name)


def soak(environment: dict[str, str], receivers: Receivers, *, events: int, processes: int) -> int:
    """The run and its verdict."""
    groups = [[2 * group, 2 * group + 1] for group in range(WORKSPACES)]
    workspaces = open_workspaces(environment, receivers, groups)
    code = f"import django; django.setup()\n{WRITE}"
    done: set[str] = set()
    started = time.monotonic()
    with delivering(environment, processes) as deliverers:
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(number), str(events // WRITERS), "400"],
                env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
            )
            for number in range(WRITERS)
        ]  # fmt: skip
        while any(writer.poll() is None for writer in writers) or len(done) < 3:
            disturb(environment, deliverers, time.monotonic() - started, done)
            time.sleep(0.5)
        wrote = [json.loads(writer.communicate()[0]) for writer in writers]
        print(f"  {time.monotonic() - started:4.0f} s  all is written: {wrote}", flush=True)
        count = len(json.loads(run(environment, TRUTH))["events"]) * 2
        pending = count
        while pending and time.monotonic() - started < MOST_S:
            disturb(environment, deliverers, time.monotonic() - started, done)
            time.sleep(2)
            pending = json.loads(run(environment, TRUTH))["statuses"].get("pending", 0)
        print(f"  {time.monotonic() - started:4.0f} s  pending: {pending}", flush=True)
        killed, died = deliverers.killed, deliverers.died()
    truth = json.loads(run(environment, TRUTH))
    found = judge(receivers.requests(), truth["events"], dict(zip(workspaces, groups, strict=True)))
    print(f"{len(truth['events'])} events, {killed} kills; attempts on record {truth['attempts']}; {dict(found)}")
    return verdict(
        {
            f"at least {events} events were written": len(truth["events"]) >= events,
            "each writer's changes have their events": len(truth["events"]) >= sum(one["done"] for one in wrote),
            "lost 0": found["lost"] == 0,
            "nothing pending, nothing failed": truth["statuses"] == {"succeeded": truth["deliveries"]},
            "order inversions 0": found["overtaking"] == 0,
            "the same bytes each time": found["changed"] == 0,
            "no event of an undone change": found["unknown"] == 0,
            "all signed": found["unsigned"] == 0,
            "killed, flushed, restarted": killed >= 3 and len(done) == 3,
            "no deliverer ended by itself": died == 0,
        }
    )


def flush(environment: dict[str, str], receivers: Receivers) -> int:
    """A thousand due, and Redis empty."""
    open_workspaces(environment, receivers, [[2 * group, 2 * group + 1] for group in range(WORKSPACES)])
    code = f"import django; django.setup()\n{WRITE}"
    subprocess.run([sys.executable, "-c", code, "0", "500", "400"], env=environment, cwd=ROOT, check=True)
    with delivering(environment, 1):
        redis.Redis.from_url(environment["REDIS_URL"]).flushall()
        started = time.monotonic()
        all_there = wait_for(receivers, 1000, most_s=90)
        print(f"1,000 deliveries, {receivers.accepted()} arrived after {time.monotonic() - started:.1f} s")
    return verdict({"all delivered within 90 s": all_there})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.webhooks")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--flush", action="store_true")
    chosen = parser.parse_args()
    log = Path(tempfile.mkdtemp(prefix="invorec-soak-")) / "log"
    temper = Temper() if chosen.flush else BAD
    with environment_of("production") as bare, receiving([temper] * RECEIVERS, log) as receivers:
        environment = settings_of(bare, INVOREC_WEBHOOK_SCHEDULE_S=SCHEDULE)
        migrated(environment)
        if chosen.flush:
            return flush(environment, receivers)
        return soak(environment, receivers, events=chosen.events, processes=chosen.processes)


if __name__ == "__main__":
    sys.exit(main())
