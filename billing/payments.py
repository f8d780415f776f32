"""The port by which money comes in: what was paid, or agreed on, becomes entries of the ledger.

Whoever takes the money (staff today, a card processor's notifications one day) is an adapter: it turns what it knows
into a `TopUp`, `PlanChange`, `Grant` or `Adjustment`, each with a `reference` of its own for the fact, and calls
`apply`. Notifications come late, twice and out of order; so the same fact may be applied any number of times, in any
order, and has one effect. Of two changes of plan the one that happened later is in force, whichever was applied last.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from billing import credits
from billing.models import CreditAccount, CreditEntry, Plan, Workspace
from billing.periods import MONTHS

MAX_REFERENCE = 200
MAX_NAME = 255
MAX_REASON = 500
MAX_CREDITS = 10_000_000  # of one entry; more is a slip of the keyboard
UNSTATED = ("workspace", "reference", "actor", "reason", "happened_at")  # may be put otherwise at the second time


class PaymentRefused(Exception):
    """The fact cannot be taken in; the text says why, and nothing has changed. `param` names what is at fault."""

    def __init__(self, message: str, *, param: str = "") -> None:
        self.param = param
        super().__init__(message)


class ReferenceReused(PaymentRefused):
    """The reference stands for another fact already."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"The reference {reference} stands for something else already.", param="reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that concerns the credits of a workspace. `reference` names it for ever, among all workspaces."""

    kind: ClassVar[CreditEntry.Kind]

    workspace: Workspace
    reference: str
    actor: str
    reason: str

    def check(self) -> None:
        """Raises PaymentRefused for what makes no sense."""
        for name, most in {"reference": MAX_REFERENCE, "actor": MAX_NAME, "reason": MAX_REASON}.items():
            if not 1 <= len(getattr(self, name).strip()) <= most:
                raise PaymentRefused(f"The {name} has 1 to {most} characters.", param=name)

    def amounts(self) -> dict[str, int]:
        """What it adds to the account, by column."""
        return {}

    def stated(self) -> dict[str, Any]:
        """What it says, as JSON: the same at every delivery."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in UNSTATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp(Fact):
    """Credits were bought; they never lapse."""

    kind = CreditEntry.Kind.TOP_UP
    credits: int

    def check(self) -> None:
        Fact.check(self)
        _check_credits(self.credits)

    def amounts(self) -> dict[str, int]:
        return {"top_up": self.credits}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Fact):
    """Credits are given for this period, and lapse with it."""

    kind = CreditEntry.Kind.GRANT
    credits: int

    def check(self) -> None:
        Fact.check(self)
        _check_credits(self.credits)

    def amounts(self) -> dict[str, int]:
        return {"subscription": self.credits}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment(Fact):
    """A correction of either balance, up or down."""

    kind = CreditEntry.Kind.ADJUSTMENT
    subscription: int = 0
    top_up: int = 0

    def check(self) -> None:
        Fact.check(self)
        _check_credits(max(abs(self.subscription), abs(self.top_up)))

    def amounts(self) -> dict[str, int]:
        return {"subscription": self.subscription, "top_up": self.top_up}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange(Fact):
    """The workspace is on another plan, or pays for other periods, since `happened_at`."""

    kind = CreditEntry.Kind.PLAN_CHANGE
    plan: str
    interval: str
    happened_at: datetime

    def check(self) -> None:
        Fact.check(self)
        if self.interval not in MONTHS:
            raise PaymentRefused(f"The interval is one of {', '.join(MONTHS)}.", param="interval")
        if not Plan.objects.filter(pk=self.plan).exists():
            known = ", ".join(Plan.objects.values_list("pk", flat=True))
            raise PaymentRefused(f"There is no plan {self.plan}. Plans: {known}.", param="plan")


@transaction.atomic
def apply(fact: Fact) -> CreditEntry:
    """Take the fact in, once; the entry that it made, now or earlier.

    Raises PaymentRefused: amounts, plan or texts that make no sense, more taken away than there is, or
    (ReferenceReused) another fact under the same reference.
    """
    fact.check()
    account = credits.lock_account(fact.workspace)
    reference = f"payment:{fact.reference}"
    if earlier := CreditEntry.objects.filter(reference=reference, kind=fact.kind).first():
        if (earlier.account_id, earlier.details["fact"]) != (account.pk, fact.stated()):
            raise ReferenceReused(fact.reference)
        return earlier
    try:
        with transaction.atomic():  # another workspace may be using the reference at this moment
            details = {"fact": fact.stated(), **_changed_plan(fact, account)}
            values = {"actor": fact.actor.strip(), "reason": fact.reason.strip(), "details": details}
            moved = credits.enter(account, fact.kind, reference, now=timezone.now(), **fact.amounts(), **values)
    except IntegrityError as error:
        raise ReferenceReused(fact.reference) from error
    except credits.BelowZero as error:
        raise PaymentRefused(str(error), param="credits") from error
    return moved.entry


def _changed_plan(fact: Fact, account: CreditAccount) -> dict[str, Any]:
    """Puts a change of plan in force, unless a later one is: at once, with the balance as it is. The new allotment
    comes with the next period, and so does its length."""
    if not isinstance(fact, PlanChange):
        return {}
    was = {"plan": account.workspace.plan_id, "interval": account.interval}
    in_force = account.plan_changed_at is None or (account.plan_changed_at, account.plan_changed_by) < (
        fact.happened_at,
        fact.reference,
    )
    if in_force:
        account.interval, account.plan_changed_at = fact.interval, fact.happened_at
        account.plan_changed_by = fact.reference
        Workspace.objects.filter(pk=account.pk).update(plan=fact.plan, updated_at=timezone.now())
        account.workspace.plan_id = fact.plan
    return {"was": was, "in_force": in_force, "happened_at": fact.happened_at.isoformat()}


def _check_credits(number: int) -> None:
    if not 1 <= number <= MAX_CREDITS:
        raise PaymentRefused(f"The number of credits is 1 to {MAX_CREDITS:,}.", param="credits")
