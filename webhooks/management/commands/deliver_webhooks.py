"""Deliver events to webhook endpoints until told to stop."""

import asyncio
import signal
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand

from webhooks.deliverer import Deliverer

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Deliver events to webhook endpoints until SIGTERM or Ctrl-C. Any number of these may run, on any machines."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION and settings.EMAIL_BACKEND.endswith(".console.EmailBackend"):
            log.warning("mails_are_only_printed", hint="name a mail server in EMAIL_URL")
        asyncio.run(deliver())


async def deliver() -> None:
    """Run one deliverer; the signals end it in order."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await Deliverer(stop=stop).run()
