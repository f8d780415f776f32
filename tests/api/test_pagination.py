"""Pages over a table that changes meanwhile: whatever stays is seen once."""

from __future__ import annotations

import itertools
from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from api.pagination import MAX_LIMIT, page_of
from billing.tenant import Tenant
from extraction.models import Invoice


def rows(tenant: Tenant, count: int, rng: Random) -> list[Invoice]:
    """Invoices of the last hour, several of which were created at the same moment."""
    moments = [timezone.now() - timedelta(seconds=rng.randrange(3600)) for _ in range(max(1, count // 2))]
    return Invoice.objects.bulk_create(
        Invoice(
            workspace=tenant.workspace, livemode=tenant.livemode, created_at=rng.choice(moments), file_name="a.pdf",
            file_sha256="0" * 64, file_size=1, content_type="application/pdf", vendor_name=rng.choice("AB"),
        )
        for _ in range(count)
    )  # fmt: skip


@pytest.mark.parametrize("filters", [{}, {"vendor_name": "A"}])
@pytest.mark.parametrize("seed", range(4))
def test_what_stays_is_seen_once_while_rows_come_and_go(tenant, seed, filters):
    rng = Random(seed)
    there = {invoice.pk for invoice in rows(tenant, 300, rng) if not filters or invoice.vendor_name == "A"}
    seen, cursor = [], None
    for turn in itertools.count():
        found = Invoice.objects.visible_to(tenant).filter(**filters)
        page = page_of(found, path="invoices", tenant=tenant, filters=filters, limit=7, cursor=cursor)
        seen += [invoice.pk for invoice in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
        gone = rng.sample(sorted(there), 3) + ([page.items[-1].pk] if turn % 2 else [])
        Invoice.objects.filter(pk__in=gone).delete()
        there -= set(gone)
        rows(tenant, 3, rng)
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_newest_first_and_by_id_within_a_moment(tenant):
    rows(tenant, 60, Random(1))
    page = page_of(Invoice.objects.all(), path="invoices", tenant=tenant, limit=MAX_LIMIT)
    order = [(invoice.created_at, invoice.pk) for invoice in page.items]
    assert order == sorted(order, reverse=True)
    assert page.next_cursor is None
