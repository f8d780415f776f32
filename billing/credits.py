"""The ledger: every credit that comes or goes is an entry, written with the (locked) account that it moves.

A document's credits are held when it is taken in, captured when it was read, and released when it could not be or was
deleted before: each once. Those of the subscription are spent first, and lapse when their period ends; a period ends by
itself, for whoever looks first. Locks: `extraction` holds those on invoice and job when it comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from billing.mail import owners_of, write_mail
from billing.models import CreditAccount, CreditEntry, CreditNotice, Workspace
from billing.periods import MONTHS, begins_at, current_period, day_of, next_day
from billing.serializers import CreditsSerializer

log = structlog.get_logger(__name__)

Kind = CreditEntry.Kind
SETTLED = (Kind.CAPTURE, Kind.RELEASE)


class InsufficientCredits(Exception):
    """There are fewer credits than the document needs; the text says how many."""

    def __init__(self, account: CreditAccount, needed: int) -> None:
        self.needed, self.remaining, self.resets_at = needed, account.remaining, account.resets_at
        needs = "1 credit" if needed == 1 else f"{needed} credits"
        left = {0: "none is left", 1: "1 is left"}.get(self.remaining, f"{self.remaining} are left")
        day = f"{self.resets_at:%-d %B %Y}"
        super().__init__(f"This document needs {needs} and {left}. New ones come on {day}; or top up, or upgrade.")


class HoldSettled(Exception):
    """What was held is captured or released already, the other way."""


class BelowZero(Exception):
    """There are not so many credits to take away; the text says how many there are."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What an entry brought about beside itself."""

    entry: CreditEntry
    notices: tuple[CreditNotice, ...] = ()


def open_account(
    *, workspace: Workspace, interval: str = CreditAccount.Interval.MONTH, now: datetime | None = None
) -> CreditAccount:
    """The account of a new workspace, with its first period's credits. The billing day is today's, where it is."""
    now = now or timezone.now()
    today = day_of(now, workspace.time_zone)
    account = CreditAccount(workspace=workspace, interval=interval, billing_day=today.day, period_on=today)
    account.renews_on = next_day(today, billing_day=today.day, months=MONTHS[interval])
    account.resets_at = begins_at(account.renews_on, workspace.time_zone)
    account.save(force_insert=True)
    _grant_period(account, now)
    return account


def lock_account(workspace: Workspace | str, *, now: datetime | None = None) -> CreditAccount:
    """The account as it is now, in the period that it is now, locked until the transaction ends.

    Raises TransactionManagementError outside of one.
    """
    pk = workspace if isinstance(workspace, str) else workspace.pk
    account = CreditAccount.objects.select_for_update(no_key=True).get(pk=pk)
    _renew(account, now or timezone.now())
    return account


def account_of(workspace: Workspace, *, now: datetime | None = None) -> CreditAccount:
    """The account to look at, in the period that it is now."""
    account = CreditAccount.objects.select_related("workspace__plan").get(pk=workspace.pk)
    if account.resets_at <= (now or timezone.now()):
        with transaction.atomic():
            lock_account(workspace, now=now)
        account.refresh_from_db()
    return account


@transaction.atomic
def hold(*, workspace: Workspace | str, reference: str, credits: int, subject: str) -> Moved:
    """Take credits for what `reference` is about to do to `subject`; of the subscription first.

    Raises InsufficientCredits, and nothing is taken then.
    """
    now = timezone.now()
    account = lock_account(workspace, now=now)
    if credits > account.remaining:
        raise InsufficientCredits(account, credits)
    of_subscription = min(credits, account.subscription)
    entry = _enter(
        account,
        Kind.HOLD,
        reference,
        now,
        subject=subject,
        subscription=-of_subscription,
        top_up=of_subscription - credits,
        reserved=credits,
    )
    return Moved(entry, _notices(account, now))


@transaction.atomic
def capture(*, workspace: Workspace | str, reference: str) -> CreditEntry | None:
    """Spend what was held for `reference`. A second time nothing happens; None where nothing was held.

    Raises HoldSettled where it was released.
    """
    return _settle(workspace, Kind.CAPTURE, reference)


@transaction.atomic
def release(*, workspace: Workspace | str, reference: str) -> CreditEntry | None:
    """Give back what was held for `reference`, each credit to where it came from; those of a period that has ended
    meanwhile lapse, as they would have done unspent. A second time nothing happens; None where nothing was held.

    Raises HoldSettled where it was captured.
    """
    return _settle(workspace, Kind.RELEASE, reference)


def renew_accounts(*, now: datetime, limit: int = 1000) -> int:
    """Begin the new period of accounts whose period has ended; how many. Each by itself: none waits for another."""
    due = CreditAccount.objects.filter(resets_at__lte=now).order_by("resets_at").values_list("pk", flat=True)[:limit]
    return sum(_renewed(pk, now) for pk in list(due))


def enter(account: CreditAccount, kind: str, reference: str, *, now: datetime, **values: Any) -> Moved:
    """Append an entry to a locked account. `values` are columns of CreditEntry; the amounts move the account.

    Raises BelowZero.
    """
    before = account.remaining
    for name in ("subscription", "top_up"):
        if getattr(account, name) + values.get(name, 0) < 0:
            raise BelowZero(f"Only {getattr(account, name)} {name.replace('_', '-')} credits are left to take away.")
    entry = _enter(account, kind, reference, now, **values)
    return Moved(entry, _notices(account, now) if account.remaining < before else ())


def _renewed(account_id: str, now: datetime) -> bool:
    try:
        with transaction.atomic():
            lock_account(account_id, now=now)
    except Exception:  # one account that cannot be renewed must not keep the others from it
        log.exception("credits_not_renewed", workspace_id=account_id)
        return False
    return True


def _settle(workspace: Workspace | str, kind: str, reference: str) -> CreditEntry | None:
    now = timezone.now()
    account = lock_account(workspace, now=now)
    of_it = account.entries.filter(reference=reference, kind__in=[Kind.HOLD, *SETTLED])
    entries = {entry.kind: entry for entry in of_it}
    held = entries.pop(Kind.HOLD, None)
    if held is None:
        return None
    if entries and kind not in entries:
        raise HoldSettled(f"{reference}: {', '.join(entries)}")
    if entries:
        return entries[kind]
    still_good = held.period_on == account.period_on
    return _enter(
        account,
        kind,
        reference,
        now,
        subject=held.subject,
        subscription=-held.subscription if kind == Kind.RELEASE and still_good else 0,
        top_up=-held.top_up if kind == Kind.RELEASE else 0,
        reserved=-held.reserved,
    )


def _enter(
    account: CreditAccount,
    kind: str,
    reference: str,
    now: datetime,
    *,
    subscription: int = 0,
    top_up: int = 0,
    reserved: int = 0,
    details: Mapping[str, Any] | None = None,
    **values: Any,
) -> CreditEntry:
    account.subscription += subscription
    account.top_up += top_up
    account.reserved += reserved
    account.entry_count += 1
    account.save()
    entry = CreditEntry(
        account=account,
        number=account.entry_count,
        kind=kind,
        reference=reference,
        subscription=subscription,
        top_up=top_up,
        reserved=reserved,
        subscription_after=account.subscription,
        top_up_after=account.top_up,
        reserved_after=account.reserved,
        period_on=account.period_on,
        details=dict(details or {}),
        created_at=now,
        **values,
    )
    entry.save(force_insert=True)
    return entry


def _renew(account: CreditAccount, now: datetime) -> None:
    """Where the period has ended, what is left of it lapses and the present one's credits are granted: of periods that
    began and ended unseen nothing would be left either."""
    if now < account.resets_at:
        return
    zone = account.workspace.time_zone
    account.period_on, account.renews_on = current_period(
        account.period_on,
        account.renews_on,
        now=now,
        billing_day=account.billing_day,
        months=MONTHS[account.interval],
        time_zone=zone,
    )
    account.resets_at = begins_at(account.renews_on, zone)
    if account.subscription:
        _enter(account, Kind.RESET, _period(account), now, subscription=-account.subscription)
    _grant_period(account, now)


def _grant_period(account: CreditAccount, now: datetime) -> None:
    plan = account.workspace.plan
    account.allotment = plan.monthly_pages * MONTHS[account.interval]
    details = {"plan": plan.code, "interval": account.interval}
    _enter(account, Kind.GRANT, _period(account), now, subscription=account.allotment, details=details)


def _period(account: CreditAccount) -> str:
    return f"period:{account.pk}:{account.period_on}"


def _notices(account: CreditAccount, now: datetime) -> tuple[CreditNotice, ...]:
    """What there is to tell after something was taken, once in a period."""
    made = []
    if account.remaining * 100 <= account.allotment * settings.CREDITS_LOW_PERCENT:
        made += _notice(account, CreditNotice.Kind.LOW, "low_told_on", now)
    if account.remaining == 0:
        made += _notice(account, CreditNotice.Kind.EXHAUSTED, "exhausted_told_on", now)
    if made:
        account.save(update_fields=["low_told_on", "exhausted_told_on"])
        _mail_owners(made[-1], now)
    return tuple(made)


def _notice(account: CreditAccount, kind: str, told_on: str, now: datetime) -> list[CreditNotice]:
    if getattr(account, told_on) == account.period_on:
        return []
    setattr(account, told_on, account.period_on)
    shown = CreditsSerializer(account).data
    return [
        CreditNotice.objects.create(account=account, kind=kind, period_on=account.period_on, data=shown, created_at=now)
    ]


def _mail_owners(notice: CreditNotice, now: datetime) -> None:
    """The graver of two notices at once is enough for people."""
    account, workspace = notice.account, notice.account.workspace
    told = {"low": "are running low", "exhausted": "are used up"}[notice.kind]
    write_mail(
        to=owners_of(workspace),
        cause=f"{notice.kind}:{account.pk}:{notice.period_on}",
        subject=f"Credits of {workspace.name} {told}",
        template="billing/credits.txt",
        facts={"account": account, "workspace": workspace, "exhausted": notice.kind == CreditNotice.Kind.EXHAUSTED},
        now=now,
    )


def open_holds() -> Any:
    """Holds that are neither captured nor released yet."""
    settled = CreditEntry.objects.filter(reference=OuterRef("reference"), kind__in=SETTLED)
    return CreditEntry.objects.filter(~Exists(settled), kind=Kind.HOLD)
