"""`manage.py open_workspace NAME --plan growth`: a workspace from the command line."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.models import Plan
from billing.services import open_workspace


class Command(BaseCommand):
    help = "Open a workspace with its first period's credits and print its id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--plan", default="free")
        parser.add_argument("--interval", choices=["month", "year"], default="month", help="how long a period is")
        parser.add_argument("--time-zone", default="UTC", help="where its billing day begins at midnight")
        parser.add_argument("--owner", metavar="USERNAME", help="its first member")

    def handle(self, *, name: str, owner: str | None, **options: Any) -> None:
        given = {option: options[option] for option in ("plan", "interval", "time_zone")}
        try:
            user = User.objects.get(username=owner) if owner else None
            self.stdout.write(open_workspace(name=name, owner=user, **given).pk)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no user {owner!r}.") from error
        except Plan.DoesNotExist as error:
            raise CommandError(f"There is no plan {given['plan']!r}.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
