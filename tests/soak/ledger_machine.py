"""The machine of `tests.soak.ledger`, which gives it a database."""

from __future__ import annotations

import collections
import random
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import django

django.setup()

from django.db import close_old_connections, connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from hypothesis import HealthCheck, Phase, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from hypothesis.stateful import (  # noqa: E402
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from billing import credits, manual  # noqa: E402
from billing.audit import ledger_faults, snapshot  # noqa: E402
from billing.credits import InsufficientCredits, open_holds  # noqa: E402
from billing.models import CreditAccount  # noqa: E402
from billing.payments import PaymentRefused  # noqa: E402
from billing.services import open_workspace  # noqa: E402
from billing.tenant import Tenant  # noqa: E402
from extraction import jobs  # noqa: E402
from extraction.changes import InvoiceProcessing, delete_invoice, reprocess_invoice  # noqa: E402
from extraction.charges import OPEN, charge_faults  # noqa: E402
from extraction.models import ExtractionJob, Invoice  # noqa: E402
from tests.factories import looks_fine, make_extraction, make_invoice  # noqa: E402
from tests.soak.serving import verdict  # noqa: E402

THREADS = 8
WHO = {"actor": "soak", "reason": "soak"}
PLANS = ("free", "starter", "growth", "business")
REFUSED = (InsufficientCredits, InvoiceProcessing, Invoice.DoesNotExist, PaymentRefused)
ADDS_UP = """
SELECT a.subscription = sum(e.subscription) AND a.top_up = sum(e.top_up) AND a.reserved = sum(e.reserved)
   AND a.subscription >= 0 AND a.top_up >= 0 AND a.reserved >= 0 AND a.entry_count = count(*)
  FROM billing_creditaccount a JOIN billing_creditentry e ON e.account_id = a.workspace_id
 WHERE a.workspace_id = %s GROUP BY a.workspace_id
"""
seen: collections.Counter[str] = collections.Counter()
faults: list[str] = []
steps_wanted = 0
real_now = timezone.now
hand = {"offset": timedelta(0)}


def now() -> datetime:
    """A clock that jumps."""
    return real_now() + hand["offset"]


class World:
    """Two workspaces, what was uploaded to them, and everything that can happen to them."""

    def __init__(self) -> None:
        hand["offset"] = timedelta(0)
        self.name = f"{time.monotonic_ns()}"
        self.tenants = [Tenant(open_workspace(name=f"{self.name} {plan}", plan=plan), True) for plan in PLANS[:2]]
        self.invoices: list[str] = []

    def upload(self, a: int, b: int) -> None:
        pages = 1 if a % 2 == 0 else b % 4 + 1  # the Free plan takes single pages
        self.invoices.append(make_invoice(self.tenants[a % 2], inspect=looks_fine(page_count=pages)).pk)

    def succeed(self, a: int, b: int) -> None:
        if claimed := jobs.claim(worker="soak", now=now()):
            jobs.finish(claimed, make_extraction())

    def fail(self, a: int, b: int) -> None:
        if claimed := jobs.claim(worker="soak", now=now()):
            jobs.fail(claimed, code="no_text_found", message="No text.")

    def die(self, a: int, b: int) -> None:
        jobs.claim(worker="soak", now=now())  # and is never heard of again

    def recover(self, a: int, b: int) -> None:
        jobs.sweep(now=now() + timedelta(minutes=4))

    def late(self, a: int, b: int) -> None:
        """A worker that lost its lease settles after all."""
        if claimed := jobs.claim(worker="soak", now=now()):
            jobs.sweep(now=now() + timedelta(minutes=4))
            jobs.finish(claimed, make_extraction())

    def delete(self, a: int, b: int) -> None:
        if self.invoices:
            delete_invoice(invoice=Invoice(pk=self.invoices[a % len(self.invoices)]))

    def reprocess(self, a: int, b: int) -> None:
        if self.invoices:
            reprocess_invoice(invoice=Invoice.objects.get(pk=self.invoices[a % len(self.invoices)]), actor="soak")

    def reset(self, a: int, b: int) -> None:
        credits.renew_accounts(now=now())

    def top_up(self, a: int, b: int) -> None:
        fact = f"{self.name} t{b % 6}"
        manual.top_up(workspace=self.tenants[a % 2].workspace, credits=b % 6 + 1, reference=fact, **WHO)

    def adjust(self, a: int, b: int) -> None:
        manual.adjust(workspace=self.tenants[a % 2].workspace, subscription=-(b % 9) - 1, **WHO)

    def change_plan(self, a: int, b: int) -> None:
        manual.change_plan(
            workspace=self.tenants[a % 2].workspace,
            plan=PLANS[b % 4],
            interval="year" if b % 5 == 0 else "month",
            reference=f"{self.name} p{a % 2} {b % 40}",
            happened_at=now() - timedelta(days=b % 30),
            **WHO,
        )

    def jump(self, a: int, b: int) -> None:
        hand["offset"] += timedelta(hours=(a * b) % 900 - 100)

    def adds_up(self) -> bool:
        """One statement for each account: one moment."""
        with connection.cursor() as cursor:
            for tenant in self.tenants:
                cursor.execute(ADDS_UP, [tenant.workspace.pk])
                if cursor.fetchone() != (True,):
                    return False
        return True

    def settle(self) -> None:
        """Nobody does anything any more but to end what was begun."""
        far = now() + timedelta(days=1000)
        while ExtractionJob.objects.filter(status__in=OPEN, invoice__workspace__name__startswith=self.name).exists():
            jobs.sweep(now=far)
            if claimed := jobs.claim(worker="soak", now=far):
                jobs.finish(claimed, make_extraction())


# uploads and readings as often as all others together, so that there is something for them to be done to
OPERATIONS = ["upload"] * 6 + ["succeed"] * 4 + ["fail", "fail", "die", "recover", "late", "delete", "delete"]
OPERATIONS += ["reprocess", "reprocess", "reset", "top_up", "adjust", "change_plan", "jump"]


class Ledger(RuleBasedStateMachine):
    """Each rule is eight operations at one moment, one a thread; the ledger is looked at after every single one."""

    @initialize()
    def open(self) -> None:
        self.world = World()

    @rule(
        operations=st.lists(
            st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 999), st.integers(0, 999)),
            min_size=THREADS,
            max_size=THREADS,
        )
    )
    def at_once(self, operations: list[tuple[str, int, int]]) -> None:
        barrier = threading.Barrier(THREADS)
        list(pool.map(lambda one: self.step(barrier, *one), operations))

    def step(self, barrier: threading.Barrier, name: str, a: int, b: int) -> None:
        barrier.wait()
        operation: Callable[[int, int], Any] = getattr(self.world, name)
        try:
            operation(a, b)
            seen[name] += 1
        except REFUSED as refusal:
            seen[f"{name}: {type(refusal).__name__}"] += 1
        except Exception as error:
            faults.append(f"{name}({a}, {b}): {error!r}")
        close_old_connections()
        if not self.world.adds_up():
            faults.append(f"after {name}({a}, {b}): the ledger does not add up")

    @invariant()
    def nothing_went_wrong(self) -> None:
        assert not faults, faults[0]

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        accounts = CreditAccount.objects.filter(pk__in=[tenant.workspace.pk for tenant in self.world.tenants])
        with snapshot():
            faults.extend(ledger_faults(accounts))
        if open_holds().filter(account__in=accounts).exists() or any(account.reserved for account in accounts):
            faults.append("idle, and something is held")
        seen["worlds"] += 1
        print(f"\r{steps()} steps, {len(faults)} faults", end="", flush=True)


def steps() -> int:
    """How many operations were carried out or refused."""
    return sum(number for name, number in seen.items() if name != "worlds")


def main(wanted: int) -> int:
    """Worlds until there were so many steps; the exit code."""
    began = time.monotonic()
    options = settings(
        max_examples=10, stateful_step_count=40, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    while steps() < wanted and not faults:
        run_state_machine_as_test(seed(random.randrange(2**32))(Ledger), settings=options)
    with snapshot():
        left = [*ledger_faults(), *charge_faults()]
    print(f"\n{dict(sorted(seen.items()))}\n{time.monotonic() - began:.0f} s")
    for fault in [*faults, *left][:20]:
        print(fault)
    return verdict(
        {
            f"{steps()} steps of {THREADS} threads, the sum of entries the balance after each": not faults,
            "0 holds left when idle, every invoice paid once or not at all": not left,
            "at least as many steps as asked for": steps() >= wanted,
        }
    )


if __name__ == "__main__":
    with ThreadPoolExecutor(THREADS) as pool, mock.patch("django.utils.timezone.now", now):
        sys.exit(main(int(sys.argv[1])))
