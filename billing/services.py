"""What happens to workspaces."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from billing.models import Membership, Plan, Workspace


@transaction.atomic
def open_workspace(*, name: str, owner: User | None = None, plan: str = "free") -> Workspace:
    """A workspace on the plan of that code, with `owner` as its first member. Raises Plan.DoesNotExist."""
    workspace = Workspace.objects.create(name=name, plan=Plan.objects.get(code=plan))
    if owner is not None:
        Membership.objects.create(workspace=workspace, user=owner, role=Membership.Role.OWNER)
    return workspace
