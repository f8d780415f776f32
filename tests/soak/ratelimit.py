"""Four web processes, 300 requests in a minute on one key: exactly 60 pass, and every answer says the truth.

python -m tests.soak.ratelimit [--modes embedded production]

Runs on each store (a file, Redis), each request with another forged X-Forwarded-For; then times a count.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.soak.serving import Served, environment_of, serving, verdict

REQUESTS, LIMIT, PROCESSES, CLIENTS = 300, 60, 4, 12
TIMED = """
import time
from django.core.cache import caches
from django.test import RequestFactory
from api import ratelimit
from api.ratelimit import Bucket
request = RequestFactory().get("/")
buckets = [Bucket(name, 10**9, 60) for name in ("a", "b")]
took = []
for _ in range(2000):
    started = time.perf_counter()
    ratelimit._count(request, buckets)
    took.append(time.perf_counter() - started)
took.sort()
print(f"two counts: median {took[1000] * 1e6:.0f} us, p99 {took[1980] * 1e6:.0f} us")
"""


def main() -> int:
    """Run the scene on each store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modes", nargs="+", default=["embedded", "production"])
    codes = []
    for mode in parser.parse_args().modes:
        with environment_of(mode) as environment, serving(environment, processes=PROCESSES) as served:
            print(f"== {mode}: {PROCESSES} web processes, {REQUESTS} requests, limit {LIMIT}")
            codes.append(scene(served))
            print(served.run(TIMED))
    return max(codes)


def scene(served: Served) -> int:
    """Ask 300 times within one minute and judge every answer."""
    with served.client() as warm:  # each process has started before the minute begins
        for _ in range(5 * PROCESSES):
            warm.get("/v1/invoices")
    time.sleep(60 - time.time() % 60 + 0.05)
    began = time.time()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda number: ask(served, number), range(REQUESTS)))
    took = time.time() - began
    return judge(answers, end=(int(began) // 60 + 1) * 60, took=took)


def ask(served: Served, number: int) -> tuple[httpx.Response, float]:
    """One request on a connection of its own, so that any process may get it; and when it was answered."""
    with served.client() as client:
        response = client.get("/v1/invoices", headers={"X-Forwarded-For": f"10.9.{number // 250}.{number % 250}"})
    return response, time.time()


def judge(answers: list[tuple[httpx.Response, float]], *, end: int, took: float) -> int:
    """Print the figures; the exit code."""
    passed = [answer for answer, _ in answers if answer.status_code == 200]
    refused = [(answer, at) for answer, at in answers if answer.status_code == 429]
    print(f"{dict(collections.Counter(answer.status_code for answer, _ in answers))} in {took:.1f} s")
    remaining = sorted(int(answer.headers["X-RateLimit-Remaining"]) for answer in passed)
    waits = [abs(int(answer.headers["Retry-After"]) - (end - at)) for answer, at in refused]
    said = {
        answer.json()["error"]["message"] == f"Slow down — retry in {answer.headers['Retry-After']}s."
        for answer, _ in refused
    }
    return verdict(
        {
            f"exactly {LIMIT} pass": len(passed) == LIMIT and len(refused) == REQUESTS - LIMIT,
            "within one minute": took < 55,
            f"X-RateLimit-Limit is {LIMIT} on all": {a.headers["X-RateLimit-Limit"] for a, _ in answers}
            == {str(LIMIT)},
            "X-RateLimit-Reset is the end of the minute on all": {a.headers["X-RateLimit-Reset"] for a, _ in answers}
            == {str(end)},
            # of two requests in flight each may find the other counted, one at the workspace, one at the address
            "X-RateLimit-Remaining never says more than is left": all(left <= n for n, left in enumerate(remaining)),
            "nor less, but for requests in flight": all(left >= n - CLIENTS for n, left in enumerate(remaining)),
            "X-RateLimit-Remaining is 0 on every refusal": {a.headers["X-RateLimit-Remaining"] for a, _ in refused}
            == {"0"},
            "Retry-After is what is left of the minute, within 2 s": max(waits) <= 2,
            "and the message names it": said == {True},
        }
    )


if __name__ == "__main__":
    sys.exit(main())
