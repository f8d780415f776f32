"""Paging through many invoices on PostgreSQL while others come and go: none twice, none missed, no page dearer.

python -m tests.soak.pagination [--rows 105000]

Starts a PostgreSQL of its own and asks the API in this process. Prints the query plans, and the times of page 1 and of
page 1,000. Exits 1 where a row was missed or doubled, or where page 1,000 took more than 1.5 times as long as page 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from tests.services import production_services

INSIDE = "INVOREC_SOAK_INSIDE"
WORST, REPEATS, PAGE = 1.5, 40, 100
FILTERS = (
    "status=failed", "status=failed,processing", "vendor_name=Vendor%207", "invoice_number=R-4711", "currency=KWD",
    "needs_review=true", "due_after=2026-06-28", "created_before=2025-08-01", "created_after=2025-08-01",
)  # fmt: skip


def main() -> int:
    """Run in an environment with PostgreSQL, made for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=105_000)
    rows = parser.parse_args().rows
    if os.environ.get(INSIDE):
        return inside(rows)
    with (
        tempfile.TemporaryDirectory(prefix="invorec-soak-", ignore_cleanup_errors=True) as folder,
        production_services(Path(folder)) as environment,
    ):
        again = [sys.executable, "-m", "tests.soak.pagination", *sys.argv[1:]]
        settings = {INSIDE: "1", "INVOREC_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "invorec.settings"}
        return subprocess.call(again, env=environment | settings)


def inside(rows: int) -> int:
    """Fill the database, walk, time."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.factories import make_tenant

    tenant = make_tenant()
    tenant.workspace.requests_per_minute = 1_000_000_000
    tenant.workspace.save()
    fill(tenant, rows, Random(1))
    fill(make_tenant("Other"), rows // 5, Random(2))
    analyze()
    get = getter(tenant)
    missed, doubled, cursor = walk(get, tenant)
    analyze()
    faster = timed(get, cursor)
    for query in FILTERS:
        show_filter(get, query)
    return 0 if not missed and not doubled and faster else 1


def fill(tenant: Any, count: int, rng: Random) -> None:
    """So many invoices of one and a half years, two lines each, up to three created at the same moment."""
    from django.utils import timezone

    now = timezone.now()
    for start in range(0, count, 5000):
        made = [invoice_of(tenant, rng, now) for _ in range(min(5000, count - start))]
        store(made)


def store(invoices: list[Any]) -> None:
    from extraction.models import Invoice, LineItem

    Invoice.objects.bulk_create(invoices)
    LineItem.objects.bulk_create(
        LineItem(invoice=invoice, position=position, description="Screws M4, galvanised", total_price=1250)
        for invoice in invoices
        for position in (1, 2)
    )


def invoice_of(tenant: Any, rng: Random, now: Any, age_s: int | None = None) -> Any:
    """An invoice of the tenant, unsaved."""
    from extraction.models import Invoice

    moment = now - timedelta(seconds=rng.randrange(0, 547 * 86400, 900) if age_s is None else age_s)
    status = rng.choices(["succeeded", "failed", "processing"], [96, 3, 1])[0]
    return Invoice(
        workspace=tenant.workspace, livemode=True, created_at=moment, status=status, file_name="bill.pdf",
        error_code="no_text_found" if status == "failed" else "", file_sha256=f"{rng.getrandbits(256):064x}",
        file_size=40_000, content_type="application/pdf", vendor_name=f"Vendor {rng.randrange(2000)}",
        invoice_number=f"R-{rng.randrange(100_000)}", needs_review=rng.random() < 0.05, total_amount=11900,
        currency=rng.choices(["EUR", "GBP", "KWD"], [949, 50, 1])[0],
        due_date=(moment + timedelta(days=30)).date(),
    )  # fmt: skip


def analyze() -> None:
    """What autovacuum does by itself after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def getter(tenant: Any) -> Callable[[str], dict[str, Any]]:
    """GET as the tenant: query in, body out."""
    from django.test import Client

    from api.services import issue_key

    _, token = issue_key(workspace=tenant.workspace, livemode=True, name="Soak")
    client = Client(headers={"authorization": f"Bearer {token}"})

    def get(query: str) -> dict[str, Any]:
        response = client.get(f"/v1/invoices?limit={PAGE}&{query}")
        if response.status_code != 200:
            raise SystemExit(f"{response.status_code}: {response.content[:500]!r}")
        return response.json()

    return get


def walk(get: Callable[[str], dict[str, Any]], tenant: Any) -> tuple[int, int, str]:
    """Page through everything while another thread inserts and deletes: how many rows were missed and doubled, and
    the query of page 1,000 or of the last full one before it."""
    from extraction.models import Invoice

    there = set(Invoice.objects.visible_to(tenant).values_list("pk", flat=True))
    over, counts, gone = threading.Event(), {"inserted": 0}, set()
    churn = threading.Thread(target=keep_changing, args=(tenant, sorted(there), over, counts, gone))
    churn.start()
    seen, query, pages, deep = [], "", 0, ""
    try:
        while True:
            page = get(query)
            pages += 1
            seen += [invoice["id"] for invoice in page["data"]]
            if pages <= 1000 and len(page["data"]) == PAGE:
                deep = query
            if not page["has_more"]:
                break
            query = f"cursor={page['next_cursor']}"
    finally:
        over.set()
        churn.join()
    missed, doubled = len((there - gone) - set(seen)), len(seen) - len(set(seen))
    print(f"walked {pages} pages, {len(seen)} rows, of {len(there)} at the start; meanwhile {counts['inserted']} "
          f"inserted, {len(gone)} deleted: {missed} missed, {doubled} twice")  # fmt: skip
    return missed, doubled, deep


def keep_changing(tenant: Any, ids: list[str], over: threading.Event, counts: dict[str, int], gone: set[str]) -> None:
    """New invoices at the top and, as if committed late, anywhere; deletions anywhere."""
    from django.db import connection
    from django.utils import timezone

    from extraction.models import Invoice

    rng = Random(3)
    while not over.is_set():
        store([invoice_of(tenant, rng, timezone.now(), age) for age in (0, 0, None, None, None)])
        counts["inserted"] += 5
        doomed = set(rng.sample(ids, 5)) - gone
        gone |= doomed
        Invoice.objects.filter(pk__in=doomed).delete()
        time.sleep(0.01)
    connection.close()


def timed(get: Callable[[str], dict[str, Any]], deep: str) -> bool:
    """Page 1 and page 1,000 in turns; whether the second costs no more than WORST times the first."""
    times: dict[str, list[float]] = {"": [], deep: []}
    for _ in range(REPEATS):
        for query, taken in times.items():
            started = time.perf_counter()
            get(query)
            taken.append(time.perf_counter() - started)
    first, last = (median(taken) * 1000 for taken in times.values())
    for name, query in (("page 1", ""), ("page 1,000", deep)):
        print(f"\n{name}:\n{plan(get, query)}")
    print(f"\npage 1: {first:.1f} ms, page 1,000: {last:.1f} ms (medians of {REPEATS}): {last / first:.2f}x")
    return last <= WORST * first


def plan(get: Callable[[str], dict[str, Any]], query: str) -> str:
    """PostgreSQL's plan of the statement that reads the invoices, as run."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        get(query)
    statement = next(one["sql"] for one in captured if 'FROM "extraction_invoice"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}")
        return "\n".join(row[0][:160] for row in cursor.fetchall())


def show_filter(get: Callable[[str], dict[str, Any]], query: str) -> None:
    """The first and a later page under a filter: milliseconds in the database."""
    first = get(query)
    later = f"{query}&cursor={first['next_cursor']}" if first["has_more"] else query
    for one in (query, later):
        lines = plan(get, one).splitlines()
        index = next((line.split(" on ")[0].split("using ")[-1] for line in lines if "Index" in line), "no index")
        print(f"{query:28} {'first' if one == query else 'later'}: {lines[-1].strip():28} {index.strip()}")


if __name__ == "__main__":
    sys.exit(main())
