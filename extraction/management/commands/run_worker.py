"""`manage.py run_worker`: reads queued documents in this process; needs no broker."""

from __future__ import annotations

import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from extraction.embedded import run_workers


class Command(BaseCommand):
    help = "Read queued documents until stopped; SIGTERM and SIGINT finish the documents begun."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--concurrency", type=int, default=os.cpu_count() or 1, help="documents at once (default: cores)"
        )

    def handle(self, *, concurrency: int, **options: Any) -> None:
        if concurrency < 1:
            raise CommandError("--concurrency must be at least 1")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_workers(concurrency=concurrency, stop=stop)
