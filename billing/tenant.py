"""Whose data: the one thing that querysets are scoped by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from billing.models import Workspace

M = TypeVar("M", bound=models.Model, covariant=True)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A workspace in one of its two worlds: live data or test data."""

    workspace: Workspace
    livemode: bool


class TenantQuerySet(models.QuerySet[M]):
    """Rows that belong to a workspace and a mode, by their own columns or (`owner`) through a foreign key."""

    owner = ""

    def visible_to(self, tenant: Tenant) -> Self:
        """The rows that this tenant may know of."""
        return self.filter(
            **{f"{self.owner}workspace": tenant.workspace, f"{self.owner}livemode": tenant.livemode},
        )
