"""`manage.py issue_key --workspace … --mode test`: an API key from the command line."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from api.models import SCOPES
from api.services import issue_key
from billing.models import Workspace


class Command(BaseCommand):
    help = "Issue an API key and print it, this once, on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="its id (wsp_…) or its exact name")
        parser.add_argument("--mode", required=True, choices=["live", "test"])
        parser.add_argument("--name", default="Command line")
        parser.add_argument("--scopes", nargs="+", default=SCOPES, metavar="SCOPE", help="default: all")
        parser.add_argument("--allowed-ips", nargs="+", default=(), metavar="CIDR", help="default: from anywhere")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _, token = issue_key(
                workspace=the_workspace(options["workspace"]),
                livemode=options["mode"] == "live",
                name=options["name"],
                scopes=options["scopes"],
                allowed_ips=options["allowed_ips"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        self.stdout.write(token)


def the_workspace(id_or_name: str) -> Workspace:
    """The one workspace meant. Raises CommandError."""
    try:
        return Workspace.objects.select_related("plan").get(Q(pk=id_or_name) | Q(name=id_or_name))
    except Workspace.DoesNotExist:
        raise CommandError(f"There is no workspace {id_or_name!r}.") from None
    except Workspace.MultipleObjectsReturned:
        raise CommandError(f"Several workspaces are called {id_or_name!r}: name one by its id (wsp_…).") from None
