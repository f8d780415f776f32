"""After a change of SECRET_KEY: encrypt the webhooks' secrets anew, so that the earlier key can be forgotten."""

from typing import Any

from django.core.management.base import BaseCommand

from webhooks.endpoints import reencrypt_secrets


class Command(BaseCommand):
    help = (
        "Encrypt webhook secrets with the present SECRET_KEY. Run it while SECRET_KEY_FALLBACKS names the earlier one."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reencrypt_secrets()} webhooks are encrypted with the present SECRET_KEY.")
