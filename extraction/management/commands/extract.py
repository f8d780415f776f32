"""`manage.py extract FILE...`: documents to JSON, without a database."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from extraction.reading import read_document
from extraction.services import service_options
from extraction.worker import extract_isolated


class Command(BaseCommand):
    help = "Read documents and print what the API would answer, one JSON object for each."
    stealth_options = ("run",)  # call_command(..., run=) reads with another engine
    requires_system_checks: list[str] = []  # nothing here touches the database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--jsonl", action="store_true", help="one line for each document")
        parser.add_argument("--explain", action="store_true", help="with labels and rejected candidates")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="documents at once (default: cores)")

    def handle(self, *, files: list[Path], jsonl: bool, explain: bool, jobs: int, **options: Any) -> None:
        if jobs < 1:
            raise CommandError("--jobs must be at least 1")
        read = partial(
            read_document,
            options=service_options(explain=explain),
            run=options.get("run") or extract_isolated,
        )
        for answer in _in_order(read, files, jobs):
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=None if jsonl else 2))
            self.stdout.flush()


def _in_order(read: Any, files: list[Path], jobs: int) -> Iterator[dict[str, Any]]:
    """Each answer as soon as it and all before it are there."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(read, files)
