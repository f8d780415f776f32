"""Pages of a list: newest first, by the moment of creation and then by id (contract, section 6).

The next page starts after a row, not at an offset: rows that come or go meanwhile shift nothing, and page 10,000 costs
what page 1 costs. A cursor is signed with everything that it belongs to, so that another's, or one of another query,
is not a cursor at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet

from api.errors import InvalidRequest
from billing.tenant import Tenant
from invorec.lib.canonical import digest

DEFAULT_LIMIT = 25
MAX_LIMIT = 100

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page and how to get the next; `next_cursor` is None on the last."""

    items: list[M]
    next_cursor: str | None


def page_of(
    rows: QuerySet[M],
    *,
    path: str,
    tenant: Tenant,
    filters: Mapping[str, Any] | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[M]:
    """The `limit` newest of `rows` past `cursor`. Raises InvalidRequest for a cursor not made for the same query."""
    bound = {name: str(value) for name, value in (filters or {}).items()}
    signer = Signer(salt=digest([path, tenant.workspace.pk, tenant.livemode, bound]), sep=".")
    if cursor:
        rows = rows.filter(_after(*_position(signer, cursor)))
    found = list(rows.order_by("-created_at", "-pk")[: limit + 1])
    items = found[:limit]
    return Page(items, _cursor(signer, items[-1]) if len(found) > limit else None)


def list_body(data: Sequence[Mapping[str, Any]], next_cursor: str | None) -> dict[str, Any]:
    """The wire form of a list; the cursor under both names that the reference uses."""
    return {
        "object": "list",
        "data": data,
        "has_more": next_cursor is not None,
        "next_cursor": next_cursor,
        "nextCursor": next_cursor,
    }


def _after(created_at: datetime, pk: str) -> Q:
    """What comes after that row. The first condition says nothing that the second does not; it is there because an
    index can begin at it, where it would have to be read from its start for an OR."""
    return Q(created_at__lte=created_at) & (Q(created_at__lt=created_at) | Q(pk__lt=pk))


def _cursor(signer: Signer, last: Model) -> str:
    return signer.sign_object([last.created_at.isoformat(), last.pk])  # type: ignore[attr-defined]


def _position(signer: Signer, cursor: str) -> tuple[datetime, str]:
    try:
        created_at, pk = signer.unsign_object(cursor)
    except BadSignature:
        raise InvalidRequest(
            "This cursor does not belong to this list and these filters. Start again without one.", param="cursor"
        ) from None
    return datetime.fromisoformat(created_at), pk
