"""The points of `tests.soak.ledger_kills`, which gives this program a database. Each victim is a fork that carries out
one step of the service and kills itself where it is told to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, NoReturn

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.utils import timezone  # noqa: E402

import extraction.changes  # noqa: E402
import extraction.services  # noqa: E402
from billing.audit import ledger_faults, snapshot  # noqa: E402
from billing.credits import open_holds  # noqa: E402
from billing.models import CreditAccount, CreditEntry  # noqa: E402
from billing.services import open_workspace  # noqa: E402
from billing.tenant import Tenant  # noqa: E402
from extraction import jobs  # noqa: E402
from extraction.changes import delete_invoice  # noqa: E402
from extraction.charges import OPEN, charge_faults  # noqa: E402
from extraction.engine.errors import NoTextFound  # noqa: E402
from extraction.models import ExtractionJob, Invoice  # noqa: E402
from extraction.worker import work_once  # noqa: E402
from tests.factories import looks_fine, make_extraction, make_invoice  # noqa: E402
from tests.soak.serving import verdict  # noqa: E402

PAGES = 3


@dataclass(frozen=True)
class Point:
    """Where a victim dies: before or after the `nth` call of `what` while it does `scene`; and how many invoices of
    the one that the scene is about there are once the service has recovered."""

    scene: str
    name: str
    where: Any
    what: str
    when: str = "after"
    nth: int = 1
    survive: int = 1


POINTS = [
    Point("upload", "the invoice's row is written", Invoice, "save", survive=0),
    Point("upload", "the job's row is written", ExtractionJob, "save", survive=0),
    Point("upload", "the account was moved", CreditAccount, "save", survive=0),
    Point("upload", "the hold is entered", CreditEntry, "save", survive=0),
    Point("upload", "the event is recorded", extraction.services, "announce_created", survive=0),
    Point("upload", "before the commit", BaseDatabaseWrapper, "commit", "before", survive=0),
    Point("upload", "after the commit", BaseDatabaseWrapper, "commit"),
    Point("upload", "before a worker is woken", extraction.changes, "wake_job", "before"),
    Point("read", "claimed", jobs, "claim"),
    Point("read", "in the engine", sys.modules[__name__], "read_well", "before"),
    Point("read", "the job is settled", jobs, "_settle"),
    Point("read", "the account was moved", CreditAccount, "save"),
    Point("read", "the capture is entered", CreditEntry, "save"),
    Point("read", "the event is recorded", jobs, "announce"),
    Point("read", "before the commit", BaseDatabaseWrapper, "commit", "before", nth=2),
    Point("read", "after the commit", BaseDatabaseWrapper, "commit", nth=2),
    Point("fail", "the account was moved", CreditAccount, "save"),
    Point("fail", "the release is entered", CreditEntry, "save"),
    Point("fail", "before the commit", BaseDatabaseWrapper, "commit", "before", nth=2),
    Point("fail", "after the commit", BaseDatabaseWrapper, "commit", nth=2),
    Point("delete", "the release is entered", CreditEntry, "save"),
    Point("delete", "before the commit", BaseDatabaseWrapper, "commit", "before"),
    Point("delete", "after the commit", BaseDatabaseWrapper, "commit", survive=0),
]


def read_well(data: bytes, options: Any) -> Any:
    """An engine."""
    return make_extraction(page_count=PAGES)


def read_badly(data: bytes, options: Any) -> NoReturn:
    """Another."""
    raise NoTextFound


def upload(tenant: Tenant) -> Invoice:
    return make_invoice(tenant, inspect=looks_fine(page_count=PAGES))


def act(scene: str, tenant: Tenant, invoice: Invoice | None) -> None:
    """What the victim does."""
    if scene == "upload":
        upload(tenant)
    elif scene == "delete":
        assert invoice is not None
        delete_invoice(invoice=invoice)
    else:
        work_once(worker="victim", run=sys.modules[__name__].read_well if scene == "read" else read_badly)


def deadly(function: Callable[..., Any], when: str, nth: int) -> Callable[..., Any]:
    """`function`, which kills this process before or after its nth call."""
    calls = 0

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        mine = calls == nth
        if mine and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapper


def kill_one(point: Point, tenant: Tenant) -> bool:
    """One victim; whether it died where it should."""
    invoice = upload(tenant) if point.scene != "upload" else None
    connections.close_all()
    victim = os.fork()
    if victim == 0:
        try:
            setattr(point.where, point.what, deadly(getattr(point.where, point.what), point.when, point.nth))
            act(point.scene, tenant, invoice)
        finally:
            os._exit(0)  # the point was never reached
    _, status = os.waitpid(victim, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def recover() -> None:
    """What the service does once leases have run out: every job is read in the end."""
    later = timezone.now() + timedelta(days=1)
    while ExtractionJob.objects.filter(status__in=OPEN).exists():
        jobs.sweep(now=later)
        if claimed := jobs.claim(worker="heir", now=later):
            jobs.finish(claimed, make_extraction(page_count=PAGES))


def judge(point: Point, tenant: Tenant, number: int) -> list[str]:
    """What is wrong after so many victims at this point."""
    with snapshot():
        faults = [*ledger_faults(), *charge_faults()]
    account = CreditAccount.objects.get(pk=tenant.workspace.pk)
    held = open_holds().count()
    captured = account.entries.filter(kind="capture").count()
    invoices = Invoice.objects.filter(workspace=tenant.workspace).count()
    read = Invoice.objects.filter(workspace=tenant.workspace, status="succeeded").count()
    spent = 6000 - account.remaining
    if (held, account.reserved) != (0, 0):
        faults.append(f"{held} holds are open, {account.reserved} reserved")
    if (captured, spent) != (read, read * PAGES):
        faults.append(f"{read} read, {captured} captured, {spent} spent")
    if invoices != number * point.survive:
        faults.append(f"{invoices} invoices in place of {number * point.survive}")
    return faults


def main(times: int) -> int:
    """Every point so many times; the exit code."""
    settings.CELERY_BROKER_URL = ""  # nobody to wake: `recover` looks by itself
    claims = {}
    for point in POINTS:
        tenant = Tenant(open_workspace(name=f"{point.scene} {point.name}", plan="business"), True)
        died, faults = 0, []
        for number in range(1, times + 1):
            died += kill_one(point, tenant)
            recover()
            faults += judge(point, tenant, number)
        claims[f"{point.scene}, {point.name}: died {died} of {times}, {len(faults)} faults"] = (
            died == times and not faults
        )
        for fault in faults[:3]:
            print(fault)
    return verdict(claims)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
