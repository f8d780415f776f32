"""The adapter of the payments port that is a person: staff, by the admin or from the command line."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from billing.models import CreditAccount, CreditEntry, Workspace
from billing.payments import Adjustment, Grant, PlanChange, TopUp, apply
from invorec.lib.ids import new_id


def top_up(*, workspace: Workspace, credits: int, actor: str, reason: str, reference: str = "") -> CreditEntry:
    """Credits that never lapse, by whom and why. `reference`: the payment, where there is one; without it each call is
    a new fact. Raises PaymentRefused.
    """
    fact = TopUp(workspace=workspace, credits=credits, reference=_named(reference), actor=actor, reason=reason)
    return apply(fact)


def grant(*, workspace: Workspace, credits: int, actor: str, reason: str, reference: str = "") -> CreditEntry:
    """Credits for this period. As `top_up`."""
    fact = Grant(workspace=workspace, credits=credits, reference=_named(reference), actor=actor, reason=reason)
    return apply(fact)


def adjust(
    *, workspace: Workspace, subscription: int = 0, top_up: int = 0, actor: str, reason: str, reference: str = ""
) -> CreditEntry:
    """A correction of either balance, up or down. As `top_up`."""
    fact = Adjustment(
        workspace=workspace,
        subscription=subscription,
        top_up=top_up,
        reference=_named(reference),
        actor=actor,
        reason=reason,
    )
    return apply(fact)


def change_plan(
    *,
    workspace: Workspace,
    plan: str,
    interval: str | None = None,
    actor: str,
    reason: str,
    reference: str = "",
    happened_at: datetime | None = None,
) -> CreditEntry:
    """Another plan, or other periods (`interval` None: as they are), since now or `happened_at`. As `top_up`."""
    fact = PlanChange(
        workspace=workspace,
        plan=plan,
        interval=interval or CreditAccount.objects.get(pk=workspace.pk).interval,
        happened_at=happened_at or timezone.now(),
        reference=_named(reference),
        actor=actor,
        reason=reason,
    )
    return apply(fact)


def _named(reference: str) -> str:
    return reference.strip() or f"manual:{new_id('pay')}"
