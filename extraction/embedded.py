"""The embedded worker: threads that poll the job rows, where no broker wakes anybody."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from extraction import jobs, orphans
from extraction.worker import Run, work_once

log = structlog.get_logger(__name__)

SWEEP_S = 5
ORPHANS_S = timedelta(hours=1).total_seconds()


def run_workers(*, concurrency: int, stop: threading.Event, run: Run | None = None) -> None:
    """Read documents until `stop` is set; those begun are finished first. Blocks."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    threads = [
        threading.Thread(target=_work, args=(f"{name}:{number}", stop, run), name=f"worker-{number}")
        for number in range(concurrency)
    ]
    threads.append(threading.Thread(target=_sweep, args=(stop,), name="sweeper"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work(worker: str, stop: threading.Event, run: Run | None) -> None:
    while not stop.is_set():
        if not _guarded(lambda: work_once(worker=worker, run=run)):
            stop.wait(settings.WORKER_POLL_S)
    connection.close()


def _sweep(stop: threading.Event) -> None:
    files_due = time.monotonic()
    while not stop.is_set():
        _guarded(lambda: jobs.sweep(now=timezone.now()))
        if time.monotonic() >= files_due:
            _guarded(lambda: orphans.sweep_orphan_files(now=timezone.now()))
            files_due = time.monotonic() + ORPHANS_S
        stop.wait(SWEEP_S)
    connection.close()


def _guarded(turn: Callable[[], int]) -> int:
    """One turn. A database that is away for a while must not end the worker: logged, and tried again."""
    close_old_connections()
    try:
        return turn()
    except Exception:
        log.exception("worker_turn_failed")
        return 0
