"""Many uploads at once, and too few credits for them.

python -m tests.soak.credits [--uploads 200] [--credits 37]

Embedded, and on a private PostgreSQL and Redis. Every upload is a real one, through several web processes.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.invoices import generate
from tests.soak.serving import Served, environment_of, serving, verdict

UNLIMITED = {"INVOREC_REQUESTS_PER_MINUTE": "1000000", "INVOREC_UPLOADS_PER_HOUR": "1000000"}
LEAVE = """
from billing import manual
from billing.models import CreditAccount
account = CreditAccount.objects.get()
who = {{"actor": "soak", "reason": "soak"}}
moved = {{"subscription": {credits} - account.subscription, "top_up": -account.top_up}}
manual.adjust(workspace=account.workspace, **moved, **who)
"""
READ = """
from extraction.worker import work_once
while work_once(worker="soak"):
    pass
"""
STATE = """
import json
from pathlib import Path
from django.core.files.storage import default_storage
from django.core.management import call_command
from billing.credits import open_holds
from billing.models import CreditAccount
from extraction.models import Invoice
account = CreditAccount.objects.get()
call_command("ledger_check", stdout=open("/dev/null", "w"))
print(json.dumps({
    "left": account.remaining, "reserved": account.reserved, "open holds": open_holds().count(),
    "pages": sum(Invoice.objects.values_list("page_count", flat=True)), "invoices": Invoice.objects.count(),
    "files": len([path for path in Path(default_storage.location).rglob("inv_*") if path.is_file()]),
}))
"""


def main() -> int:
    """Both modes; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--credits", type=int, default=37)
    arguments = parser.parse_args()
    codes = []
    for mode in ("production", "embedded"):
        with environment_of(mode) as environment, serving(environment, processes=2, **UNLIMITED) as served:
            codes.append(crowd(served, mode, arguments.uploads, arguments.credits))
    return max(codes)


def crowd(served: Served, mode: str, uploads: int, credits: int) -> int:
    """All at once; then everything that was taken in is read."""
    served.run(LEAVE.format(credits=credits))
    document, barrier, began = generate(1).pdf, threading.Barrier(uploads), time.monotonic()
    limits = httpx.Limits(max_connections=uploads, max_keepalive_connections=0)

    def upload(_: int) -> str:
        barrier.wait()
        answer = client.post("/v1/invoices", files={"file": ("bill.pdf", document, "application/pdf")}, timeout=300)
        return f"{answer.status_code} {(answer.json()['error'] or {}).get('code', '')}".strip()

    with served.client(limits=limits) as client, ThreadPoolExecutor(uploads) as pool:
        seen = collections.Counter(pool.map(upload, range(uploads)))
    after = json.loads(served.run(STATE))
    print(f"== {mode}: {uploads} uploads at once, {credits} credits: {dict(seen)}, {time.monotonic() - began:.0f} s")
    served.run(READ)
    read = json.loads(served.run(STATE))
    print(f"taken in: {after}\nread: {read}")
    taken_in = {"left": 0, "reserved": credits, "open holds": credits}
    kept = {"pages": credits, "invoices": credits, "files": credits}
    return verdict(
        {
            f"exactly {credits} taken in, all others 402": seen
            == {"202": credits, "402 insufficient_credits": uploads - credits},
            "every credit held, nothing else stored": after == taken_in | kept,
            "read: no hold left, balance 0": read == {"left": 0, "reserved": 0, "open holds": 0} | kept,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
