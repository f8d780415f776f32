"""Whether receivers that hang hold up other workspaces.

python -m tests.soak.webhook_fairness [--seconds 60]

On PostgreSQL, one deliverer. Ten workspaces get two events a second each; how long from commit to arrival, alone, then
beside an endpoint that never answers and has 5,000 events due, then beside a workspace with sixteen such endpoints.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.webhooks import write
from tests.soak.serving import environment_of, verdict
from tests.soak.webhook_receivers import Receivers, Temper, receiving
from tests.soak.webhook_world import delivering, migrated, open_workspaces, percentile, run, settings_of

OTHERS, HANGING = 10, 16
RATE = 20  # events a second, over all of the others
BACKLOG = 5000
SETTLED_S = 5  # for the deliverer to start, and to take what it may of the backlog
ENDPOINTS = """
import sys
from webhooks.models import WebhookEndpoint
ids = list(WebhookEndpoint.objects.filter(workspace=sys.argv[1]).order_by("id").values_list("id", flat=True))
WebhookEndpoint.objects.filter(id__in=ids[:int(sys.argv[2])]).update(enabled=True)
WebhookEndpoint.objects.filter(id__in=ids[int(sys.argv[2]):]).update(enabled=False)
"""


def waits(environment: dict[str, str], receivers: Receivers, others: list[str], seconds: int) -> list[float]:
    """Seconds from each commit to the arrival."""
    with delivering(environment, 1):
        time.sleep(SETTLED_S)
        committed = write(environment, others, RATE * seconds, rate=RATE)
        time.sleep(3)
    found = [one["at"] - committed[one["id"]] for one in receivers.requests() if one["id"] in committed]
    if len(found) < len(committed):
        raise SystemExit(f"{len(committed) - len(found)} events did not arrive")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.webhook_fairness")
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    tempers = [Temper()] * OTHERS + [Temper(hangs=1)] * HANGING
    log = Path(tempfile.mkdtemp(prefix="invorec-soak-")) / "log"
    with environment_of("production") as bare, receiving(tempers, log) as receivers:
        environment = settings_of(bare)
        migrated(environment)
        groups = [[number] for number in range(OTHERS)] + [list(range(OTHERS, OTHERS + HANGING))]
        *others, hanging = open_workspaces(environment, receivers, groups)
        run(environment, ENDPOINTS, hanging, "0")
        p95 = {"alone": _told("alone", waits(environment, receivers, others, seconds))}
        write(environment, [hanging], BACKLOG)  # to all sixteen, of which one and then all are enabled
        for count in (1, HANGING):
            run(environment, ENDPOINTS, hanging, str(count))
            name = f"beside {count} that hang"
            p95[name] = _told(name, waits(environment, receivers, others, seconds))
    alone = p95.pop("alone")
    return verdict(
        {f"{name}: p95 under 2 s": value < 2 for name, value in p95.items()}
        | {
            f"{name}: p95 {value / alone:.2f} of that alone, under 1.5": value < 1.5 * alone
            for name, value in p95.items()
        }
    )


def _told(name: str, found: list[float]) -> float:
    p95 = percentile(found, 0.95)
    print(f"{name:20} {len(found)} deliveries, median {statistics.median(found):.3f} s, p95 {p95:.3f} s", flush=True)
    return p95


if __name__ == "__main__":
    sys.exit(main())
