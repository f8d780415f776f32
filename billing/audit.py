"""Proves the ledger: that entries follow each other without a gap, that they add up to what stands on each account, and
that every hold was settled by its own amount."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from billing.credits import SETTLED, open_holds
from billing.models import CreditAccount, CreditEntry, Workspace

Kind = CreditEntry.Kind
BALANCES = ("subscription", "top_up", "reserved")


@contextmanager
def snapshot() -> Iterator[None]:
    """One moment for all queries of the block, while the service goes on. Not inside a transaction."""
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def ledger_faults(accounts: QuerySet[CreditAccount] | None = None) -> list[str]:
    """What does not add up, as readable lines; none where the ledger is right. In a `snapshot`, or nobody else
    writes. `accounts` limits it to these."""
    accounts = CreditAccount.objects.all() if accounts is None else accounts
    entries = CreditEntry.objects.filter(account__in=accounts)
    return [
        *_without_account(),
        *_balances_that_differ(accounts),
        *_broken_chains(entries),
        *_settled_wrongly(entries),
        *_reserved_for_nothing(accounts),
    ]


def _without_account() -> Iterator[str]:
    for pk in Workspace.objects.filter(credits=None).values_list("pk", flat=True):
        yield f"{pk}: has no account"


def _balances_that_differ(accounts: QuerySet[CreditAccount]) -> Iterator[str]:
    """Each balance is the sum of its column, and the entries are numbered from 1 to as many as there are."""
    sums = {f"sum_{name}": Coalesce(Sum(f"entries__{name}"), 0) for name in BALANCES}
    numbers = {"count": Count("entries"), "least": Min("entries__number"), "most": Max("entries__number")}
    for account in accounts.annotate(**sums, **numbers).iterator(chunk_size=1000):
        for name in BALANCES:
            if (stands := getattr(account, name)) != (total := getattr(account, f"sum_{name}")):
                yield f"{account.pk}: {name} is {stands}, its entries add up to {total}"
        written, there = account.entry_count, [getattr(account, name) for name in numbers]
        if there != [written, 1, written]:
            yield f"{account.pk}: {written} entries were written, {there[0]} are there"


def _broken_chains(entries: QuerySet[CreditEntry]) -> Iterator[str]:
    """After each entry stands what all up to it add up to."""
    window = partial(Window, partition_by=F("account_id"), order_by=F("number").asc())
    running = {f"running_{name}": window(Sum(name)) for name in BALANCES}
    differs = ~Q(number=F("place"))
    for name in BALANCES:
        differs |= ~Q(**{f"{name}_after": F(f"running_{name}")})
    chained = entries.annotate(**running, place=window(RowNumber())).filter(differs)
    for account_id, number, pk in chained.values_list("account_id", "number", "pk").iterator(chunk_size=1000):
        yield f"{account_id}: entry {number} ({pk}) does not follow from those before it"


def _settled_wrongly(entries: QuerySet[CreditEntry]) -> Iterator[str]:
    """What is captured or released was held before, all of it; what comes back goes to where it came from, unless its
    period had ended."""
    held = CreditEntry.objects.filter(kind=Kind.HOLD, reference=OuterRef("reference"), account=OuterRef("account"))
    columns = ("number", "subscription", "top_up", "reserved", "period_on", "subject")
    settles = entries.filter(kind__in=SETTLED).annotate(
        **{f"held_{name}": Subquery(held.values(name)[:1]) for name in columns}
    )
    whole = Q(held_number__lt=F("number"), held_reserved=-F("reserved"), held_subject=F("subject"))
    same_period = Q(held_period_on=F("period_on"), held_subscription=-F("subscription"))
    later_period = Q(held_period_on__lt=F("period_on"), subscription=0)
    given_back = Q(held_top_up=-F("top_up")) & (same_period | later_period)
    right = settles.filter(whole & (Q(kind=Kind.CAPTURE) | given_back)).values("pk")
    for entry in settles.exclude(pk__in=right).iterator(chunk_size=1000):
        yield f"{entry.account_id}: entry {entry.number} ({entry.kind} of {entry.reference}) settles no hold of its own"


def _reserved_for_nothing(accounts: QuerySet[CreditAccount]) -> Iterator[str]:
    """What is reserved is what open holds took."""
    taken = dict(open_holds().values_list("account_id").annotate(Sum("reserved")))
    for account_id, reserved in accounts.values_list("pk", "reserved").iterator(chunk_size=1000):
        if reserved != taken.get(account_id, 0):
            yield f"{account_id}: {reserved} reserved, open holds took {taken.get(account_id, 0)}"
