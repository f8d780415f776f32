"""What the commands about a workspace have in common."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db.models import Q

from billing.models import Workspace


def the_workspace(id_or_name: str) -> Workspace:
    """The one workspace meant. Raises CommandError."""
    try:
        return Workspace.objects.select_related("plan").get(Q(pk=id_or_name) | Q(name=id_or_name))
    except Workspace.DoesNotExist:
        raise CommandError(f"There is no workspace {id_or_name!r}.") from None
    except Workspace.MultipleObjectsReturned:
        raise CommandError(f"Several workspaces are called {id_or_name!r}: name one by its id (wsp_…).") from None
