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
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from tests.soak.restarts import Restarts, restarting
from tests.soak.serving import environment_of, verdict
from tests.soak.webhook_judge import judge, untold
from tests.soak.webhook_receivers import Receivers, Temper, receiving
from tests.soak.webhook_world import Deliverers, delivering, migrated, open_workspaces, run, settings_of, wait_for

ROOT = Path(__file__).resolve().parents[2]
RECEIVERS, WORKSPACES, WRITERS, INVOICES = 20, 10, 2, 400
BAD = Temper(fails=0.30, resets=0.05, hangs=0.02, slow_s=0.1)
MOST_AT_ONCE = 4  # to an endpoint, by the contract
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
            invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)  # so that each change counts one up
            edit_invoice(invoice=invoice, given={"notes": str(int(invoice.notes or 0) + 1)}, actor="soak")
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
PENDING = """
from webhooks.models import Delivery
print(Delivery.objects.filter(status="pending").count())
"""
TRUTH = """
import json
from extraction.models import Invoice
from webhooks.models import Attempt, Delivery, Event
from django.db.models import Count
events = list(Event.objects.order_by("id"))
print(json.dumps({
    "events": [(one.id, one.subject, one.workspace_id) for one in events],
    "told": [(one.subject, one.type, int(json.loads(one.body)["data"]["notes"] or 0)) for one in events],
    "stands": {pk: int(notes or 0) for pk, notes in Invoice.objects.values_list("pk", "notes")},
    "statuses": dict(Delivery.objects.values_list("status").annotate(n=Count("id"))),
    "deliveries": Delivery.objects.count(),
    "attempts": dict(Attempt.objects.values_list("error").annotate(n=Count("id"))),
}))
"""


class Trouble:
    """Does what is to be done by so many seconds after the start."""

    def __init__(self, environment: dict[str, str], deliverers: Deliverers, restarts: Restarts) -> None:
        self.deliverers, self.started = deliverers, time.monotonic()
        cache, database = environment["REDIS_URL"], environment["DATABASE_URL"]
        self.steps: list[tuple[float, str, Callable[[], object]]] = [
            (20, "Redis flushed", lambda: redis.Redis.from_url(cache).flushall()),
            (40, "Redis restarted", lambda: restarts.redis(cache)),
            (65, "PostgreSQL restarted", lambda: restarts.postgres(database)),
        ]

    def make(self) -> None:
        """What is due by now."""
        seconds = self.told("")
        while (self.deliverers.killed + 1) * KILL_EVERY_S < seconds:
            self.deliverers.kill(self.deliverers.killed % len(self.deliverers.processes))
        while self.steps and seconds > self.steps[0][0]:
            _, name, step = self.steps.pop(0)
            self.told(name)
            step()

    def told(self, what: str) -> float:
        """Seconds since the start, printed beside what happens."""
        seconds = time.monotonic() - self.started
        if what:
            print(f"  {seconds:4.0f} s  {what}", flush=True)
        return seconds


@contextmanager
def writing(environment: dict[str, str], events: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that change invoices until there are so many events; none outlives the run."""
    command = [sys.executable, "-c", f"import django; django.setup()\n{WRITE}"]
    writers = [
        subprocess.Popen(
            [*command, str(number), str(events // WRITERS), str(INVOICES)],
            env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for number in range(WRITERS)
    ]  # fmt: skip
    try:
        yield writers
    finally:
        for writer in writers:
            writer.kill()


def soak(environment: dict[str, str], receivers: Receivers, *, events: int, processes: int) -> int:
    """The run and its verdict."""
    groups = [[2 * group, 2 * group + 1] for group in range(WORKSPACES)]
    workspaces = open_workspaces(environment, receivers, groups)
    with restarting() as restarts, delivering(environment, processes) as deliverers:
        trouble = Trouble(environment, deliverers, restarts)
        with writing(environment, events) as writers:
            while any(writer.poll() is None for writer in writers) or trouble.steps:
                trouble.make()
                time.sleep(0.5)
            wrote = [json.loads(writer.communicate()[0]) for writer in writers]
        trouble.told(f"all is written: {wrote}")
        pending = 1
        while pending and trouble.told("") < MOST_S:
            trouble.make()
            time.sleep(2)
            pending = int(run(environment, PENDING))
        trouble.told(f"pending: {pending}")
        died = deliverers.died()
        truth = json.loads(run(environment, TRUTH))
    found = judge(receivers.requests(), truth["events"], dict(zip(workspaces, groups, strict=True)))
    print(f"{len(truth['events'])} events, {deliverers.killed} kills, on record {truth['attempts']}; {dict(found)}")
    return verdict(
        claims(found, truth, at_least=events)
        | {
            "each writer's changes have their events": len(truth["events"]) >= sum(one["done"] for one in wrote),
            "changes were undone": all(one["undone"] for one in wrote),
            "killed, flushed, restarted": deliverers.killed >= 3 and not trouble.steps,
            "no deliverer ended by itself": died == 0,
        }
    )


def claims(found: Counter[str], truth: dict[str, Any], *, at_least: int) -> dict[str, bool]:
    """What must hold of the receivers' log and the tables."""
    return {
        f"at least {at_least} events were written": len(truth["events"]) >= at_least,
        "events tell every change, in its order": not untold(truth["told"], truth["stands"]),
        "lost 0": found["lost"] == 0,
        "nothing pending, nothing failed": truth["statuses"] == {"succeeded": truth["deliveries"]},
        "order inversions 0": found["overtaking"] == found["accepted out of order"] == 0,
        "the same bytes each time": found["changed"] == 0,
        "no event of an undone change": found["unknown"] == 0,
        "all signed": found["unsigned"] == 0,
        "doubled only what was interrupted": found["doubled"] <= truth["attempts"].get("interrupted", 0),
        f"at most {MOST_AT_ONCE} at once, and that many at times": found["most at once"] == MOST_AT_ONCE,
    }


def flush(environment: dict[str, str], receivers: Receivers) -> int:
    """A thousand due, and Redis empty."""
    open_workspaces(environment, receivers, [[2 * group, 2 * group + 1] for group in range(WORKSPACES)])
    run(environment, WRITE, "0", "500", str(INVOICES))
    due = int(run(environment, PENDING))
    with delivering(environment, 1):
        redis.Redis.from_url(environment["REDIS_URL"]).flushall()
        started = time.monotonic()
        all_there = wait_for(receivers, 1000, most_s=90)
        print(f"{due} deliveries due, {receivers.accepted()} arrived after {time.monotonic() - started:.1f} s")
    return verdict({"1,000 were due": due == 1000, "all delivered within 90 s": all_there})


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
