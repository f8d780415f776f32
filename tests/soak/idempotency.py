"""One key, many requests: a hundred at once, and retries after the web process was killed in the middle.

python -m tests.soak.idempotency [--keys 50] [--at-once 100]

On a private PostgreSQL and Redis. Every upload is a real one: judged by the engine, stored, inserted, queued.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.invoices import generate
from tests.soak.serving import Served, environment_of, serving, verdict

# as tests.soak.dying names them, which must not be imported outside of a service
BEFORE_COMMIT = ("uncommitted: claimed", "uncommitted: inserted", "uncommitted: kept")
UNLIMITED = {"INVOREC_REQUESTS_PER_MINUTE": "1000000", "INVOREC_UPLOADS_PER_HOUR": "1000000"}
RETRY_S = 60
TRAPS = "from tests.soak.dying import AFTER_COMMIT; import json; print(json.dumps(AFTER_COMMIT))"
COUNTS = """
import json
from pathlib import Path
from api.models import IdempotencyRecord
from extraction.models import ExtractionJob, Invoice
from django.core.files.storage import default_storage
files = [path for path in Path(default_storage.location).rglob("inv_*") if path.is_file()]
keys = set(Invoice.objects.values_list("file_key", flat=True))
print(json.dumps({
    "invoices": Invoice.objects.count(),
    "jobs": ExtractionJob.objects.count(),
    "records": IdempotencyRecord.objects.count(),
    "files": len(files),
    "files of no invoice": sum(str(path.relative_to(default_storage.location)) not in keys for path in files),
}))
"""


def main() -> int:
    """Both scenes; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=100)
    arguments = parser.parse_args()
    with environment_of("production") as environment:
        with serving(environment, processes=2, **UNLIMITED) as served:
            crowd_code = crowd(served, arguments.keys, arguments.at_once)
        with serving(environment, processes=1, app="tests.soak.dying", **UNLIMITED) as served:
            kills_code = kills(served)
    return crowd_code or kills_code


def crowd(served: Served, keys: int, at_once: int) -> int:
    """So many requests at once under each key."""
    document, before, began = generate(1).pdf, counts(served), time.monotonic()
    seen: collections.Counter[str] = collections.Counter()
    ids: list[set[str]] = []
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=0)
    with served.client(limits=limits) as client, ThreadPoolExecutor(at_once) as pool:
        for _ in range(keys):
            answers = list(pool.map(together(client, document, str(uuid.uuid4()), at_once), range(at_once)))
            seen.update(outcome(answer) for answer in answers)
            ids.append({answer.json()["id"] for answer in answers if answer.status_code == 202})
    made = difference(counts(served), before)
    print(f"== {keys} keys, {at_once} requests at once under each: {dict(seen)} in {time.monotonic() - began:.0f} s")
    print(f"made: {made}")
    return verdict(
        {
            "one invoice, job, record and file per key": made
            == {"invoices": keys, "jobs": keys, "records": keys, "files": keys, "files of no invoice": 0},
            "one id per key in all answers": all(len(each) == 1 for each in ids) and len(set().union(*ids)) == keys,
            "one first answer per key": seen["first"] == keys,
            "everything else is a replay or 409": set(seen) <= {"first", "replay", "409 Retry-After 1"},
        }
    )


def together(client: httpx.Client, document: bytes, key: str, at_once: int):
    """A function that uploads under the key, for threads that begin at one moment."""
    barrier = threading.Barrier(at_once)

    def upload(_: int) -> httpx.Response:
        barrier.wait()
        return post(client, document, key)

    return upload


def outcome(answer: httpx.Response) -> str:
    """What kind of answer it is."""
    if answer.status_code == 202:
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        marked = answer.json().get("_meta") == {"idempotent_replay": True}
        return "replay" if replayed and marked else "marked wrongly" if replayed or marked else "first"
    if answer.status_code == 409:
        return f"409 Retry-After {answer.headers.get('Retry-After')}"
    return f"{answer.status_code} {answer.text[:200]}"


def kills(served: Served) -> int:
    """The web process dies at each point; the client tries again until it is answered."""
    after_commit = json.loads(served.run(TRAPS))
    document, claims = generate(2).pdf, {f"{len(after_commit)} points after the commit": len(after_commit) >= 10}
    print("== killed with SIGKILL, then the same request again")
    for trap in [*BEFORE_COMMIT, *after_commit]:
        before, key = counts(served), str(uuid.uuid4())
        died = dies(served, document, key, trap)
        answer, tries = retried(served, document, key)
        made = difference(counts(served), before)
        right = (outcome(answer) == "replay") == (trap in after_commit)
        one = made["invoices"] == made["jobs"] == made["records"] == 1
        orphans = made["files of no invoice"] == (0 if trap in after_commit else 1)  # the sweep's, an hour later
        claims[f"{trap}: died {died}, tries {tries}, {outcome(answer)}, {made}"] = died and right and one and orphans
    return verdict(claims)


def dies(served: Served, document: bytes, key: str, trap: str) -> bool:
    """Whether the connection broke before there was a whole answer."""
    try:
        with served.client() as client:
            post(client, document, key, **{"X-Die-At": trap})
    except httpx.TransportError:
        return True
    return False


def retried(served: Served, document: bytes, key: str) -> tuple[httpx.Response, int]:
    """The first answer, and how many tries it took while the process was started again."""
    deadline, tries = time.monotonic() + RETRY_S, 0
    while time.monotonic() < deadline:
        tries += 1
        try:
            with served.client() as client:
                answer = post(client, document, key)
                if answer.status_code == 202:
                    return answer, tries
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("the service did not come back")


def post(client: httpx.Client, document: bytes, key: str, **headers: str) -> httpx.Response:
    files = {"file": ("bill.pdf", document, "application/pdf")}
    return client.post("/v1/invoices", files=files, headers={"Idempotency-Key": key, **headers})


def counts(served: Served) -> dict[str, int]:
    """What database and store hold."""
    found: dict[str, int] = json.loads(served.run(COUNTS))
    return found


def difference(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {name: number - before[name] for name, number in now.items()}


if __name__ == "__main__":
    sys.exit(main())
