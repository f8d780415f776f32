"""The embedded worker: threads that poll the job rows, where no broker wakes anybody."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from extraction import jobs
from extraction.models import ExtractionJob
from extraction.worker import Run, work_once

log = structlog.get_logger(__name__)

HOST = socket.gethostname()
SWEEP_S = 5


def run_workers(*, concurrency: int, stop: threading.Event, run: Run | None = None) -> None:
    """Read documents until `stop` is set; those begun are finished first. Blocks."""
    threads = [
        threading.Thread(target=_work, args=(f"{HOST}:{os.getpid()}:{number}", stop, run), name=f"worker-{number}")
        for number in range(concurrency)
    ]
    threads.append(threading.Thread(target=_sweep, args=(stop,), name="sweeper"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def expire_dead_workers(*, now: datetime) -> int:
    """End the leases of embedded workers of this machine whose process is gone: after a crash and a restart nobody
    waits for them to run out. Where two machines share a name a live one may lose its job, which costs a second
    reading and nothing else. Returns how many leases were ended.
    """
    ended = 0
    for job in ExtractionJob.objects.filter(status=ExtractionJob.Status.RUNNING, worker__startswith=f"{HOST}:"):
        if not _is_alive(job.worker):
            held = ExtractionJob.objects.filter(pk=job.pk, generation=job.generation, status=job.status)
            ended += held.update(lease_expires_at=now - timedelta(seconds=1), updated_at=now)
    return ended


def _is_alive(worker: str) -> bool:
    """Whether the process of an embedded worker (`host:pid:thread`) exists."""
    try:
        os.kill(int(worker.rsplit(":", 2)[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _work(worker: str, stop: threading.Event, run: Run | None) -> None:
    while not stop.is_set():
        if not _guarded(lambda: work_once(worker=worker, run=run)):
            stop.wait(settings.WORKER_POLL_S)
    connection.close()


def _sweep(stop: threading.Event) -> None:
    due: dict[str, float] = {}
    while not stop.is_set():
        _guarded(lambda: expire_dead_workers(now=timezone.now()))
        _guarded(lambda: jobs.sweep(now=timezone.now()))
        _beat(due)
        stop.wait(SWEEP_S)
    connection.close()


def _beat(due: dict[str, float]) -> None:
    """Do what Celery's beat would have a worker do now; `due` keeps when each task is next (monotonic clock)."""
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    for entry in schedule.values():
        now = time.monotonic()
        if now >= due.get(entry["task"], now):
            due[entry["task"]] = now + entry["schedule"]
            _guarded(import_string(entry["task"]))


def _guarded(turn: Callable[[], int | None]) -> int:
    """One turn. A database that is away for a while must not end the worker: logged, and tried again."""
    close_old_connections()
    try:
        return turn() or 0
    except Exception:
        log.exception("worker_turn_failed")
        return 0
