"""Uploads while the worker is killed again and again: every invoice ends, none twice.

python -m tests.soak.worker_kills [--uploads 50] [--every 5]

Starts a service of its own (embedded mode, free port, temporary folder), uploads generated PDFs and scans over HTTP,
kills the worker with SIGKILL every few seconds, and judges by what the API then says. Exits 1 where it does not hold.
"""

from __future__ import annotations

import argparse
import collections
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from tests.invoices import generate, scan

ROOT = Path(__file__).resolve().parents[2]
START_S, END_S = 120, 900
PRODUCTION = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "INVOREC_MODE")


def main() -> int:
    """Run the scene and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uploads", type=int, default=50)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between kills")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="invorec-soak-") as folder:
        service, url, key = start(Path(folder))
        try:
            return soak(httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}), folder, arguments)
        finally:
            service.send_signal(signal.SIGINT)
            service.wait(30)


def soak(client: httpx.Client, folder: str, arguments: argparse.Namespace) -> int:
    """Upload, kill, wait, count."""
    before = listed(client)
    over, kills = threading.Event(), []
    killer = threading.Thread(target=keep_killing, args=(folder, arguments.every, over, kills))
    killer.start()
    try:
        ids = [upload(client, seed) for seed in range(arguments.uploads)]
        final = wait_for_all(client, ids)
    finally:
        over.set()
        killer.join()
    stuck = [i for i in ids if i not in final]
    doubled = len(listed(client) - before) - len(ids)
    torn = [i for i, invoice in final.items() if invoice["status"] == "succeeded" and not invoice["lineItems"]]
    statuses = dict(collections.Counter(invoice["status"] for invoice in final.values()))
    print(f"uploads {len(ids)}, kills {len(kills)}, final {statuses}, stuck {len(stuck)}, doubled {doubled}")
    print(f"succeeded without line items: {len(torn)}")
    return 0 if not stuck and not doubled and kills else 1


def start(folder: Path) -> tuple[subprocess.Popen[str], str, str]:
    """A service in `folder`: its process, address and live key."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name not in PRODUCTION}
    environment |= {"PORT": str(port), "INVOREC_VAR": str(folder / "var"), "INVOREC_REQUESTS_PER_MINUTE": "1000000"}
    service = subprocess.Popen(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    said, deadline = "", time.monotonic() + START_S
    while "/v1/invoices\n" not in said and time.monotonic() < deadline:
        line = service.stdout.readline() if service.stdout else ""
        if not line:
            raise SystemExit(f"the service ended:\n{said}")
        said += line
    found = re.search(r"live key +(\S+)", said)
    if not found:
        raise SystemExit(f"no key was printed:\n{said}")
    return service, f"http://127.0.0.1:{port}", found[1]


def keep_killing(folder: str, every: float, over: threading.Event, kills: list[int]) -> None:
    """SIGKILL for the worker of the service in `folder`, until `over`."""
    while not over.wait(every):
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
                environment = (process / "environ").read_bytes()
            except OSError:
                continue  # it has just ended
            if b"run_worker" in command and folder.encode() in environment:
                os.kill(int(process.name), signal.SIGKILL)
                kills.append(int(process.name))


def upload(client: httpx.Client, seed: int) -> str:
    """One generated document, every fifth as a scan; the id of its invoice."""
    document = generate(seed)
    scanned = seed % 5 == 4
    name, data = (f"{seed}.png", scan(document, seed)) if scanned else (f"{seed}.pdf", document.pdf)
    response = client.post("/v1/invoices", files={"file": (name, data)}, timeout=60)
    if response.status_code != 202:
        raise SystemExit(f"upload {seed}: {response.status_code} {response.text}")
    return str(response.json()["id"])


def wait_for_all(client: httpx.Client, ids: list[str]) -> dict[str, dict]:
    """The invoices that are final by END_S from now, by id."""
    final: dict[str, dict] = {}
    deadline = time.monotonic() + END_S
    while len(final) < len(ids) and time.monotonic() < deadline:
        for invoice_id in ids:
            if invoice_id not in final:
                invoice = client.get(f"/v1/invoices/{invoice_id}").json()
                if invoice["status"] != "processing":
                    final[invoice_id] = invoice
        time.sleep(0.5)
    return final


def listed(client: httpx.Client) -> set[str]:
    """The ids of all invoices, page by page."""
    ids: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/v1/invoices", params={"limit": "100", **cursor}).json()
        ids |= {invoice["id"] for invoice in page["data"]}
        if not page["has_more"]:
            return ids
        cursor = {"cursor": page["next_cursor"]}


if __name__ == "__main__":
    sys.exit(main())
