"""Rate limits (contract, section 4): so many requests a minute and uploads an hour, per workspace, key and address.

django-ratelimit counts, in a store that all web processes share, within the clock's minutes and hours. Every limit that
applies to a request counts it, refused or not; the one nearest to exhaustion is what the client is told of. A key may
do what its workspace may: as all windows begin together its count never passes the workspace's, which stands for both.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_ratelimit.core import get_usage
from prometheus_client import Counter
from rest_framework.request import Request

from api import answers
from api.client_ip import client_ip
from api.errors import RateLimited
from api.models import ApiKey

log = structlog.get_logger(__name__)

MINUTE, HOUR = 60, 3600
# django-ratelimit shifts a window by the CRC32 of what is counted. That of this word is 3599 modulo 3600, for which
# windows end with the clock's minutes and hours: all limits on a request then start anew at one moment.
ON_THE_CLOCK = "clock8444"
STORE_REST_S = 1.0  # a store that failed is not asked again for so long: every failure may cost a time-out
IPV6_PREFIX = 64  # what one customer of a provider has at least; a single address would be as good as no limit

store_failures = Counter("invorec_rate_limit_store_failures", "Requests that were not counted: the store failed.")
_store_rests_until = 0.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is counted together, and how much of it is allowed in `period_s` seconds."""

    name: str
    limit: int
    period_s: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a bucket stands: `remaining` of `limit` until `reset` (Unix seconds)."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    @property
    def nearness(self) -> tuple[int, int]:
        """Sorts the bucket nearest to exhaustion first; of two, the one that stays so for longer."""
        return self.remaining, -self.reset


def count(request: Request, *, is_upload: bool) -> None:
    """Counts a request against every limit that applies to it. Raises RateLimited, and what authentication raises."""
    key = request.auth
    if not isinstance(key, ApiKey):
        _count(request._request, [anonymous(request._request)])
        return
    _count(request._request, list(_requests(key, request._request)))
    if is_upload:  # a request that was refused above is none
        _count(request._request, list(_uploads(key, request._request)))


def with_quota(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    """The answer with the quota's headers; a request that no view counted, for want of a key or a path, counts here."""
    try:
        if not hasattr(request, "rate_usage"):
            _count(request, [anonymous(request)])
    except RateLimited as error:
        response = answers.error_response(error, request)
    usage: Usage = request.rate_usage  # type: ignore[attr-defined]
    response.headers["X-RateLimit-Limit"] = str(usage.limit)
    response.headers["X-RateLimit-Remaining"] = str(usage.remaining)
    response.headers["X-RateLimit-Reset"] = str(usage.reset)
    return response


def anonymous(request: HttpRequest) -> Bucket:
    """Whoever shows no valid key."""
    limit = settings.IP_REQUESTS_PER_MINUTE or settings.REQUESTS_PER_MINUTE
    return Bucket(f"anonymous {network_of(request)}", limit, MINUTE)


def network_of(request: HttpRequest) -> str:
    """The address that is counted: IPv4 exactly, of IPv6 the network."""
    address = client_ip(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), IPV6_PREFIX), strict=False))
    return str(address)


def _requests(key: ApiKey, request: HttpRequest) -> Iterator[Bucket]:
    limit = key.workspace.request_limit()
    yield Bucket(f"requests {key.workspace_id}", limit, MINUTE)
    yield Bucket(f"requests {network_of(request)}", settings.IP_REQUESTS_PER_MINUTE or limit, MINUTE)


def _uploads(key: ApiKey, request: HttpRequest) -> Iterator[Bucket]:
    limit = key.workspace.upload_limit()
    yield Bucket(f"uploads {key.workspace_id}", limit, HOUR)
    yield Bucket(f"uploads {network_of(request)}", settings.IP_UPLOADS_PER_HOUR or limit, HOUR)


def _count(request: HttpRequest, buckets: list[Bucket]) -> None:
    """Counts in each bucket and leaves the usage nearest to exhaustion on the request. Raises RateLimited."""
    usages = [_used(request, bucket) for bucket in buckets]
    seen = [request.rate_usage] if hasattr(request, "rate_usage") else []
    exceeded = [usage for usage in usages if usage.exceeded]
    nearest = min(exceeded or seen + usages, key=lambda usage: usage.nearness)
    request.rate_usage = nearest  # type: ignore[attr-defined]
    if nearest.exceeded:
        raise RateLimited(max(1, nearest.reset - int(time.time())))


def _used(request: HttpRequest, bucket: Bucket) -> Usage:
    """Counts once in the bucket. One that cannot be counted is as good as unused: the service must not stop."""
    global _store_rests_until
    if time.monotonic() >= _store_rests_until:
        try:
            return _counted(request, bucket)
        except Exception as error:  # whatever the store's driver raises
            _store_rests_until = time.monotonic() + STORE_REST_S
            log.error("rate_limit_store_down", exc_info=error)
    store_failures.inc()
    window = int(time.time()) // bucket.period_s
    return Usage(bucket.limit, bucket.limit, (window + 1) * bucket.period_s, False)


def _counted(request: HttpRequest, bucket: Bucket) -> Usage:
    found = get_usage(
        request,
        group=f"{bucket.name} ",
        key=lambda *_: ON_THE_CLOCK,
        rate=(bucket.limit, bucket.period_s),
        increment=True,
    )
    if found is None:
        raise ConnectionError("the store did not count")
    windows = (time.time() + found["time_left"] + 1) / bucket.period_s
    reset = round(windows) * bucket.period_s  # rounded, for the clock may have ticked since
    return Usage(bucket.limit, max(0, bucket.limit - found["count"]), reset, found["should_limit"])
