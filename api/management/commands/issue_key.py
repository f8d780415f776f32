"""`manage.py issue_key --workspace … --mode test`: an API key from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date, parse_datetime

from api.models import SCOPES
from api.services import issue_key
from billing.management.workspaces import the_workspace


class Command(BaseCommand):
    help = "Issue an API key and print it, this once, on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="its id (wsp_…) or its exact name")
        parser.add_argument("--mode", required=True, choices=["live", "test"])
        parser.add_argument("--name", default="Command line")
        parser.add_argument("--scopes", nargs="+", default=SCOPES, metavar="SCOPE", help="default: all")
        parser.add_argument(
            "--expires", metavar="WHEN", help="2027-01-31 (through the end of that day, UTC) or 2027-01-31T12:00:00Z"
        )
        parser.add_argument(
            "--ip", dest="allowed_ips", nargs="+", default=(), metavar="CIDR",
            help="networks or addresses that it may be used from; default: from anywhere",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _, token = issue_key(
                workspace=the_workspace(options["workspace"]),
                livemode=options["mode"] == "live",
                name=options["name"],
                scopes=options["scopes"],
                allowed_ips=options["allowed_ips"],
                expires_at=moment(options["expires"]) if options["expires"] else None,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        self.stdout.write(token)


def moment(text: str) -> datetime:
    """The moment that a day ends or that is given exactly; without an offset it is UTC. Raises CommandError."""
    try:
        if day := parse_date(text):
            return datetime.combine(day, time.max, tzinfo=UTC)
        exact = parse_datetime(text)
    except ValueError:
        exact = None
    if exact is None:
        raise CommandError(f"{text!r} is neither a day (2027-01-31) nor a moment (2027-01-31T12:00:00Z).")
    return exact if exact.tzinfo else exact.replace(tzinfo=UTC)
