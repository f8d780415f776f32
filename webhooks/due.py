"""What is due and may be sent: the question that a busy process asks a dozen times a second.

As SQL: built from expressions, for every endpoint anew, it costs twenty times what it takes to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from webhooks.models import Delivery

# The longest due deliveries to one endpoint that are free, and that no other of their subject precedes or accompanies.
# Each look is one into an index: delivery_due, delivery_order.
_HEADS = """
    SELECT head.id FROM webhooks_delivery AS head
    WHERE head.endpoint_id = {endpoint} AND head.status = 'pending' AND head.next_attempt_at <= {now}
      AND (head.lease = '' OR head.lease_expires_at <= {now})
      AND (head.subject = '' OR NOT EXISTS (
        SELECT 1 FROM webhooks_delivery AS other
        WHERE other.endpoint_id = {endpoint} AND other.subject = head.subject AND other.status = 'pending'
          AND (other.event_id < head.event_id OR other.lease_expires_at > {now})))
    ORDER BY head.next_attempt_at, head.event_id LIMIT {count}
"""


def due(now: datetime) -> QuerySet[Delivery]:
    """What should be sent now and is not in flight; some of it may have to wait for its turn."""
    free = Q(lease="") | Q(lease_expires_at__lte=now)
    return Delivery.objects.filter(free, status=Delivery.Status.PENDING, next_attempt_at__lte=now)


def heads(shares: Sequence[tuple[str, int]], now: datetime) -> list[Delivery]:
    """To each endpoint (its id first) at most so many deliveries whose turn it is, with their events."""
    if not shares:
        return []
    found = _ids_together(shares, now) if connection.vendor == "postgresql" else _ids_one_by_one(shares, now)
    needed = ("endpoint_id", "body", "lease", "lease_expires_at", "event__type", "event__body")
    return list(Delivery.objects.filter(id__in=found).select_related("event").only(*needed))


def _ids_together(shares: Sequence[tuple[str, int]], now: datetime) -> list[str]:
    inner = _HEADS.format(endpoint="share.endpoint_id", now="%s", count="share.count")
    values = ", ".join(["(%s, %s)"] * len(shares))
    sql = f"SELECT head.id FROM (VALUES {values}) AS share (endpoint_id, count) CROSS JOIN LATERAL ({inner}) AS head"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(part for share in shares for part in share), *[now] * inner.count("%s")])
        return [row[0] for row in cursor.fetchall()]


def _ids_one_by_one(shares: Sequence[tuple[str, int]], now: datetime) -> list[str]:
    """SQLite knows no LATERAL, and a query there costs no round trip."""
    moment = connection.ops.adapt_datetimefield_value(now)
    sql = _HEADS.format(endpoint="%(endpoint)s", now="%(now)s", count="%(count)s")
    with connection.cursor() as cursor:
        found: list[str] = []
        for endpoint_id, count in shares:
            cursor.execute(sql, {"endpoint": endpoint_id, "now": moment, "count": count})
            found += [row[0] for row in cursor.fetchall()]
    return found
