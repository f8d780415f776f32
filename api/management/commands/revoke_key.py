"""`manage.py revoke_key key_…`: ends an API key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.models import ApiKey
from api.services import revoke_key


class Command(BaseCommand):
    help = "Revoke API keys: their next request is refused. `list_keys` shows the ids."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="+", metavar="key_…")

    def handle(self, *args: Any, ids: list[str], **options: Any) -> None:
        keys = {key.pk: key for key in ApiKey.objects.filter(pk__in=ids).select_related("workspace")}
        if unknown := [key_id for key_id in ids if key_id not in keys]:
            raise CommandError(f"There is no key {', '.join(unknown)}. Nothing was revoked.")
        for key in keys.values():
            revoke_key(key=key)
            self.stdout.write(f"{key.pk} ({key.name}, {key.workspace.name}) is revoked.")
