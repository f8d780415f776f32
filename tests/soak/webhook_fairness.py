"""Whether receivers that hang hold up other workspaces.

python -m tests.soak.webhook_fairness [--seconds 60] [--crowd]

On PostgreSQL, one deliverer. Ten workspaces get two events a second each; how long from commit to arrival, alone, then
beside an endpoint that never answers and has 5,000 events due, then beside a workspace with sixteen such endpoints,
then alone once more. With `--crowd` beside sixteen such workspaces too, who would fill every slot of the process: told
while it is not yet known of them that they hang, and judged from then on.
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
CROWD, EACH = 15, 4  # further workspaces that hang, of so many endpoints: sixteen attempts at once each
RATE = 20  # events a second, over all of the others
BACKLOG, CROWD_BACKLOG = 5000, 100
SETTLED_S = 5  # for the deliverer to start, and to take what it may of the backlog
ENABLE = """
import json, sys
from webhooks.models import WebhookEndpoint
for workspace, count in json.loads(sys.argv[1]).items():
    ids = WebhookEndpoint.objects.filter(workspace=workspace).order_by("id").values_list("id", flat=True)
    chosen = list(ids[:count])
    WebhookEndpoint.objects.filter(workspace=workspace).exclude(id__in=chosen).update(enabled=False)
    WebhookEndpoint.objects.filter(id__in=chosen).update(enabled=True, disabled_reason="")
"""
DUE = """
import sys
from webhooks.models import Delivery
print(Delivery.objects.filter(endpoint__workspace=sys.argv[1], endpoint__enabled=True, status="pending").count())
"""


class Fairness:
    """Workspaces that are served well, and such whose receivers hang."""

    def __init__(self, environment: dict[str, str], receivers: Receivers, seconds: int) -> None:
        self.environment, self.receivers, self.seconds = environment, receivers, seconds
        numbers = iter(range(len(receivers.ports)))
        sizes = [1] * OTHERS + [HANGING] + [EACH] * CROWD
        made = open_workspaces(environment, receivers, [[next(numbers) for _ in range(size)] for size in sizes])
        self.others, self.hanging, self.crowd = made[:OTHERS], made[OTHERS], made[OTHERS + 1 :]
        self.enable(0)

    def enable(self, hanging: int, crowd: int = 0) -> None:
        """So many endpoints of the first workspace that hangs, and of each of the others that do."""
        counts = {self.hanging: hanging, **dict.fromkeys(self.crowd, crowd)}
        run(self.environment, ENABLE, str(counts).replace("'", '"'))

    def waits(self, name: str) -> tuple[list[float], int]:
        """Seconds from each commit to its arrival, and how many requests hung at once."""
        before = len(self.receivers.requests())
        with delivering(self.environment, 1):
            time.sleep(SETTLED_S)
            committed = write(self.environment, self.others, RATE * self.seconds, rate=RATE)
            time.sleep(3)
            deadline = time.monotonic() + 60
            while len(found := self._found(committed)) < len(committed) and time.monotonic() < deadline:
                time.sleep(1)
        if len(found) < len(committed):
            raise SystemExit(f"{len(committed) - len(found)} events did not arrive")
        new = self.receivers.requests()[before:]
        hung = most_at_once([one["at"] for one in new if one["answer"] == "hang"])
        p95 = percentile(found, 0.95)
        median = statistics.median(found)
        print(f"{name:30} {len(found)} deliveries, median {median:.3f} s, p95 {p95:.3f} s; {hung} hung at once")
        sys.stdout.flush()
        return found, hung

    def _found(self, committed: dict[str, float]) -> list[float]:
        return [one["at"] - committed[one["id"]] for one in self.receivers.requests() if one["id"] in committed]


def measured(fairness: Fairness, *, crowd: bool) -> dict[str, bool]:
    """Run after run, and what must hold."""
    alone, _ = fairness.waits("alone")
    write(fairness.environment, [fairness.hanging], BACKLOG)  # to all sixteen, of which one and then all are enabled
    beside: dict[str, list[float]] = {}
    claims = {}
    for count, most in ((1, 4), (HANGING, 16)):
        fairness.enable(count)
        due = int(run(fairness.environment, DUE, fairness.hanging))
        name = f"beside {count} that hang"
        beside[name], hung = fairness.waits(name)
        claims[f"{name}: {due} were due, {hung} hung at once"] = due > 0.9 * count * BACKLOG and hung == most
    fairness.enable(0)
    alone += fairness.waits("alone")[0]
    if crowd:
        write(fairness.environment, fairness.crowd, CROWD_BACKLOG * CROWD)
        fairness.enable(HANGING, EACH)
        fairness.waits(f"{CROWD + 1} workspaces begin to hang")
        name = f"beside {CROWD + 1} such workspaces"
        beside[name], hung = fairness.waits(name)
        claims[f"{name}: {hung} hung at once"] = hung > 100
    base = percentile(alone, 0.95)
    for name, found in beside.items():
        p95 = percentile(found, 0.95)
        claims[f"{name}: p95 under 2 s"] = p95 < 2
        claims[f"{name}: p95 {p95 / base:.2f} of that alone, under 1.5"] = p95 < 1.5 * base
    return claims


def most_at_once(began: list[float], lasting_s: float = 14.5) -> int:
    """How many of what began then, each lasting so long, overlapped."""
    ordered = sorted(began)
    return max((sum(at - lasting_s < other <= at for other in ordered) for at in ordered), default=0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.webhook_fairness")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--crowd", action="store_true")
    chosen = parser.parse_args()
    tempers = [Temper()] * OTHERS + [Temper(hangs=1)] * (HANGING + CROWD * EACH)
    log = Path(tempfile.mkdtemp(prefix="invorec-soak-")) / "log"
    with environment_of("production") as bare, receiving(tempers, log) as receivers:
        environment = settings_of(bare)
        migrated(environment)
        return verdict(measured(Fairness(environment, receivers, chosen.seconds), crowd=chosen.crowd))


if __name__ == "__main__":
    sys.exit(main())
