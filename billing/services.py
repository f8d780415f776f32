"""What happens to workspaces."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from billing import credits
from billing.models import CreditAccount, Membership, Plan, Workspace
from billing.periods import begins_at


@transaction.atomic
def open_workspace(
    *,
    name: str,
    owner: User | None = None,
    plan: str = "free",
    interval: str = CreditAccount.Interval.MONTH,
    time_zone: str = "UTC",
) -> Workspace:
    """A workspace on the plan of that code, with `owner` as its first member and its first period's credits.

    Raises Plan.DoesNotExist, ValidationError for an unknown time zone.
    """
    check_time_zone(time_zone)
    workspace = Workspace.objects.create(name=name, plan=Plan.objects.get(code=plan), time_zone=time_zone)
    if owner is not None:
        Membership.objects.create(workspace=workspace, user=owner, role=Membership.Role.OWNER)
    credits.open_account(workspace=workspace, interval=interval)
    return workspace


@transaction.atomic
def set_time_zone(*, workspace: Workspace, time_zone: str) -> None:
    """Billing days begin at midnight there from now on. The days themselves stay, so no period begins twice.

    Raises ValidationError.
    """
    check_time_zone(time_zone)
    account = credits.lock_account(workspace)
    Workspace.objects.filter(pk=workspace.pk).update(time_zone=time_zone)
    workspace.time_zone = time_zone
    account.resets_at = begins_at(account.renews_on, time_zone)
    account.save(update_fields=["resets_at", "updated_at"])


def check_time_zone(name: str) -> None:
    """Raises ValidationError for what is no time zone."""
    if name not in available_timezones():
        raise ValidationError({"time_zone": "Name a time zone like Europe/Berlin."})
