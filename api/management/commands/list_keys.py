"""`manage.py list_keys --workspace …`: the keys of a workspace, as far as they are known here."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from api.models import ApiKey
from billing.management.workspaces import the_workspace


class Command(BaseCommand):
    help = "List a workspace's API keys, one a line, the newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="its id (wsp_…) or its exact name")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = the_workspace(options["workspace"])
        for key in ApiKey.objects.filter(workspace=workspace).order_by("-pk"):
            self.stdout.write("  ".join([key.pk, key.hint, key.state(timezone.now()), key.name, *details(key)]))


def details(key: ApiKey) -> list[str]:
    """What narrows the key, and when it was used."""
    used = f"used {key.last_used_at:%Y-%m-%d %H:%M}Z" if key.last_used_at else "never used"
    networks = [f"from {' '.join(key.allowed_ips)}"] if key.allowed_ips else []
    expiry = [f"expires {key.expires_at:%Y-%m-%d %H:%M}Z"] if key.expires_at else []
    return [used, f"may {' '.join(key.scopes)}", *networks, *expiry]
